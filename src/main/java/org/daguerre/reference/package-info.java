/**
 * The {@code java} engine: plain loops on float arrays with sums in double. It is the truth that tests compare the
 * other engines with, and the last resort where no native library could be built. Start with {@link
 * org.daguerre.reference.ReferenceBackend}, which owns the memory and hands each operation to one of three small
 * classes: {@code Layers} (products), {@code Norms} and {@code Pointwise} (everything else). Depends on {@code tensor}
 * only.
 */
package org.daguerre.reference;
