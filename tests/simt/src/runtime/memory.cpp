// Device and pinned memory, and copies between them. Device memory is host memory that the runtime knows by address.
#include "memory_map.h"

#include <cstdlib>
#include <cstring>

using namespace simt;

namespace {

// Poisoning a large allocation whole would make all of it resident.
constexpr size_t POISON_LIMIT = size_t{256} << 20;

void poison(void* p, size_t bytes) { memset(p, 0xff, bytes < POISON_LIMIT ? bytes : POISON_LIMIT); }

cudaError_t resolve_kind(cudaMemcpyKind kind, bool to_device, bool from_device) {
    switch (kind) {
        case cudaMemcpyHostToHost: return !to_device && !from_device ? cudaSuccess : cudaErrorInvalidValue;
        case cudaMemcpyHostToDevice: return to_device && !from_device ? cudaSuccess : cudaErrorInvalidValue;
        case cudaMemcpyDeviceToHost: return !to_device && from_device ? cudaSuccess : cudaErrorInvalidValue;
        case cudaMemcpyDeviceToDevice: return to_device && from_device ? cudaSuccess : cudaErrorInvalidValue;
        case cudaMemcpyDefault: return cudaSuccess;
    }
    return cudaErrorInvalidMemcpyDirection;
}

cudaError_t check_copy(const void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
    if (!to || !from) {
        return cudaErrorInvalidValue;
    }
    bool to_device = home_of(to) == Home::device;
    bool from_device = home_of(from) == Home::device;
    if ((to_device && !is_device_range(to, bytes)) || (from_device && !is_device_range(from, bytes))) {
        return cudaErrorInvalidValue;
    }
    return resolve_kind(kind, to_device, from_device);
}

// A queued copy or fill runs later, when its memory may have been freed.
Work copy_work(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
    return [=] {
        cudaError_t error = check_copy(to, from, bytes, kind);
        if (error != cudaSuccess) {
            device_failed(cudaErrorIllegalAddress, "cudaMemcpyAsync: memory was freed before the copy ran");
            return cudaErrorIllegalAddress;
        }
        memmove(to, from, bytes);
        return cudaSuccess;
    };
}

Work fill_work(void* p, int value, size_t bytes) {
    return [=] {
        if (!is_device_range(p, bytes)) {
            device_failed(cudaErrorIllegalAddress, "cudaMemsetAsync: memory was freed before the fill ran");
            return cudaErrorIllegalAddress;
        }
        memset(p, value, bytes);
        return cudaSuccess;
    };
}

// From pageable memory the runtime copies to a staging buffer before it returns.
Work staged_upload(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
    auto staging =
        std::make_shared<std::vector<char>>(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
    return [=] {
        return copy_work(to, staging->data(), bytes, kind == cudaMemcpyDefault ? kind : cudaMemcpyHostToDevice)();
    };
}

}  // namespace

cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(free_bytes && total_bytes ? cudaSuccess : cudaErrorInvalidValue);
    *total_bytes = device_memory_bytes();
    *free_bytes = *total_bytes - memory_map().device_bytes();
    return cudaSuccess;
}

cudaError_t cudaMalloc(void** p, size_t bytes) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(p ? cudaSuccess : cudaErrorInvalidValue);
    SIMT_TRY(refuse_unsafe_call());
    *p = nullptr;
    if (bytes == 0) {
        return cudaSuccess;
    }
    *p = memory_map().allocate_device(bytes);
    SIMT_TRY(*p ? cudaSuccess : cudaErrorMemoryAllocation);
    poison(*p, bytes);
    return cudaSuccess;
}

cudaError_t cudaFree(void* p) {
    Call call;
    SIMT_TRY(call.error);
    if (!p) {
        return cudaSuccess;
    }
    SIMT_TRY(refuse_unsafe_call());
    const Range* range = memory_map().find_device(p);
    SIMT_TRY(range && range->start == p && !range->freed ? cudaSuccess : cudaErrorInvalidValue);
    cudaError_t error = run_all();  // freeing waits for the device
    poison(p, range->bytes);
    memory_map().free_device(p);
    SIMT_TRY(error);
    return cudaSuccess;
}

