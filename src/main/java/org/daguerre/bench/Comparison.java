package org.daguerre.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * One piece of work on an engine of ours and on a baseline.
 *
 * @param ours   milliseconds of our engine
 * @param theirs milliseconds of the baseline, empty where it has no such operation
 */
public record Comparison(Work work, double ours, OptionalDouble theirs) {

    /** Times all of {@code work} on both; {@code each} sees a result as soon as it is there. */
    public static List<Comparison> all(Baseline ours, Baseline theirs, Collection<Work> work, int repetitions,
        Consumer<Comparison> each) {
        List<Comparison> rows = new ArrayList<>();
        for (Work w : work) {
            Comparison row = of(ours, theirs, w, repetitions);
            rows.add(row);
            each.accept(row);
        }
        return rows;
    }

    /** Times one piece of work on both, one after the other. */
    public static Comparison of(Baseline ours, Baseline theirs, Work work, int repetitions) {
        double own = ours.milliseconds(work, repetitions).orElseThrow();
        return new Comparison(work, own, theirs.milliseconds(work, repetitions));
    }

    /** Their time over ours: above 1 we are faster. */
    public OptionalDouble ratio() {
        return theirs.isPresent() ? OptionalDouble.of(theirs.getAsDouble() / ours) : OptionalDouble.empty();
    }

    /** 10^12 operations of the definition per second on our engine. */
    public double teraflops() {
        return work.flops() / ours / 1e9;
    }
}
