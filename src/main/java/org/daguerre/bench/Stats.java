package org.daguerre.bench;

import java.util.Arrays;
import java.util.Collection;

/** Middle and ends of repeated measurements, in milliseconds. */
public record Stats(double median, double min, double max, int runs) {

    /** @throws IllegalArgumentException for no values */
    public static Stats of(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("statistics: expected at least one value, found none");
        }
        double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
        int n = sorted.length;
        double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        return new Stats(median, sorted[0], sorted[n - 1], n);
    }

    public static Stats of(double... values) {
        return of(Arrays.stream(values).boxed().toList());
    }
}
