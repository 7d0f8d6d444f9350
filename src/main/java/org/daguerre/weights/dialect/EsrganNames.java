package org.daguerre.weights.dialect;

import java.util.Collection;

/** Old names of the upscaler RRDBNet: the numbered ones ({@code model.1.sub.0.RDB1}) and those of the first release. */
public final class EsrganNames {
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
        return names.any("RRDB_trunk.") ? firstRelease(names.count("RRDB_trunk."))
            : numbered(Math.max(0, names.count("model.1.sub.") - 1));
    }

    /** The numbered names of a network with this many blocks that enlarges four times. */
    public static NameTable numbered(int blocks) {
        NameTable t = NameTable.empty()
            .both("model.0", "conv_first")
            .both("model.1.sub." + blocks, "conv_body")
            .both("model.3", "conv_up1")
            .both("model.6", "conv_up2")
            .both("model.8", "conv_hr")
            .both("model.10", "conv_last");
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
