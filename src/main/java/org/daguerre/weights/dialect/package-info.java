/**
 * Foreign tensor names translated at the door. Every network has one {@link org.daguerre.weights.dialect.NameTable} of
 * exact prefix rules between the names of the original projects (LDM, SGM, OpenCLIP, MiDaS, ESRGAN, TAESD) and the
 * names used inside the program, which are those of diffusers and transformers. A table is built for the sizes found in
 * the file and works in both directions; {@link org.daguerre.weights.dialect.MappedCheckpoint} is the file seen through
 * it.
 */
package org.daguerre.weights.dialect;
