/**
 * The native engines as a {@link org.daguerre.tensor.Backend}. {@code presets} is what JavaCPP reads to turn {@code
 * kernels.h} into {@code jni.Kernels} (generated); {@link org.daguerre.backend.NativeBackend} calls it; {@link
 * org.daguerre.backend.Engines} finds out which engines this machine can run and picks one.
 */
package org.daguerre.backend;
