package org.daguerre.bench;

/**
 * One call of an operation that does most of a network's arithmetic, as its sizes alone. Bytes are those of 2-byte
 * activations.
 */
public sealed interface Work {
    int TYPE_BYTES = 2;

    /** Multiplications and additions of the definition, two for each product; padding of tiles does not count. */
    double flops();

    /** Least traffic to memory: every input and weight read once, every output written once. */
    double bytes();

    /** The operation's name in {@code kernels.h}: conv2d, linear or attention. */
    String operation();

    /** Sizes for people. */
    String label();

    /**
     * A convolution of x [N, H, W, C] (and x2 with C2 channels), enlarged to UH x UW, to [N, OH, OW, O].
     *
     * @param residual whether a tensor like the result is added
     */
    record Convolution(int n, int h, int w, int c, int c2, int uh, int uw, int oh, int ow, int o, int kh, int kw,
        int stride, int padTop,
                       int padLeft, boolean residual) implements Work {
        @Override
        public double flops() {
            return 2.0 * n * oh * ow * o * kh * kw * (c + c2);
        }

        @Override
        public double bytes() {
            double outputs = (double) n * oh * ow * o;
            return TYPE_BYTES * ((double) n * h * w * (c + c2) + (double) o * kh * kw * (c + c2)
                + outputs * (residual ? 2 : 1));
        }

        @Override
        public String operation() {
            return "conv2d";
        }

        @Override
        public String label() {
            String from = c2 == 0 ? "" + c : c + "+" + c2;
            return kh + "x" + kw + " " + from + " → " + o + ", " + n + " x " + oh + "x" + ow
                + (stride > 1 ? ", stride " + stride : "")
                + (uh != h || uw != w ? ", upsampled" : "") + (residual ? ", residual" : "");
        }
    }

    /** x [ROWS, K] times w [O, K] transposed; with {@code geglu} the result has O / 2 columns. */
    record Linear(long rows, int k, int o, boolean geglu, boolean residual) implements Work {
        @Override
        public double flops() {
            return 2.0 * rows * k * o;
        }

        @Override
        public double bytes() {
            double outputs = (double) rows * (geglu ? o / 2 : o);
            return TYPE_BYTES * ((double) rows * k + (double) o * k + outputs * (residual ? 2 : 1));
        }

        @Override
        public String operation() {
            return "linear";
        }

        @Override
        public String label() {
            return k + " → " + o + ", " + rows + " rows" + (geglu ? ", GEGLU" : "") + (residual ? ", residual" : "");
        }
    }

    /** softmax(q k^T) v for N sequences of LQ queries and LK keys, {@code heads} heads of size D. */
    record Attention(int n, int lq, int lk, int heads, int d, boolean causal) implements Work {
        @Override
        public double flops() {
            return 4.0 * n * heads * lq * lk * d * (causal ? 0.5 : 1);
        }

        @Override
        public double bytes() {
            return 2.0 * TYPE_BYTES * n * heads * d * ((double) lq + lk);
        }

        @Override
        public String operation() {
            return "attention";
        }

        @Override
        public String label() {
            return n + " x " + heads + " heads of " + d + ", " + lq + " queries, " + lk + " keys"
                + (causal ? ", causal" : "");
        }
    }

    /**
     * A normalisation of x [N, POSITIONS, C] over {@code groups} groups of channels and all positions of a picture
     * (group norm), or over the channels of each position (layer norm, one group).
     *
     * @param layer whether it is a layer norm
     */
    record Norm(boolean layer, int n, int positions, int c, int groups) implements Work {
        @Override
        public double flops() {
            return 8.0 * n * positions * c;
        }

        @Override
        public double bytes() {
            return 2.0 * TYPE_BYTES * n * positions * c;
        }

        @Override
        public String operation() {
            return layer ? "layer_norm" : "group_norm";
        }

        @Override
        public String label() {
            return n + " x " + positions + " positions of " + c + (layer ? "" : ", " + groups + " groups");
        }
    }
}
