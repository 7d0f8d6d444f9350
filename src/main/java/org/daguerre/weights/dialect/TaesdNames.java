package org.daguerre.weights.dialect;

/** Names of the tiny autoencoder, whose two halves are published as two files. */
public final class TaesdNames {
    private static final int LAYERS = 64;

    private TaesdNames() {
    }

    /** Layer numbers of the encoder file. */
    public static NameTable encoder() {
        NameTable t = NameTable.empty();
        for (int i = 0; i < LAYERS; i++) {
            t.both(Integer.toString(i), "encoder.layers." + i);
        }
        return t;
    }

    /** Layer numbers of the decoder file; its layer 0 is a clamp without weights. */
    public static NameTable decoder() {
        NameTable t = NameTable.empty();
        for (int i = 0; i < LAYERS; i++) {
            t.both(Integer.toString(i + 1), "decoder.layers." + i);
        }
        return t;
    }
}
