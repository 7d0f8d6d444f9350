package org.daguerre.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * {@code FILE[:NUMBER[:NUMBER]]}.
 *
 * @param numbers at most as many as were asked for
 */
record FileAndNumbers(Path file, List<Double> numbers) {

    /** What follows the last colons counts as a number only if it is one, since file names may hold colons. */
    static FileAndNumbers parse(String text, int most) {
        String rest = text;
        List<Double> numbers = new ArrayList<>();
        while (numbers.size() < most) {
            int colon = rest.lastIndexOf(':');
            if (colon <= 0 || !rest.substring(colon + 1).matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
                break;
            }
            numbers.add(Double.parseDouble(rest.substring(colon + 1)));
            rest = rest.substring(0, colon);
        }
        Collections.reverse(numbers);
        return new FileAndNumbers(Path.of(rest), List.copyOf(numbers));
    }

    double number(int i, double missing) {
        return i < numbers.size() ? numbers.get(i) : missing;
    }
}
