package org.daguerre.backend;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.daguerre.tensor.BackendException;

/**
 * Memory outside the heap for the time of one copy to or from an engine. Taken from the system directly: allocations of
 * JavaCPP's pointers fail once the whole process, weights included, is larger than a few heaps.
 */
final class HostMemory implements AutoCloseable {
    private final Pointer block;

    HostMemory(long bytes) {
        block = Pointer.malloc(Math.max(1, bytes));
        if (Pointer.isNull(block)) {
            throw new BackendException.OutOfMemory("memory: cannot allocate " + bytes
                + " bytes: the system has no more");
        }
    }

    long address() {
        return block.address();
    }

    FloatPointer floats() {
        return new FloatPointer(block);
    }

    IntPointer ints() {
        return new IntPointer(block);
    }

    @Override
    public void close() {
        Pointer.free(block);
    }
}
