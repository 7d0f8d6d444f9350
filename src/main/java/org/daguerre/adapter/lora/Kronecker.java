package org.daguerre.adapter.lora;

import org.daguerre.tensor.HostTensor;

/**
 * LoKr (Yeh et al. 2023, arXiv:2309.14859): scale * w1 (x) w2, the Kronecker product; either factor may itself be a
 * low-rank product.
 *
 * @param first  [o1, i1]
 * @param second [o2, i2 * kh * kw]
 */
record Kronecker(Factor first, Factor second, double scale) implements Delta {
    /** A matrix as it is ({@code a} only), or a product as in {@link Hadamard.Factor}. */
    record Factor(HostTensor a, HostTensor b, HostTensor t) {
        private Hadamard.Factor product() {
            return new Hadamard.Factor(a, b, t);
        }

        int rows() {
            return b == null ? a.shape().dim(0) : product().rows();
        }

        long columns() {
            return b == null ? a.shape().count() / a.shape().dim(0) : product().columns();
        }

        float[] values() {
            if (b == null) {
                return a.toFloats();
            }
            Product p = product().product();
            float[] out = new float[Math.multiplyExact(p.rows(), p.columns())];
            p.add(0, p.rows(), 1, out);
            return out;
        }
    }

    @Override
    public int rows() {
        return Math.multiplyExact(first.rows(), second.rows());
    }

    @Override
    public long columns() {
        return first.columns() * second.columns();
    }

    @Override
    public Rows open() {
        float[] a = first.values();
        float[] b = second.values();
        int inner = second.rows();
        int i1 = Math.toIntExact(first.columns());
        int i2 = Math.toIntExact(second.columns());
        return (from, to, factor, into) -> {
            for (int row = from; row < to; row++) {
                for (int c = 0; c < i1; c++) {
                    float w = (float) (factor * scale * a[row / inner * i1 + c]);
                    int at = ((row - from) * i1 + c) * i2;
                    int source = row % inner * i2;
                    for (int j = 0; j < i2; j++) {
                        into[at + j] += w * b[source + j];
                    }
                }
            }
        };
    }
}
