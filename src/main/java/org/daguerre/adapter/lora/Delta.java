package org.daguerre.adapter.lora;

/** A change of one weight seen as a matrix: rows are outputs, columns are inputs times kernel. */
interface Delta {
    int rows();

    long columns();

    /** Reads the numbers. */
    Rows open();

    /** A change in memory; several threads may add different rows at once. */
    interface Rows {
        /**
         * @param from  first row
         * @param to    behind the last row
         * @param scale multiplies the change
         * @param into  [to - from, columns]
         */
        void add(int from, int to, double scale, float[] into);
    }
}
