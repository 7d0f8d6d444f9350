package org.daguerre.adapter;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;
import org.daguerre.weights.Checkpoint;
import org.daguerre.weights.CheckpointException;

/**
 * A word learned from pictures (Gal et al. 2022, arXiv:2208.01618): vectors that stand in a prompt where the word
 * stands. Reads A1111's {@code .pt} (old and new), diffusers' {@code learned_embeds}, {@code emb_params}, and SDXL's
 * {@code clip_l} with {@code clip_g}.
 */
public final class TextualInversion {
    private static final String NO_NAME = "*";

    private final Path file;
    private final String name;
    private final List<HostTensor> matrices;

    private TextualInversion(Path file, String name, List<HostTensor> matrices) {
        this.file = file;
        this.name = name;
        this.matrices = matrices;
    }

    /** @throws CheckpointException if this is no textual inversion */
    public static TextualInversion read(Checkpoint checkpoint) {
        Set<String> names = new TreeSet<>(checkpoint.names());
        for (String[] pair : new String[][] {{"clip_l", "clip_g"}, {"text_encoders_0", "text_encoders_1"}}) {
            if (names.equals(Set.of(pair))) {
                return of(checkpoint, NO_NAME, pair);
            }
        }
        if (names.size() != 1) {
            throw CheckpointException.of(checkpoint.source(), "a textual inversion: one matrix, or clip_l and clip_g",
                names.size() + " tensors" + (names.isEmpty() ? "" : ", " + names.iterator().next() + " among them"));
        }
        String only = names.iterator().next();
        boolean nameless = Set.of("emb_params", "clip_l", "clip_g").contains(only);
        return of(checkpoint, nameless ? NO_NAME : only, only);
    }

    private static TextualInversion of(Checkpoint checkpoint, String key, String... tensors) {
        List<HostTensor> matrices = List.of(tensors).stream().map(t -> matrix(checkpoint, t)).toList();
        if (matrices.get(0).shape().dim(0) != matrices.get(matrices.size() - 1).shape().dim(0)) {
            throw CheckpointException.of(checkpoint.source(), "as many vectors for each text encoder",
                matrices.toString());
        }
        Path file = checkpoint.source();
        String stem = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        String name = key.equals(NO_NAME) ? checkpoint.metadata().getOrDefault("name", stem) : key;
        return new TextualInversion(file, name.isBlank() ? stem : name, matrices);
    }

    private static HostTensor matrix(Checkpoint checkpoint, String name) {
        HostTensor t = checkpoint.tensor(name);
        Shape s = t.shape();
        if (s.rank() < 1 || s.rank() > 2 || s.count() == 0 || !t.dtype().isFloat()) {
            throw CheckpointException.of(checkpoint.source(), "one or more vectors as " + name, t.dtype() + " " + s);
        }
        return s.rank() == 2 ? t : t.reshape(Shape.of(1, s.dim(0)));
    }

    /** The word that the file itself gives, else the file's name. */
    public String name() {
        return name;
    }

    /** Number of vectors, which is the number of positions that the word takes in a prompt. */
    public int vectors() {
        return matrices.get(0).shape().dim(0);
    }

    /**
     * The vectors for one text encoder.
     *
     * @param encoder 0 for {@code text_encoder}, 1 for {@code text_encoder_2}
     * @param width   of that encoder
     * @return [vectors * width]
     * @throws CheckpointException if the word was learned for another model
     */
    public float[] forEncoder(int encoder, int width) {
        HostTensor t = matrices.get(matrices.size() == 1 ? 0 : encoder);
        if (t.shape().dim(1) != width) {
            throw CheckpointException.of(file, "vectors of width " + width + " for text encoder " + (encoder + 1),
                "width " + t.shape().dim(1) + "; is it for another model?");
        }
        return t.toFloats();
    }
}
