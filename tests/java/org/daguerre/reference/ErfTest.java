package org.daguerre.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The error function against published values (Abramowitz and Stegun, tables 7.1 and 7.3). */
class ErfTest {

    @ParameterizedTest
    @CsvSource({"0, 0", "0.1, 0.1124629160182849", "0.5, 0.5204998778130465", "1, 0.8427007929497149",
        "1.5, 0.9661051464753108",
        "2, 0.9953222650189527", "2.5, 0.9995930479825550", "2.9999999, 0.9999779094890761", "3, 0.9999779095030014",
        "3.5, 0.9999992569016276", "4, 0.9999999845827421", "5, 0.9999999999984626", "6.5, 1"})
    void publishedValues(double x, double expected) {
        assertEquals(expected, Erf.erf(x), 2e-15);
        assertEquals(-expected, Erf.erf(-x), 2e-15);
    }

    @Test
    void smallNumbersKeepTheirDigits() {
        assertEquals(2 / Math.sqrt(Math.PI) * 1e-20, Erf.erf(1e-20), 1e-35);
    }

    /** The derivative is 2/sqrt(pi) exp(-x^2), across the seam of the two formulas at 3 too. */
    @Test
    void derivative() {
        for (double x = -5; x <= 5; x += 0.01) {
            double h = 1e-4;
            double slope = (Erf.erf(x + h) - Erf.erf(x - h)) / (2 * h);
            assertEquals(2 / Math.sqrt(Math.PI) * Math.exp(-x * x), slope, 1e-7, "at " + x);
        }
    }

    @Test
    void ends() {
        assertEquals(1, Erf.erf(Double.POSITIVE_INFINITY));
        assertEquals(-1, Erf.erf(Double.NEGATIVE_INFINITY));
        assertTrue(Double.isNaN(Erf.erf(Double.NaN)));
    }
}
