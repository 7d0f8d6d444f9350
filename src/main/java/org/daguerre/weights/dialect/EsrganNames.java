package org.daguerre.weights.dialect;

import java.util.Collection;

/** Old names of the upscaler RRDBNet: the numbered ones ({@code model.1.sub.0.RDB1}) and those of the first release. */
public final class EsrganNames {
    private static final int MAX_DOUBLINGS = 4;

    private EsrganNames() {
    }

    /** Whether these are old names. */
    public static boolean isOld(Collection<String> all) {
        Names names = new Names(all);
        return names.any("model.1.sub.") || names.any("RRDB_trunk.");
    }

    /** The table for the old names given. */
    public static NameTable ofOriginal(Collection<String> all) {
        Names names = new Names(all);
        if (names.any("RRDB_trunk.")) {
            return firstRelease(names.count("RRDB_trunk."));
        }
        int doublings = MAX_DOUBLINGS;
        while (doublings > 0 && !names.any("model." + (3 * doublings + 4) + ".")) {
            doublings--;
        }
        return numbered(Math.max(0, names.count("model.1.sub.") - 1), doublings);
    }

    /**
     * The numbered names of a network.
     *
     * @param blocks    residual blocks
     * @param doublings how often it doubles the sides; each is three layers, of which the second has weights
     */
    public static NameTable numbered(int blocks, int doublings) {
        int end = 3 * doublings;
        NameTable t = NameTable.empty()
            .both("model.0", "conv_first")
            .both("model.1.sub." + blocks, "conv_body")
            .both("model." + (end + 2), "conv_hr")
            .both("model." + (end + 4), "conv_last");
        for (int i = 1; i <= doublings; i++) {
            t.both("model." + 3 * i, "conv_up" + i);
        }
        for (int b = 0; b < blocks; b++) {
            for (int d = 1; d <= 3; d++) {
                for (int c = 1; c <= 5; c++) {
                    t.both("model.1.sub." + b + ".RDB" + d + ".conv" + c + ".0",
                        "body." + b + ".rdb" + d + ".conv" + c);
                }
            }
        }
        return t;
    }

    private static NameTable firstRelease(int blocks) {
        NameTable t = NameTable.identity()
            .both("trunk_conv", "conv_body")
            .both("upconv1", "conv_up1")
            .both("upconv2", "conv_up2")
            .both("HRconv", "conv_hr");
        for (int b = 0; b < blocks; b++) {
            for (int d = 1; d <= 3; d++) {
                t.both("RRDB_trunk." + b + ".RDB" + d, "body." + b + ".rdb" + d);
            }
        }
        return t;
    }
}
