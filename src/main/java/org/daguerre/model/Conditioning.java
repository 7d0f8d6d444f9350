package org.daguerre.model;

import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/**
 * What a prompt became: on the host, since it is small and is remembered across requests and engines.
 *
 * @param context [length, width] text features for cross-attention
 * @param pooled  one vector for the whole text (SDXL), or an empty array
 * @param ids     token ids, 77 per chunk
 */
public record Conditioning(float[] context, int length, int width, float[] pooled, int[] ids) {

    /** All zeros, as SDXL base takes an absent negative prompt. */
    public Conditioning zeros() {
        return new Conditioning(new float[context.length], length, width, new float[pooled.length], ids);
    }

    /** [1, length, width] in the engine's type. */
    public Tensor upload(Ops ops) {
        return ops.scoped(o -> o.cast(o.upload(context, 1, length, width), o.type()));
    }

    public HostTensor contextTensor(String name) {
        return HostTensor.of(name, Shape.of(1, length, width), context);
    }

    public HostTensor pooledTensor(String name) {
        return HostTensor.of(name, Shape.of(1, pooled.length), pooled);
    }
}
