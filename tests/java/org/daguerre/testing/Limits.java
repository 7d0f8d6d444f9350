package org.daguerre.testing;

/**
 * How far a result may be from the reference.
 *
 * @param absolute  F32: |a - b| &lt;= absolute * max(1, rms of b) + relative * |b|
 * @param relative  see {@code absolute}
 * @param factor    16-bit types: multiple of the error that rounding the reference's result makes
 * @param elements  16-bit types: |a - b| of each element, in units of rounding of |b| + rms of b
 */
public record Limits(double absolute, double relative, double factor, double elements) {
    public static final Limits DEFAULT = new Limits(1e-5, 1e-4, 2, 8);

    /** Nothing but one rounding to the type of the result: copies, and functions of one element. */
    public static final Limits ROUNDED = new Limits(1e-6, 1e-6, 1.1, 2);

    public Limits withAbsolute(double other) {
        return new Limits(other, relative, factor, elements);
    }
}
