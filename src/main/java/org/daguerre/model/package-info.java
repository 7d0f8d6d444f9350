/**
 * Whole models: a {@link org.daguerre.model.Model} is a text conditioner, a U-Net, an autoencoder and a noise schedule, loaded from a
 * {@code weights.ModelSource}. What differs between families is in one {@link org.daguerre.model.ModelFamily} each (packages sd1, sd2,
 * sdxl, refiner); {@link org.daguerre.model.Families} lists them.
 */
package org.daguerre.model;
