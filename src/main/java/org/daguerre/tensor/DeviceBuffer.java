package org.daguerre.tensor;

/** Memory of a native engine: a plain address that only the engine may follow. */
public record DeviceBuffer(long address, long bytes) implements Buffer {
}
