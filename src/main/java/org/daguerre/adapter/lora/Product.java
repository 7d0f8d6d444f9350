package org.daguerre.adapter.lora;

import org.daguerre.tensor.HostTensor;

/** A matrix [rows, rank] times a matrix [rank, columns]: the product that makes a low-rank change cheap to store. */
record Product(float[] left, float[] right, int rows, int rank, int columns) {
    /**
     * Columns that are worked on at once: four rows of the right matrix and a few of the result stay in the first
     * cache.
     */
    private static final int BLOCK = 1024;

    /** Adds {@code scale} times rows {@code from..to-1} to {@code into} [to - from, columns]. */
    void add(int from, int to, float scale, float[] into) {
        for (int c = 0; c < columns; c += BLOCK) {
            int width = Math.min(BLOCK, columns - c);
            for (int k = 0; k < rank; k += 4) {
                for (int row = from; row < to; row++) {
                    if (k + 4 <= rank) {
                        add4(row, k, c, width, scale, into, (row - from) * columns + c);
                    } else {
                        addRest(row, k, c, width, scale, into, (row - from) * columns + c);
                    }
                }
            }
        }
    }

    private void add4(int row, int k, int c, int width, float scale, float[] into, int at) {
        float a = scale * left[row * rank + k];
        float b = scale * left[row * rank + k + 1];
        float d = scale * left[row * rank + k + 2];
        float e = scale * left[row * rank + k + 3];
        int r0 = k * columns + c;
        int r1 = r0 + columns;
        int r2 = r1 + columns;
        int r3 = r2 + columns;
        for (int j = 0; j < width; j++) {
            into[at + j] += a * right[r0 + j] + b * right[r1 + j] + (d * right[r2 + j] + e * right[r3 + j]);
        }
    }

    private void addRest(int row, int first, int c, int width, float scale, float[] into, int at) {
        for (int k = first; k < rank; k++) {
            float a = scale * left[row * rank + k];
            int r = k * columns + c;
            for (int j = 0; j < width; j++) {
                into[at + j] += a * right[r + j];
            }
        }
    }

    /**
     * The right matrix of a convolution that was split once more: {@code mid} [r, q, kh, kw] after {@code down} [q, in]
     * gives [r, in * kh * kw].
     */
    static float[] composed(HostTensor mid, HostTensor down) {
        int outer = mid.shape().dim(0);
        int inner = mid.shape().dim(1);
        int taps = Math.toIntExact(mid.shape().count() / ((long) outer * inner));
        int in = Math.toIntExact(down.shape().count() / inner);
        float[] m = mid.toFloats();
        float[] d = down.toFloats();
        float[] out = new float[Math.toIntExact((long) outer * in * taps)];
        for (int o = 0; o < outer; o++) {
            for (int q = 0; q < inner; q++) {
                for (int i = 0; i < in; i++) {
                    float w = d[q * in + i];
                    for (int t = 0; t < taps; t++) {
                        out[(o * in + i) * taps + t] += m[(o * inner + q) * taps + t] * w;
                    }
                }
            }
        }
        return out;
    }

    /** [rows, columns] -> [columns, rows]. */
    static float[] transposed(float[] x, int rows, int columns) {
        float[] y = new float[x.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                y[c * rows + r] = x[r * columns + c];
            }
        }
        return y;
    }
}
