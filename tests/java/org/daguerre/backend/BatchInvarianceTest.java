package org.daguerre.backend;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Accuracy;
import org.daguerre.testing.GuardedBackend;
import org.daguerre.testing.Side;
import org.daguerre.testing.TestEngine;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A picture alone has the same bits as in a batch of four, at every place in the batch: "same seed, same picture"
 * whatever the batch. Checked bit for bit on every engine, for every operation that adds things up. Rows are given as
 * views into the batch.
 */
class BatchInvarianceTest {
    private static final int BATCH = 4;

    private static Map<String, int[]> shapes() {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("conv2d 3x3", new int[] {BATCH, 9, 8, 40});
        shapes.put("conv2d 3x3 of many channels", new int[] {BATCH, 4, 4, 320});
        shapes.put("conv2d 3x3 of 4 channels", new int[] {BATCH, 8, 8, 4});
        shapes.put("conv2d 1x1", new int[] {BATCH, 5, 7, 24});
        shapes.put("linear", new int[] {BATCH, 77, 96});
        shapes.put("linear of one row", new int[] {BATCH, 320});
        shapes.put("linear of many columns", new int[] {BATCH, 5, 2048});
        shapes.put("linear of many rows", new int[] {BATCH, 300, 64});
        shapes.put("geglu of one row", new int[] {BATCH, 320});
        shapes.put("geglu", new int[] {BATCH, 33, 40});
        shapes.put("attention 40", new int[] {BATCH, 65, 3 * 80});
        shapes.put("attention 160", new int[] {BATCH, 17, 3 * 160});
        shapes.put("causal attention", new int[] {BATCH, 77, 3 * 64});
        shapes.put("group norm", new int[] {BATCH, 9, 8, 64});
        shapes.put("group norm of many pixels", new int[] {BATCH, 40, 41, 32});
        shapes.put("group norm of odd groups", new int[] {BATCH, 5, 7, 15});
        shapes.put("layer norm", new int[] {BATCH, 13, 320});
        shapes.put("guidance", new int[] {BATCH, 8, 8, 4});
        shapes.put("guidance with rescale", new int[] {BATCH, 33, 32, 4});
        return shapes;
    }

    private static Tensor run(String operation, Side s, Tensor x) {
        int c = x.dim(-1);
        return switch (operation) {
            case "conv2d 3x3", "conv2d 3x3 of many channels", "conv2d 3x3 of 4 channels" ->
                s.ops().conv2d(x, s.conv2d(48, c, 0, 3, true));
            case "conv2d 1x1" -> s.ops().conv2d(x, s.conv2d(48, c, 0, 1, true));
            case "linear", "linear of one row", "linear of many columns", "linear of many rows" ->
                s.ops().linear(x, s.linear("w", 72, c, true, false));
            case "geglu", "geglu of one row" -> s.ops().linear(x, s.linear("w", 72, c, true, true));
            case "attention 40" -> attention(s, x, 2, false);
            case "attention 160" -> attention(s, x, 1, false);
            case "causal attention" -> attention(s, x, 1, true);
            case "group norm", "group norm of many pixels" -> norm(s, x, 16);
            case "group norm of odd groups" -> norm(s, x, 5);
            case "layer norm" -> s.ops().layerNorm(x, s.f32("w", Values.NORMAL, c), s.f32("b", Values.NORMAL, c),
                1e-5f);
            case "guidance" -> s.ops().guidance(x, s.ops().scale(x, -0.7), 7.5, 0);
            case "guidance with rescale" -> s.ops().guidance(x, s.ops().scale(x, -0.7), 7.5, 0.7);
            default -> throw new IllegalArgumentException(operation);
        };
    }

    private static Tensor attention(Side s, Tensor qkv, int heads, boolean causal) {
        int c = qkv.dim(-1) / 3;
        return s.ops().attention(qkv.columns(0, c), qkv.columns(c, c), qkv.columns(2 * c, c), heads, causal);
    }

    private static Tensor norm(Side s, Tensor x, int groups) {
        return s.ops().groupNorm(x, null, s.f32("w", Values.NORMAL, x.dim(-1)), s.f32("b", Values.NORMAL, x.dim(-1)),
            groups, 1e-5f,
            Activation.SILU);
    }

    @TestFactory
    Stream<DynamicTest> aloneAsInABatch() {
        return TestEngine.all().stream().flatMap(engine -> shapes().entrySet().stream()
            .map(e -> dynamicTest(engine + " " + e.getKey(), () -> check(engine, e.getKey(), e.getValue()))));
    }

    private static void check(TestEngine engine, String operation, int[] dims) {
        try (Backend backend = engine.open();
            Side side = new Side(GuardedBackend.around(backend), engine.type(), Values.NORMAL)) {
            Tensor x = side.input("x", dims);
            Tensor batch = run(operation, side, x);
            for (int n = 0; n < BATCH; n++) {
                Tensor alone = run(operation, side, x.rows(n, n + 1));
                Accuracy.same(engine + " " + operation + ", picture " + n, alone.shape(),
                    side.ops().download(batch.rows(n, n + 1)),
                    side.ops().download(alone));
            }
            Tensor two = run(operation, side, x.rows(1, 3));
            Accuracy.same(engine + " " + operation + ", pictures 1 and 2", two.shape(),
                side.ops().download(batch.rows(1, 3)),
                side.ops().download(two));
        }
    }
}
