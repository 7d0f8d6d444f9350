package org.daguerre.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.daguerre.Control;
import org.daguerre.Request;
import org.daguerre.image.Canny;
import org.daguerre.image.Image;
import org.daguerre.image.ImageFiles;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** ControlNets with their pictures. */
final class ControlOptions {
    @ArgGroup(exclusive = false, multiplicity = "0..*")
    List<Unit> units = new ArrayList<>();

    /** One net. */
    static final class Unit {
        @Option(names = "--controlnet", required = true, paramLabel = "PATH[:SCALE]",
            description = "ControlNet, a file or diffusers folder, with the weight of its residuals.")
        String model;

        @ArgGroup(multiplicity = "1")
        Picture picture;

        @Option(names = "--control-interval", paramLabel = "A-B",
            description = "Work only within these fractions of the steps.")
        Interval interval; // null if absent: picocli cannot set an Optional in a repeated group

        @Option(names = "--control-mode", paramLabel = "MODE",
            description = "Whether the net or the prompt counts more: balanced (default), prompt, or control, which is "
                + "also called guess mode and works with an empty prompt.")
        Control.Mode mode;
    }

    /** What it reads. */
    static final class Picture {
        @Option(names = "--control-image", paramLabel = "FILE", required = true,
            description = "What the net was trained to read: edges, depth, pose, ...")
        Path image;

        @Option(names = "--control-canny", paramLabel = "FILE", required = true,
            description = "A picture whose edges (Canny, thresholds 100 and 200) the net reads.")
        Path canny;

        Image read() throws IOException {
            return image != null ? ImageFiles.read(image) : Canny.standard().edges(ImageFiles.read(canny)).toRgb();
        }
    }

    void apply(Request.Builder b) throws IOException {
        for (Unit unit : units) {
            FileAndNumbers f = FileAndNumbers.parse(unit.model, 1);
            Interval when = unit.interval == null ? new Interval(0, 1) : unit.interval;
            Image image = unit.picture.read();
            Checks.check("--control-interval", () -> b.control(new Control(f.file(), image, f.number(0, 1),
                when.start(), when.end(), unit.mode == null ? Control.Mode.BALANCED : unit.mode)));
        }
    }
}
