/**
 * The denoising U-Net of all families (Rombach et al. 2022; SDXL: Podell et al. 2023). {@link org.daguerre.unet.UNet} reads like the
 * paper: down, middle, up. {@link org.daguerre.unet.UNetConfig} has every difference between families as a number. The same encoder half
 * serves {@code control.ControlNet}. Depends on {@code nn}.
 */
package org.daguerre.unet;
