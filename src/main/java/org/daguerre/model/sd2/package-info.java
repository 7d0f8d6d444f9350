/** Stable Diffusion 2.x: OpenCLIP ViT-H/14, last layer but one (files come without the last one). */
package org.daguerre.model.sd2;
