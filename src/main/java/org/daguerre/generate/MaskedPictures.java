package org.daguerre.generate;

import org.daguerre.Request;
import org.daguerre.image.Image;
import org.daguerre.image.Masks;

/** Inpainting promises that what is not masked stays exactly as it was; the autoencoder alone would change it a little. */
final class MaskedPictures {
    private MaskedPictures() {
    }

    static Image keepUnmasked(Request request, Image picture) {
        return request.mask().isEmpty() || request.image().isEmpty() ? picture
            : Masks.composite(request.image().get(), picture, request.mask().get().toGrey());
    }
}
