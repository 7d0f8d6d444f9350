package org.daguerre.reference;

/** The error function to double precision. */
final class Erf {
    private Erf() {
    }

    /**
     * Maclaurin series below 3 (Abramowitz and Stegun 7.1.6, all terms positive), continued fraction of erfc above
     * (7.1.14).
     */
    static double erf(double x) {
        double a = Math.abs(x);
        if (Double.isNaN(x)) {
            return x;
        }
        if (a > 6) {
            return Math.copySign(1, x);
        }
        return Math.copySign(a < 3 ? series(a) : 1 - continuedFraction(a), x);
    }

    /** 2/sqrt(pi) exp(-a^2) sum_n 2^n a^(2n+1) / (1 3 5 ... (2n+1)). */
    private static double series(double a) {
        double term = a;
        double sum = a;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * a * a / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-a * a) * sum;
    }

    /** exp(-a^2) / sqrt(pi) / (a + (1/2)/(a + 1/(a + (3/2)/(a + ...)))). */
    private static double continuedFraction(double a) {
        double f = a;
        for (int n = 60; n >= 1; n--) {
            f = a + n / 2.0 / f;
        }
        return Math.exp(-a * a) / Math.sqrt(Math.PI) / f;
    }
}
