/**
 * Autoencoders between pictures and latents: the KL autoencoder of Stable Diffusion (Kingma and Welling 2014; Esser et al. 2021) and its
 * tiny stand-in TAESD, behind {@link org.daguerre.vae.Autoencoder}. Depends on {@code nn}.
 */
package org.daguerre.vae;
