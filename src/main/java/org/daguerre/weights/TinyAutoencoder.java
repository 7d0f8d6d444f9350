package org.daguerre.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.daguerre.weights.dialect.TaesdNames;

/**
 * Opens the tiny autoencoder TAESD (and TAESDXL) under its diffusers names, {@code encoder.layers.N} and {@code
 * decoder.layers.N}. It is published as one diffusers file or as two files, one per half, with bare layer numbers.
 */
public final class TinyAutoencoder {
    private static final Pattern HALF = Pattern.compile("(?i).*taesd.*(encoder|decoder).*\\.(safetensors|pth|pt)");

    private TinyAutoencoder() {
    }

    /** Whether this is a tiny autoencoder or one half of it. */
    public static boolean matches(Checkpoint file) {
        return isComplete(file) || isHalf(file, "0") || isHalf(file, "1");
    }

    private static boolean isComplete(Checkpoint file) {
        return file.has("decoder.layers.0.weight") || file.has("encoder.layers.0.weight");
    }

    /**
     * The encoder file begins with layer 0, the decoder file with layer 1; both continue with blocks of three
     * convolutions.
     */
    private static boolean isHalf(Checkpoint file, String first) {
        return file.has(first + ".weight") && file.shape(first + ".weight").rank() == 4
            && file.has("3.conv.0.weight") && (first.equals("0") || !file.has("0.weight"));
    }

    /**
     * Opens a file or a folder. Of an original half the other half is taken too if it lies next to it, which is when
     * its name differs by "encoder" and "decoder" only.
     *
     * @throws CheckpointException if this is no tiny autoencoder
     */
    public static Checkpoint open(Path path) {
        if (Files.isDirectory(path)) {
            ComponentDirectory folder = ComponentDirectory.open(path);
            return folder.weightsFile().isPresent() ? open(folder.weightsFile().get()) : openHalves(halvesIn(path));
        }
        Checkpoint file = Checkpoints.open(path);
        if (isComplete(file)) {
            return file;
        }
        file.close();
        List<Path> halves = new ArrayList<>(List.of(path));
        String name = path.getFileName().toString();
        String other = name.contains("encoder") ? name.replace("encoder", "decoder")
            : name.replace("decoder", "encoder");
        if (!other.equals(name) && Files.isRegularFile(path.resolveSibling(other))) {
            halves.add(path.resolveSibling(other));
        }
        return openHalves(halves);
    }

    private static List<Path> halvesIn(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> halves = files.filter(Files::isRegularFile)
                .filter(f -> HALF.matcher(f.getFileName().toString()).matches()).sorted().toList();
            if (halves.isEmpty()) {
                throw CheckpointException.of(folder, "a tiny autoencoder", "no such file");
            }
            return halves;
        } catch (IOException e) {
            throw CheckpointException.of(folder, "a readable folder", e.toString(), e);
        }
    }

    /** The configuration that follows from the layers of a tiny autoencoder opened here. */
    public static JsonConfig config(Checkpoint weights) {
        return JsonConfig.of(weights.source(), TinyVaeShapes.config(weights));
    }

    /** Opens encoder and decoder, in any order, as one; also only one of them. */
    public static Checkpoint openHalves(List<Path> files) {
        List<Checkpoint> views = new ArrayList<>();
        try {
            for (Path path : files) {
                Checkpoint file = Checkpoints.open(path);
                views.add(file);
                if (isHalf(file, "0")) {
                    views.set(views.size() - 1, TaesdNames.encoder().diffusersView(file, ""));
                } else if (isHalf(file, "1")) {
                    views.set(views.size() - 1, TaesdNames.decoder().diffusersView(file, ""));
                } else if (!isComplete(file)) {
                    throw CheckpointException.of(path, "a tiny autoencoder", "other tensors");
                }
            }
            return new JoinedCheckpoint(views);
        } catch (RuntimeException e) {
            views.forEach(Checkpoint::close);
            throw e;
        }
    }
}
