/**
 * ControlNet (Zhang et al. 2023, arXiv:2302.05543): a second encoder that reads a control picture and adds to the
 * U-Net's skip connections. {@link org.daguerre.control.ControlNet} is the network, {@link
 * org.daguerre.control.ControlSet} several of them in one run. Depends on {@code unet}.
 */
package org.daguerre.control;
