package org.daguerre.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.daguerre.Progress;
import org.daguerre.Upscaler;
import org.daguerre.image.AwtImages;
import org.daguerre.image.Image;
import org.daguerre.image.Interpolate;
import org.daguerre.image.PngWriter;

/** A bar with steps, steps per second and time left; a preview file; and the user's wish to stop. */
final class ProgressDisplay implements Predicate<Progress>, AutoCloseable {
    private static final int PIPED_INTERVAL_MS = 2000;
    /** About what the longer side of a preview is enlarged to. */
    private static final int PREVIEW_SIDE = 256;

    private final Console console;
    private final String task;
    private final boolean visible;
    private final Optional<Path> preview;
    private ProgressBar bar;

    ProgressDisplay(Console console, String task, boolean visible, Optional<Path> preview) {
        this.console = console;
        this.task = task;
        this.visible = visible;
        this.preview = preview;
    }

    @Override
    public boolean test(Progress p) {
        show(p.step(), p.steps(), " steps");
        preview.ifPresent(file -> write(file, p));
        return !console.cancelled().getAsBoolean();
    }

    /** The same for tiles. */
    boolean test(Upscaler.Tiles tiles) {
        show(tiles.done(), tiles.of(), " tiles");
        return !console.cancelled().getAsBoolean();
    }

    private void show(int done, int of, String unit) {
        if (visible) {
            if (bar == null || done == 1) {
                close();
                bar = open(of, unit);
            }
            bar.stepTo(done);
        }
    }

    private ProgressBar open(int steps, String unit) {
        ProgressBarBuilder b = new ProgressBarBuilder().setTaskName(task).setInitialMax(steps).setUnit(unit, 1)
            .showSpeed()
            .setStyle(Console.unicode() ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII);
        return console.errTerminal() ? b.setConsumer(new ConsoleProgressBarConsumer(console.err(), Console.WIDTH - 1))
            .build()
            : b.setUpdateIntervalMillis(PIPED_INTERVAL_MS)
                .setConsumer(new DelegatingProgressBarConsumer(console.err()::println, Console.WIDTH - 1)).build();
    }

    private static void write(Path file, Progress p) {
        try {
            Image state = AwtImages.fromBuffered(p.preview().render(0));
            int larger = Math.max(1, PREVIEW_SIDE / Math.max(state.width(), state.height()));
            PngWriter.write(file, Interpolate.bilinear(state, larger * state.width(), larger * state.height(), false), Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
