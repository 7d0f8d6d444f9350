package org.daguerre.weights.torch;

import org.daguerre.tensor.DType;

/**
 * A block of numbers in the file that tensors are views of.
 *
 * @param key name of the block in the file
 * @param elements its length
 * @param start where the view of it that the pickle means begins, in elements
 */
record StorageRef(String key, DType dtype, long elements, long start) {
}
