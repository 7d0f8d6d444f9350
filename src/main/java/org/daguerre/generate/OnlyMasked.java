package org.daguerre.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.daguerre.Request;
import org.daguerre.Result;
import org.daguerre.Size;
import org.daguerre.image.Image;
import org.daguerre.image.Masks;
import org.daguerre.image.Region;
import org.daguerre.image.ResampleFilter;
import org.daguerre.image.Resize;

/**
 * "Only masked" inpainting as A1111 users know it: the masked region with some context is cut out, enlarged to the full size, repainted
 * there, and put back; everything else stays as it was.
 */
final class OnlyMasked {
    private OnlyMasked() {
    }

    static Result run(Request request, Size usual, Function<Request, Result> whole) {
        if (request.onlyMaskedPadding().isEmpty()) {
            return whole.apply(request);
        }
        Image picture = request.image().orElseThrow().toRgb();
        Image mask = request.mask().orElseThrow().toGrey();
        if (mask.width() != picture.width() || mask.height() != picture.height()) {
            mask = Resize.resample(mask, picture.width(), picture.height(), ResampleFilter.BILINEAR);
        }
        Size size = request.size().orElse(usual);
        Optional<Region> region = Masks.onlyMasked(mask, request.onlyMaskedPadding().get(), size.width(), size.height());
        if (region.isEmpty()) {
            throw new IllegalArgumentException("mask: expected something to repaint (white), found none");
        }
        Region r = region.get();
        Request inner = request.toBuilder().size(size.width(), size.height())
            .image(Resize.resample(picture.crop(r), size.width(), size.height(), ResampleFilter.LANCZOS))
            .mask(Resize.resample(mask.crop(r), size.width(), size.height(), ResampleFilter.BILINEAR)).build();
        Result result = whole.apply(inner);
        List<Result.Picture> pictures = new ArrayList<>();
        for (Result.Picture p : result.pictures()) {
            pictures.add(new Result.Picture(Masks.pasteBack(picture, p.pixels(), mask, r), p.seed(), p.parameters()));
        }
        return new Result(pictures, result.timings());
    }
}
