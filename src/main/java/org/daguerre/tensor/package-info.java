/**
 * What everything computes with: shapes, tensors, element types, and the two views of an engine. {@code Backend} is
 * what an engine implements, one method per operation of {@code kernels.h}; {@code Ops} is what model code uses: it
 * checks arguments, allocates results and frees them with their arena. Nothing here knows an engine or a model;
 * everything else may use it. Start with {@code Ops}.
 */
package org.daguerre.tensor;
