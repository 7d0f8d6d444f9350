/**
 * One request from prompt to picture. Read {@link org.daguerre.generate.Generation} first: it is the whole path in a page. The sampler
 * asks {@link org.daguerre.generate.GuidedPredictor}, which applies classifier-free guidance around the U-Net.
 */
package org.daguerre.generate;
