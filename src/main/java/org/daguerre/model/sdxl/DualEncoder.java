package org.daguerre.model.sdxl;

import java.util.List;
import org.daguerre.model.Conditioning;
import org.daguerre.model.PromptEncoder;
import org.daguerre.model.PromptSettings;
import org.daguerre.model.TextConditioner;
import org.daguerre.tensor.Ops;

/**
 * CLIP ViT-L and OpenCLIP bigG side by side: features of the last layer but one without the final norm, joined on the feature axis;
 * the pooled vector is bigG's.
 *
 * @param zerosWhenAbsent whether an absent negative prompt is zeros instead of the encoding of an empty text
 */
record DualEncoder(PromptEncoder first, PromptEncoder second, boolean zerosWhenAbsent) implements TextConditioner {
    /** Layer as A1111 counts where the user names none. */
    private static final int DEFAULT_CLIP_SKIP = 2;

    @Override
    public Conditioning encode(Ops ops, String text, PromptSettings s) {
        int skip = (s.clipSkip() == 0 ? DEFAULT_CLIP_SKIP : s.clipSkip()) - 1;
        PromptEncoder.Features a = first.encode(ops, text, s, skip, false, false);
        PromptEncoder.Features b = second.encode(ops, text, s, skip, false, true);
        int wa = first.encoder().config().width();
        int wb = second.encoder().config().width();
        float[] joined = new float[a.length() * (wa + wb)];
        for (int i = 0; i < a.length(); i++) {
            System.arraycopy(a.hidden(), i * wa, joined, i * (wa + wb), wa);
            System.arraycopy(b.hidden(), i * wb, joined, i * (wa + wb) + wa, wb);
        }
        return new Conditioning(joined, a.length(), wa + wb, b.pooled(), a.ids());
    }

    @Override
    public Conditioning absent(Ops ops, PromptSettings s) {
        Conditioning empty = encode(ops, "", s);
        return zerosWhenAbsent ? empty.zeros() : empty;
    }

    @Override
    public List<PromptEncoder> encoders() {
        return List.of(first, second);
    }
}
