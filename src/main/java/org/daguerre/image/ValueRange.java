package org.daguerre.image;

/** How a network sees brightness: black to white is [0, 1] or [-1, 1]. */
public enum ValueRange {
    UNIT,
    SIGNED;

    /** From this range to [0, 1]; not clamped. */
    public float toUnit(float v) {
        return this == UNIT ? v : v * 0.5f + 0.5f;
    }

    /** From [0, 1] to this range. */
    public float fromUnit(float v) {
        return this == UNIT ? v : v * 2f - 1f;
    }
}
