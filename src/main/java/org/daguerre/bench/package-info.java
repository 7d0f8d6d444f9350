/**
 * Measuring: what work a model consists of ({@link org.daguerre.bench.Work}), how long our engines need for it, and how
 * long a vendor's library does ({@link org.daguerre.bench.CudnnBaseline}).
 */
package org.daguerre.bench;
