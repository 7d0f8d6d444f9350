package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Limits;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Sinusoids of timesteps. The angle t f_i reaches 1024 radians (SDXL embeds picture sizes) and is known in f32 to 2^-24
 * of that, a few units of which are 3e-4: PyTorch's own error, and the absolute limit here in F32.
 */
class TimestepEmbeddingTest {
    private static final float[] TIMES = {0, 1, 999, 500.5f, 123.25f, 1024, 37};

    private static Case embedding(int n, int dim) {
        return Case.of("[" + n + "] -> " + dim, s -> {
            float[] t = new float[n];
            for (int i = 0; i < n; i++) {
                t[i] = TIMES[(i + 2) % TIMES.length];
            }
            return s.ops().timestepEmbedding(s.ops().upload(t, n), dim);
        }).within(Limits.DEFAULT.withAbsolute(3e-4));
    }

    @TestFactory
    Stream<DynamicTest> sizes() {
        List<Case> cases = new ArrayList<>();
        for (int dim : List.of(2, 6, 30, 32, 34, 254, 256, 258, 320)) {
            cases.add(embedding(1, dim));
            cases.add(embedding(7, dim));
        }
        return Comparison.tests(cases);
    }
}
