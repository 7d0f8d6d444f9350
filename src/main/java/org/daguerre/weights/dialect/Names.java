package org.daguerre.weights.dialect;

import java.util.Collection;
import java.util.TreeSet;

/** Questions about a set of dotted names, to find out how many blocks a network has. */
final class Names {
    private final TreeSet<String> sorted = new TreeSet<>();

    /** The names that start with {@code prefix}, without it. */
    Names(Collection<String> names, String prefix) {
        for (String name : names) {
            if (name.startsWith(prefix)) {
                sorted.add(name.substring(prefix.length()));
            }
        }
    }

    Names(Collection<String> names) {
        this(names, "");
    }

    /** Whether any name starts so. */
    boolean any(String start) {
        String next = sorted.ceiling(start);
        return next != null && next.startsWith(start);
    }

    /** The number of {@code n} such that {@code START0., START1., ... START(n-1).} all occur. */
    int count(String start) {
        int n = 0;
        while (any(start + n + ".")) {
            n++;
        }
        return n;
    }
}
