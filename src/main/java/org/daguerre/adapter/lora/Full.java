package org.daguerre.adapter.lora;

import org.daguerre.tensor.HostTensor;

/** The whole difference, [out, in(, kh, kw)]. */
record Full(HostTensor difference) implements Delta {
    @Override
    public int rows() {
        return difference.shape().dim(0);
    }

    @Override
    public long columns() {
        return difference.shape().count() / rows();
    }

    @Override
    public Rows open() {
        float[] d = difference.toFloats();
        int columns = Math.toIntExact(columns());
        return (from, to, scale, into) -> {
            for (int i = 0; i < into.length; i++) {
                into[i] += (float) scale * d[from * columns + i];
            }
        };
    }
}
