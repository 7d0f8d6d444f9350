/** Stable Diffusion 1.x: CLIP ViT-L/14, last layer. */
package org.daguerre.model.sd1;
