package org.daguerre.nn;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.daguerre.tensor.HostTensor;

/**
 * Host memory in which stacked weights are put together, used again for each: a buffer per layer would wait for the
 * garbage collector.
 */
final class Staging {
    private WeakReference<ByteBuffer> kept = new WeakReference<>(null);

    /** Room for {@code bytes}; what an earlier call returned is overwritten. */
    ByteBuffer room(int bytes) {
        ByteBuffer buffer = kept.get();
        if (buffer == null || buffer.capacity() < bytes) {
            buffer = HostTensor.allocate(bytes);
            kept = new WeakReference<>(buffer);
        }
        return buffer.slice(0, bytes).order(buffer.order());
    }
}
