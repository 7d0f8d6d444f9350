/**
 * The layers that all networks are built of: records with a {@code load} and a {@code forward}. {@link org.daguerre.nn.Params} reads a
 * checkpoint's scope into an engine; {@link org.daguerre.nn.WeightSlot} remembers where each packed weight came from, so that adapters
 * (LoRA) can replace it and put it back. Depends on {@code tensor} and {@code weights}.
 */
package org.daguerre.nn;
