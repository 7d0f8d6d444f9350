/**
 * Torch files ({@code .ckpt .pt .pth .bin}) read as data. Such a file is a pickle, which is a program; the machine here
 * runs only the part of it that builds dictionaries, lists, numbers, texts and references to tensors. A class that it
 * does not know becomes an inert object; one that could do harm is refused by name. Nothing is ever imported or called.
 *
 * <p>Start with {@link org.daguerre.weights.torch.TorchFile}.
 */
package org.daguerre.weights.torch;
