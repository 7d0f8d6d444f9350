/**
 * Depth from one picture: MiDaS DPT-Hybrid (Ranftl et al. 2021, arXiv:2103.13413), a ResNet whose features a vision
 * transformer reads, for depth to image. {@link org.daguerre.depth.DepthEstimator} takes pictures, {@link
 * org.daguerre.depth.DptHybrid} is the network.
 */
package org.daguerre.depth;
