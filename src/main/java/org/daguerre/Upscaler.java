package org.daguerre;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.daguerre.backend.Engines;
import org.daguerre.image.AwtImages;
import org.daguerre.image.Image;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Ops;
import org.daguerre.upscale.TiledUpscaler;
import org.daguerre.upscale.UpscalerNet;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.SingleFile;
import org.daguerre.weights.Weights;

/**
 * A network of the ESRGAN family (Wang et al. 2018, arXiv:1809.00219), open for pictures. Works in overlapping tiles, so memory does not
 * grow with the picture. Thread-safe: pictures of several threads take turns.
 *
 * <pre>{@code
 * try (Upscaler upscaler = Upscaler.open(Path.of("RealESRGAN_x4plus.pth"))) {
 *     BufferedImage small = session.generate(Request.builder("a cat").build()).picture().toBufferedImage();
 *     BufferedImage large = upscaler.upscale(small);
 * }
 * }</pre>
 */
public final class Upscaler implements AutoCloseable {
    private static final String COMPONENT = "upscaler";

    private final ReentrantLock turn = new ReentrantLock(true);
    private final Engines.Choice engine;
    private final TiledUpscaler net;
    private volatile boolean closing;
    private boolean closed;

    /** How far a picture is: the tiles that are done, of how many. */
    public record Tiles(int done, int of) {
    }

    private Upscaler(Engines.Choice engine, TiledUpscaler net) {
        this.engine = engine;
        this.net = net;
    }

    /** A {@code .safetensors} or {@code .pth} file on the best engine of this machine; see {@link #open(Path, Daguerre.Builder, int)}. */
    public static Upscaler open(Path file) {
        return open(file, Daguerre.builder(), TiledUpscaler.TILE);
    }

    /**
     * @param options of which the device, the precision, the threads and the memory limit count
     * @param tile    side of a tile in pixels of the small picture, 17..16384; smaller ones need less memory
     * @throws CheckpointException                  if the file is broken or no network of the ESRGAN family
     * @throws org.daguerre.tensor.BackendException if the engine is not available
     */
    public static Upscaler open(Path file, Daguerre.Builder options, int tile) {
        if (tile <= TiledUpscaler.OVERLAP || tile > 16384) {
            throw new IllegalArgumentException("tile: expected " + (TiledUpscaler.OVERLAP + 1) + "..16384, found " + tile);
        }
        Engines.Choice engine = options.engine();
        try (SingleFile single = SingleFile.open(file)) {
            return new Upscaler(engine, load(engine.backend(), single, file, tile));
        } catch (RuntimeException e) {
            engine.backend().close();
            throw e;
        }
    }

    private static TiledUpscaler load(Backend backend, SingleFile single, Path file, int tile) {
        if (!single.has(COMPONENT)) {
            throw CheckpointException.of(file, "an upscaler of the ESRGAN family", single.recognition().kind().title());
        }
        Weights weights = Weights.of(single.weights(COMPONENT));
        TiledUpscaler net = new TiledUpscaler(UpscalerNet.load(Ops.on(backend), weights), tile, TiledUpscaler.OVERLAP, TiledUpscaler.MARGIN);
        Set<String> unused = weights.unused();
        if (!unused.isEmpty()) {
            net.close();
            throw CheckpointException.of(file, "weights of an upscaler only", "also " + unused);
        }
        return net;
    }

    /** How many times as wide and as high a picture becomes. */
    public int scale() {
        return net.scale();
    }

    /** What it runs on and why, in one line. */
    public String engine() {
        return engine.reason();
    }

    public BufferedImage upscale(BufferedImage picture) {
        return AwtImages.toBuffered(upscale(AwtImages.fromBuffered(picture), tiles -> true));
    }

    /**
     * The picture {@link #scale} times as large, RGB in 0..1.
     *
     * @param onTile told after each tile; false cancels, which leaves this usable
     * @throws CancellationException                if {@code onTile} cancelled or this was closed meanwhile
     * @throws org.daguerre.tensor.BackendException if the engine failed; after out of memory this stays usable
     * @throws IllegalStateException                if this is closed
     */
    public Image upscale(Image picture, Predicate<Tiles> onTile) {
        turn.lock();
        try {
            if (closing) {
                throw new IllegalStateException("upscaler: expected an open one, found it closed");
            }
            return net.upscale(picture, (done, of) -> {
                if (!onTile.test(new Tiles(done, of)) || closing) {
                    throw new CancellationException(closing ? "the upscaler was closed" : "cancelled");
                }
            });
        } finally {
            turn.unlock();
        }
    }

    /** Ends a running picture after its tile, then frees everything. Closing again does nothing. */
    @Override
    public void close() {
        closing = true;
        turn.lock();
        try {
            if (!closed) {
                closed = true;
                net.close();
                engine.backend().close();
            }
        } finally {
            turn.unlock();
        }
    }
}
