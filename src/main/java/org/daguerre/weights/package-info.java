/**
 * Model files, read as data: safetensors, torch pickles, sharded sets and diffusers directories.
 *
 * <p>Everything here is plain Java and bounds-checked; nothing in a file is ever executed and nothing is allocated that
 * the size of the file does not justify. A file that breaks its format is a {@link
 * org.daguerre.weights.CheckpointException}.
 *
 * <p>Start with {@link org.daguerre.weights.Checkpoints#open}; models read through {@link
 * org.daguerre.weights.Weights}, a view from one prefix that remembers what was read. Names are the diffusers names;
 * the original single-file names are translated by {@code weights.dialect}.
 */
package org.daguerre.weights;
