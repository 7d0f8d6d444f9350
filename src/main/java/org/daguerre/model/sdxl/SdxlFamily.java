package org.daguerre.model.sdxl;

import org.daguerre.model.ComponentLoader;
import org.daguerre.model.ModelFamily;
import org.daguerre.model.PictureSizes;
import org.daguerre.model.TextConditioner;
import org.daguerre.weights.Family;
import org.daguerre.weights.ModelDirectory;
import org.daguerre.weights.ModelSource;

/** SDXL base (Podell et al. 2023). */
public final class SdxlFamily implements ModelFamily {
    @Override
    public String name() {
        return "Stable Diffusion XL";
    }

    @Override
    public boolean matches(ModelSource source) {
        return source.family() == Family.SDXL || source.has("text_encoder") && source.has("text_encoder_2");
    }

    @Override
    public TextConditioner conditioner(ComponentLoader loader) {
        boolean zeros = !(loader.source() instanceof ModelDirectory d) || d.index().getBoolean("force_zeros_for_empty_prompt", true);
        return new DualEncoder(loader.promptEncoder("text_encoder", "tokenizer", -1),
            loader.promptEncoder("text_encoder_2", "tokenizer_2", 0), zeros);
    }

    @Override
    public double[] sizeIds(PictureSizes s, boolean negative) {
        return new double[] {s.originalHeight(), s.originalWidth(), s.cropY(), s.cropX(), s.targetHeight(), s.targetWidth()};
    }

    @Override
    public boolean autoencoderOverflowsHalf() {
        return true;
    }

    @Override
    public boolean xl() {
        return true;
    }
}
