package org.daguerre.weights.torch;

import java.nio.ByteBuffer;

/** Where a torch file keeps the numbers of its tensors. */
interface TorchStorages {
    /** Size of a storage in bytes; -1 if there is none of this key. */
    long bytes(String key);

    /** Whether slices of a storage lie in the mapped file, and not in memory of their own. */
    boolean mapped(String key);

    /** Part of a storage; inside it. */
    ByteBuffer slice(String key, long offset, long length);
}
