package org.daguerre.model.sd1;

import org.daguerre.model.ComponentLoader;
import org.daguerre.model.ModelFamily;
import org.daguerre.model.PictureSizes;
import org.daguerre.model.SingleEncoder;
import org.daguerre.model.TextConditioner;
import org.daguerre.weights.Family;
import org.daguerre.weights.ModelSource;

/** SD 1.x, and every other model with one text encoder and no size conditioning that is not SD 2. */
public final class Sd1Family implements ModelFamily {
    @Override
    public String name() {
        return "Stable Diffusion 1";
    }

    @Override
    public boolean matches(ModelSource source) {
        return source.family() == Family.SD1 || source.family() == Family.UNKNOWN && source.has("text_encoder")
            && !source.has("text_encoder_2");
    }

    @Override
    public TextConditioner conditioner(ComponentLoader loader) {
        return new SingleEncoder(loader.promptEncoder("text_encoder", "tokenizer", -1));
    }

    @Override
    public double[] sizeIds(PictureSizes sizes, boolean negative) {
        return new double[0];
    }
}
