package org.daguerre.cli;

import java.util.Optional;
import java.util.function.Consumer;

/** Names the option in the message of a value that was refused. */
final class Checks {
    private Checks() {
    }

    /** Passes a given value on. */
    static <T> void set(String option, Optional<T> value, Consumer<T> setter) {
        value.ifPresent(v -> check(option, () -> setter.accept(v)));
    }

    static void check(String option, Runnable action) {
        try {
            action.run();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            int at = message.indexOf("expected ");
            throw new IllegalArgumentException(option + ": " + (at < 0 ? message : message.substring(at)), e);
        }
    }
}
