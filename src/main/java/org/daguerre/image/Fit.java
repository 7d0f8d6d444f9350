package org.daguerre.image;

/** What to do when a picture and the wanted size differ in shape. */
public enum Fit {
    /** Scale each axis on its own. */
    STRETCH,
    /** Cover the wanted size, cut off what sticks out, keep the centre. */
    CROP,
    /** Fit inside, black bars around. */
    LETTERBOX,
    /** Fit inside, the bars repeat the edge pixels. */
    EXTEND
}
