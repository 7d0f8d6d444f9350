package org.daguerre.tensor;

/** Memory of one tensor, owned by the {@link Backend} that allocated it. */
public sealed interface Buffer permits DeviceBuffer, HostBuffer {
    long bytes();
}
