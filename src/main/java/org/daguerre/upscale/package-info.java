/**
 * Enlarging finished pictures with networks of the ESRGAN family (Wang et al. 2018, arXiv:1809.00219; 2021,
 * arXiv:2107.10833). {@link org.daguerre.upscale.TiledUpscaler} takes pictures of any size, {@link
 * org.daguerre.upscale.UpscalerNet} is the network, of one of two kinds.
 */
package org.daguerre.upscale;
