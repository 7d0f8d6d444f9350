package org.daguerre.generate;

import java.util.Arrays;
import java.util.function.Function;
import org.daguerre.Request;
import org.daguerre.image.Image;
import org.daguerre.image.Masks;
import org.daguerre.model.Model;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Shape;
import org.daguerre.tensor.Tensor;

/** What a U-Net reads behind the latents: nothing, mask and masked picture (inpainting models), or depth. */
final class ExtraChannels {
    private enum Kind { NONE, INPAINT, DEPTH }

    private final Kind kind;
    private final Request request;
    private final StartLatents latents;
    private final Shape shape;

    private ExtraChannels(Kind kind, Request request, StartLatents latents, Shape shape) {
        this.kind = kind;
        this.request = request;
        this.latents = latents;
        this.shape = shape;
    }

    /** @throws IllegalArgumentException if the model needs a picture that the request does not have */
    static ExtraChannels of(Model model, Request request, StartLatents latents, Shape shape) {
        int extra = model.unet().config().inChannels() - shape.dim(3);
        Kind kind = switch (extra) {
            case 0 -> Kind.NONE;
            case 1 -> Kind.DEPTH;
            case 5 -> Kind.INPAINT;
            default -> throw new IllegalArgumentException("model: expected a U-Net with 4 (text), 5 (depth) or 9 (inpainting) input channels, "
                + "found " + model.unet().config().inChannels());
        };
        if (kind == Kind.DEPTH && request.image().isEmpty()) {
            throw new IllegalArgumentException("this model turns a picture and its depth into pictures: expected a start picture, found none");
        }
        return new ExtraChannels(kind, request, latents, shape);
    }

    /** Whether the mask is applied by blending latents. */
    boolean blends() {
        return request.mask().isPresent() && kind != Kind.INPAINT;
    }

    /** [N, h, w, k] in the activations' type, or null. */
    Tensor make(Ops parent, Function<Ops, Tensor> depth) {
        return switch (kind) {
            case NONE -> null;
            case INPAINT -> parent.scoped(this::inpainting);
            case DEPTH -> parent.scoped(ops -> repeat(ops, ops.cast(depth.apply(ops), ops.type())));
        };
    }

    /** Mask, then latents of the picture with mid-grey in the hole. Without a picture everything is repainted. */
    private Tensor inpainting(Ops ops) {
        int factor = latents.factor();
        Image picture = request.image().orElseGet(() -> Image.filled(3, shape.dim(1) * factor, shape.dim(2) * factor, 0.5f));
        Image mask = request.mask().map(m -> Masks.binarise(m.toGrey()))
            .orElseGet(() -> Image.filled(1, picture.height(), picture.width(), 1));
        float[] masked = picture.planes().clone();
        int pixels = picture.width() * picture.height();
        for (int i = 0; i < masked.length; i++) {
            masked[i] = mask.planes()[i % pixels] >= 0.5f ? 0.5f : masked[i];
        }
        Image hole = Image.of(3, picture.height(), picture.width(), masked);
        Tensor clean = latents.encode(hole, request.given().posteriorMasked());
        Image small = Masks.toLatent(mask, shape.dim(2), shape.dim(1));
        Tensor m = repeat(ops, ops.upload(small.planes(), 1, shape.dim(1), shape.dim(2), 1));
        return ops.cast(ops.concat(m, clean), ops.type());
    }

    private Tensor repeat(Ops ops, Tensor one) {
        if (one.dim(0) == shape.dim(0)) {
            return one;
        }
        Tensor[] copies = new Tensor[shape.dim(0)];
        Arrays.fill(copies, one);
        return ops.stack(copies);
    }
}
