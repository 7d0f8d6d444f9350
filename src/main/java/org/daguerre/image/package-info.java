/**
 * Pictures on their way in and out: files, colour planes, resizing, masks, edges, contact sheets, previews.
 *
 * <p>Everything here is plain Java on {@link org.daguerre.image.Image}: float planes, channel by channel (CHW),
 * nominally in [0, 1]. The engines hold NHWC tensors in [-1, 1]; {@link org.daguerre.image.Images} converts. Files
 * enter through {@link org.daguerre.image.ImageFiles} and leave through {@link org.daguerre.image.PngWriter}, which
 * stores the {@link org.daguerre.image.ParametersText parameters} that made the picture.
 *
 * <p>Nothing in this package knows about models, and nothing needs a display or installed fonts.
 */
package org.daguerre.image;
