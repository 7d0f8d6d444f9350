package org.daguerre.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An amount of memory: {@code 900M}, {@code 6G}, {@code 1.5GiB} or a number of bytes. */
record Bytes(long count) {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([KMGT]?)(?:I?B)?");

    static Bytes parse(String text) {
        Matcher m = FORM.matcher(text.trim().toUpperCase(Locale.ROOT));
        if (!m.matches()) {
            throw new IllegalArgumentException("expected an amount of memory such as 900M or 6G, found " + text);
        }
        double unit = Math.pow(1024, "KMGT".indexOf(m.group(2).isEmpty() ? "-" : m.group(2)) + 1);
        return new Bytes(Math.round(Double.parseDouble(m.group(1)) * unit));
    }

    /** For people: three digits and a unit. */
    static String show(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double x = bytes;
        int i = 0;
        while (x >= 1000 && i < units.length - 1) {
            x /= 1024;
            i++;
        }
        return String.format(Locale.ROOT, i == 0 || x >= 100 ? "%.0f %s" : "%.1f %s", x, units[i]);
    }
}
