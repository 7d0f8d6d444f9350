package org.daguerre.bench;

import java.util.OptionalDouble;

/** Something that can be timed on a piece of {@link Work}: an engine of ours, or a vendor's library to compare with. */
public interface Baseline extends AutoCloseable {
    /** One line: what it is, with versions. */
    String description();

    /**
     * Mean time of one call when {@code repetitions} of them follow each other, after as much warming up.
     *
     * @return milliseconds, or nothing where this implementation has no such operation
     */
    OptionalDouble milliseconds(Work work, int repetitions);

    @Override
    void close();
}
