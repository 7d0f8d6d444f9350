/**
 * One file per sampling method, with its paper, and their list {@link org.daguerre.diffusion.sampler.Samplers}. Files
 * that begin with K reproduce k-diffusion, the others diffusers' classes; what both define alike is one file with two
 * schemes. {@code Grids} lays out the steps. docs/adding.md shows how to add one.
 */
package org.daguerre.diffusion.sampler;
