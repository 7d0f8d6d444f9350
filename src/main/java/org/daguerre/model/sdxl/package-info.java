/** Stable Diffusion XL base: two text encoders side by side, a pooled vector, and picture sizes as conditioning. */
package org.daguerre.model.sdxl;
