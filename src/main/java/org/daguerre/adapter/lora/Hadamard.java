package org.daguerre.adapter.lora;

import org.daguerre.tensor.HostTensor;

/**
 * LoHa (Hyeon-Woo et al. 2021, arXiv:2108.06098): scale * (w1a w1b) o (w2a w2b), element by element.
 *
 * @param first  first product
 * @param second second product
 */
record Hadamard(Factor first, Factor second, double scale) implements Delta {
    /**
     * One of the two products.
     *
     * @param a [out, r], or [r, out] with {@code t}
     * @param b [r, in * kh * kw], or [q, in] with {@code t}
     * @param t [r, q, kh, kw] or null
     */
    record Factor(HostTensor a, HostTensor b, HostTensor t) {
        int rows() {
            return a.shape().dim(t == null ? 0 : 1);
        }

        int rank() {
            return a.shape().dim(t == null ? 1 : 0);
        }

        long columns() {
            long taps = t == null ? 1 : t.shape().count() / t.shape().dim(0) / t.shape().dim(1);
            return b.shape().count() / b.shape().dim(0) * taps;
        }

        Product product() {
            float[] left = t == null ? a.toFloats() : Product.transposed(a.toFloats(), rank(), rows());
            return new Product(left, t == null ? b.toFloats() : Product.composed(t, b), rows(), rank(),
                Math.toIntExact(columns()));
        }
    }

    @Override
    public int rows() {
        return first.rows();
    }

    @Override
    public long columns() {
        return first.columns();
    }

    @Override
    public Rows open() {
        Product one = first.product();
        Product two = second.product();
        return (from, to, factor, into) -> {
            float[] x = new float[into.length];
            float[] y = new float[into.length];
            one.add(from, to, (float) (factor * scale), x);
            two.add(from, to, 1, y);
            for (int i = 0; i < into.length; i++) {
                into[i] += x[i] * y[i];
            }
        };
    }
}
