package org.daguerre.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Shapes, views and host tensors. */
class ShapeTest {

    @Test
    void countsAndDimensions() {
        Shape s = Shape.of(2, 3, 5);
        assertEquals(30, s.count());
        assertEquals(5, s.dim(-1));
        assertEquals(2, s.dim(-3));
        assertEquals("[2, 3, 5]", s.toString());
        assertEquals(1, Shape.of().count());
        assertEquals(0, Shape.of(4, 0).count());
    }

    @Test
    void isAValue() {
        int[] dims = {2, 3};
        Shape s = Shape.of(dims);
        dims[0] = 9;
        s.toArray()[1] = 9;
        assertEquals(Shape.of(2, 3), s);
        assertEquals(Shape.of(2, 3).hashCode(), s.hashCode());
        assertNotEquals(Shape.of(3, 2), s);
        assertNotEquals(Shape.of(2, 3, 1), s);
    }

    @Test
    void refusesWhatNoTensorCanHave() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -1)).getMessage().contains("-1"));
        int most = Integer.MAX_VALUE;
        assertTrue(assertThrows(IllegalArgumentException.class, () ->
            Shape.of(most, most, most)).getMessage().contains("too many"));
    }

    private static Tensor tensor(int... dims) {
        Shape shape = Shape.of(dims);
        return new Tensor(HostBuffer.ofFloats((int) shape.count()), 0, DType.F32, shape);
    }

    @Test
    void reshaping() {
        assertEquals(Shape.of(6, 4), tensor(2, 3, 4).reshape(-1, 4).shape());
        assertEquals(Shape.of(24), tensor(2, 3, 4).reshape(-1).shape());
        String message = assertThrows(IllegalArgumentException.class, () -> tensor(2, 3, 4).reshape(5, 5)).getMessage();
        assertTrue(message.contains("24") && message.contains("[5, 5]"), message);
        assertThrows(IllegalArgumentException.class, () -> tensor(2, 3).reshape(-1, 4));
    }

    @Test
    void rowViews() {
        Tensor x = tensor(4, 3, 2);
        Tensor rows = x.rows(1, 3).rows(1, 2);
        assertEquals(12, rows.offset());
        assertEquals(Shape.of(1, 3, 2), rows.shape());
        assertThrows(IllegalArgumentException.class, () -> x.rows(1, 5));
        assertThrows(IllegalArgumentException.class, () -> x.rows(-1, 2));
        assertThrows(IllegalArgumentException.class, () -> x.rows(3, 2));
    }

    @Test
    void columnViews() {
        Columns c = tensor(4, 3, 10).columns(2, 5);
        assertEquals(10, c.stride());
        for (int[] bad : new int[][] {{-1, 3}, {0, 0}, {6, 5}, {0, 11}, {1, Integer.MAX_VALUE}}) {
            assertThrows(IllegalArgumentException.class, () -> tensor(4, 10).columns(bad[0], bad[1]));
        }
    }

    @Test
    void hostTensors() {
        HostTensor t = HostTensor.of("t", Shape.of(2, 2), new float[] {1, 2.5f, -65504, 1e-7f});
        assertArrayEquals(new float[] {1, 2.5f, -65504, 0x1p-23f}, t.to(DType.F16).toFloats());
        assertEquals(DType.BF16, t.to(DType.BF16).dtype());
        assertEquals(Shape.of(4), t.reshape(Shape.of(4)).shape());
        assertThrows(IllegalArgumentException.class, () -> t.reshape(Shape.of(3)));
        assertThrows(IllegalArgumentException.class, () -> t.to(DType.I32));
        assertThrows(IllegalArgumentException.class, () ->
            new HostTensor("t", DType.F32, Shape.of(3), HostTensor.allocate(8)));
        assertThrows(IllegalArgumentException.class,
            () -> new HostTensor("t", DType.F32, Shape.of(2), ByteBuffer.allocate(8)));
    }

    @Test
    void replacingWeightsNeedsTheSameSizes() {
        PackedWeights a = new PackedWeights(PackedWeights.Kind.LINEAR, DType.F32, 4, 3, 0, 1, 1, "a");
        a.replaceWith(new PackedWeights(PackedWeights.Kind.LINEAR, DType.F32, 4, 3, 0, 1, 1, "b"));
        assertEquals("b", a.content());
        PackedWeights other = new PackedWeights(PackedWeights.Kind.LINEAR, DType.F32, 4, 2, 0, 1, 1, "c");
        assertThrows(IllegalArgumentException.class, () -> a.replaceWith(other));
        assertEquals("b", a.takeContent().content());
        assertThrows(IllegalStateException.class, a::content);
        assertEquals(2, new PackedWeights(PackedWeights.Kind.GEGLU, DType.F32, 4, 3, 0, 1, 1, "d").outChannels());
    }
}
