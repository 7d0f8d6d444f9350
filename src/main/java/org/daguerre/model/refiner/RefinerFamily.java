package org.daguerre.model.refiner;

import java.util.Arrays;
import java.util.List;
import org.daguerre.model.ComponentLoader;
import org.daguerre.model.Conditioning;
import org.daguerre.model.ModelFamily;
import org.daguerre.model.PictureSizes;
import org.daguerre.model.PromptEncoder;
import org.daguerre.model.PromptSettings;
import org.daguerre.model.TextConditioner;
import org.daguerre.tensor.Ops;
import org.daguerre.weights.Family;
import org.daguerre.weights.ModelSource;

/** SDXL refiner (Podell et al. 2023, section 2.5). */
public final class RefinerFamily implements ModelFamily {
    private static final int DEFAULT_CLIP_SKIP = 2;

    @Override
    public String name() {
        return "Stable Diffusion XL refiner";
    }

    @Override
    public boolean matches(ModelSource source) {
        return source.family() == Family.SDXL_REFINER || source.has("text_encoder_2") && !source.has("text_encoder");
    }

    @Override
    public TextConditioner conditioner(ComponentLoader loader) {
        return new BigG(loader.promptEncoder("text_encoder_2", "tokenizer_2", 0));
    }

    @Override
    public double[] sizeIds(PictureSizes s, boolean negative) {
        return new double[] {s.originalHeight(), s.originalWidth(), s.cropY(), s.cropX(),
            negative ? s.aestheticNegative() : s.aesthetic()};
    }

    @Override
    public boolean autoencoderOverflowsHalf() {
        return true;
    }

    @Override
    public boolean xl() {
        return true;
    }

    private record BigG(PromptEncoder encoder) implements TextConditioner {
        @Override
        public Conditioning encode(Ops ops, String text, PromptSettings s) {
            int skip = (s.clipSkip() == 0 ? DEFAULT_CLIP_SKIP : s.clipSkip()) - 1;
            PromptEncoder.Features f = encoder.encode(ops, text, s, skip, false, true);
            return new Conditioning(f.hidden(), f.length(), encoder.encoder().config().width(), f.pooled(), f.ids());
        }

        @Override
        public Conditioning absent(Ops ops, PromptSettings s) {
            return encode(ops, "", s);
        }

        @Override
        public List<PromptEncoder> encoders() {
            return Arrays.asList(null, encoder);
        }
    }
}
