/** Stable Diffusion XL refiner: OpenCLIP bigG alone, and an aesthetic score among the sizes. */
package org.daguerre.model.refiner;
