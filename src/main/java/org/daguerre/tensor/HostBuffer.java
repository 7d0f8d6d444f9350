package org.daguerre.tensor;

/**
 * Memory of the {@code java} engine: f32 values, or integers for token ids. Exactly one of the two arrays is non-empty.
 */
public record HostBuffer(float[] floats, int[] ints) implements Buffer {
    private static final float[] NO_FLOATS = {};
    private static final int[] NO_INTS = {};

    public static HostBuffer ofFloats(int count) {
        return new HostBuffer(new float[count], NO_INTS);
    }

    public static HostBuffer ofInts(int count) {
        return new HostBuffer(NO_FLOATS, new int[count]);
    }

    @Override
    public long bytes() {
        return 4L * (floats.length + ints.length);
    }
}
