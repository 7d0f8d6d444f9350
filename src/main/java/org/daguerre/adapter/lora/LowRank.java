package org.daguerre.adapter.lora;

import org.daguerre.tensor.HostTensor;

/**
 * LoRA: scale * up down (Hu et al. 2021, section 4.1). For a convolution {@code down} has the kernel and {@code up} is
 * 1x1 (LoCon), or a third tensor between them has the kernel.
 *
 * @param up   [out, r(, 1, 1)]
 * @param down [r, in(, kh, kw)], or [q, in(, 1, 1)] with {@code mid}
 * @param mid  [r, q, kh, kw] or null
 */
record LowRank(HostTensor up, HostTensor down, HostTensor mid, double scale) implements Delta {

    @Override
    public int rows() {
        return up.shape().dim(0);
    }

    private int rank() {
        return (mid == null ? down : mid).shape().dim(0);
    }

    @Override
    public long columns() {
        long taps = mid == null ? 1 : mid.shape().count() / mid.shape().dim(0) / mid.shape().dim(1);
        return down.shape().count() / down.shape().dim(0) * taps;
    }

    @Override
    public Rows open() {
        float[] right = mid == null ? down.toFloats() : Product.composed(mid, down);
        Product product = new Product(up.toFloats(), right, rows(), rank(), Math.toIntExact(columns()));
        return (from, to, factor, into) -> product.add(from, to, (float) (factor * scale), into);
    }
}
