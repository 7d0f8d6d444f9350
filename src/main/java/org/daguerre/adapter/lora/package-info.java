/**
 * Changes of weights: LoRA (Hu et al. 2021, arXiv:2106.09685) with LoCon convolutions, LoHa, LoKr and full differences,
 * in the names of every trainer. {@link org.daguerre.adapter.lora.Lora} reads a file, {@link
 * org.daguerre.adapter.lora.LoraMerger} puts several into a model and takes them out again.
 */
package org.daguerre.adapter.lora;
