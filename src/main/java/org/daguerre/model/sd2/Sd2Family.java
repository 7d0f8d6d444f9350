package org.daguerre.model.sd2;

import org.daguerre.model.ComponentLoader;
import org.daguerre.model.ModelFamily;
import org.daguerre.model.PictureSizes;
import org.daguerre.model.SingleEncoder;
import org.daguerre.model.TextConditioner;
import org.daguerre.weights.Family;
import org.daguerre.weights.ModelSource;

/** SD 2.x, 512 (epsilon) and 768 (v-prediction); which of the two is in the scheduler's configuration. */
public final class Sd2Family implements ModelFamily {
    /** OpenCLIP pads with id 0. */
    private static final int PAD = 0;

    @Override
    public String name() {
        return "Stable Diffusion 2";
    }

    @Override
    public boolean matches(ModelSource source) {
        return source.family() == Family.SD2;
    }

    @Override
    public TextConditioner conditioner(ComponentLoader loader) {
        return new SingleEncoder(loader.promptEncoder("text_encoder", "tokenizer", PAD));
    }

    @Override
    public double[] sizeIds(PictureSizes sizes, boolean negative) {
        return new double[0];
    }
}