cudaError_t cudaHostAlloc(void** p, size_t bytes, unsigned) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(p ? cudaSuccess : cudaErrorInvalidValue);
    SIMT_TRY(refuse_unsafe_call());
    *p = bytes ? aligned_alloc(4096, (bytes + 4095) / 4096 * 4096) : nullptr;
    SIMT_TRY(*p || !bytes ? cudaSuccess : cudaErrorMemoryAllocation);
    if (*p) {
        poison(*p, bytes);
        memory_map().add_pinned(*p, bytes, true);
    }
    return cudaSuccess;
}

cudaError_t cudaMallocHost(void** p, size_t bytes) { return cudaHostAlloc(p, bytes, cudaHostAllocDefault); }

cudaError_t cudaFreeHost(void* p) {
    Call call;
    SIMT_TRY(call.error);
    if (!p) {
        return cudaSuccess;
    }
    SIMT_TRY(refuse_unsafe_call());
    SIMT_TRY(memory_map().is_pinned_start(p, true) ? cudaSuccess : cudaErrorInvalidValue);
    cudaError_t error = run_all();
    memory_map().remove_pinned(p);
    free(p);
    SIMT_TRY(error);
    return cudaSuccess;
}

cudaError_t cudaHostRegister(void* p, size_t bytes, unsigned) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(refuse_unsafe_call());
    SIMT_TRY(p && bytes && home_of(p) != Home::device ? cudaSuccess : cudaErrorInvalidValue);
    SIMT_TRY(home_of(p) == Home::pageable ? cudaSuccess : cudaErrorHostMemoryAlreadyRegistered);
    memory_map().add_pinned(p, bytes, false);
    return cudaSuccess;
}

cudaError_t cudaHostUnregister(void* p) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(refuse_unsafe_call());
    SIMT_TRY(memory_map().is_pinned_start(p, false) ? cudaSuccess : cudaErrorHostMemoryNotRegistered);
    cudaError_t error = run_all();
    memory_map().remove_pinned(p);
    SIMT_TRY(error);
    return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* p) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(attributes ? cudaSuccess : cudaErrorInvalidValue);
    Home home = home_of(p);
    auto* address = const_cast<void*>(p);
    attributes->type = home == Home::device   ? cudaMemoryTypeDevice
                       : home == Home::pinned ? cudaMemoryTypeHost
                                              : cudaMemoryTypeUnregistered;
    attributes->device = home == Home::pageable ? -1 : 0;
    attributes->devicePointer = home == Home::pageable ? nullptr : address;
    attributes->hostPointer = home == Home::device ? nullptr : address;
    return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(refuse_implicit_dependency());
    SIMT_TRY(refuse_unsafe_call());
    if (bytes == 0) {
        return cudaSuccess;
    }
    SIMT_TRY(check_copy(to, from, bytes, kind));
    SIMT_TRY(enqueue(nullptr, copy_work(to, from, bytes, kind)));
    SIMT_TRY(run_stream(find_stream(nullptr)));
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
    Call call;
    SIMT_TRY(call.error);
    auto state = find_stream(stream);
    SIMT_TRY(state ? cudaSuccess : cudaErrorInvalidResourceHandle);
    if (bytes == 0) {
        return cudaSuccess;
    }
    SIMT_TRY(check_copy(to, from, bytes, kind));
    bool pageable = home_of(to) == Home::pageable || home_of(from) == Home::pageable;
    if (pageable && state->capture) {
        // The graph would keep a pointer to memory that the host is free to release.
        return fail(invalidate(state->capture, cudaErrorStreamCaptureUnsupported));
    }
    if (home_of(from) == Home::pageable && home_of(to) == Home::device) {
        SIMT_TRY(enqueue(stream, staged_upload(to, from, bytes, kind)));
        return cudaSuccess;
    }
    SIMT_TRY(enqueue(stream, copy_work(to, from, bytes, kind)));
    if (pageable) {
        SIMT_TRY(run_stream(state));  // to pageable memory the runtime returns when the copy is complete
    }
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* p, int value, size_t bytes, cudaStream_t stream) {
    Call call;
    SIMT_TRY(call.error);
    if (bytes == 0) {
        return cudaSuccess;
    }
    SIMT_TRY(p && is_device_range(p, bytes) ? cudaSuccess : cudaErrorInvalidValue);
    SIMT_TRY(enqueue(stream, fill_work(p, value, bytes)));
    return cudaSuccess;
}

cudaError_t cudaMemset(void* p, int value, size_t bytes) { return cudaMemsetAsync(p, value, bytes, nullptr); }
