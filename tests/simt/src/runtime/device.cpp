// The one emulated device: the limits of the smallest listed architecture, sm_86.
#include "runtime.h"

#include <cstdio>

using namespace simt;

namespace {

constexpr int MULTIPROCESSORS = 4;
constexpr int THREADS_PER_MULTIPROCESSOR = 1536;
constexpr int BLOCKS_PER_MULTIPROCESSOR = 16;
constexpr size_t SHARED_PER_MULTIPROCESSOR = 100 * 1024;
constexpr int CUDA_VERSION_NUMBER = 13000;

cudaError_t set_version(int* version, int value) {
    SIMT_TRY(version ? cudaSuccess : cudaErrorInvalidValue);
    *version = value;
    return cudaSuccess;
}

}  // namespace

// Like the real ones these two answer without a driver, whose version then is 0.
cudaError_t cudaDriverGetVersion(int* version) {
    Call call;
    return set_version(version, call.error == cudaErrorInsufficientDriver ? 0 : CUDA_VERSION_NUMBER);
}

cudaError_t cudaRuntimeGetVersion(int* version) {
    Call call;
    return set_version(version, CUDA_VERSION_NUMBER);
}

cudaError_t cudaGetDeviceCount(int* count) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(count ? cudaSuccess : cudaErrorInvalidValue);
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(device ? cudaSuccess : cudaErrorInvalidValue);
    *device = 0;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(device == 0 ? cudaSuccess : cudaErrorInvalidDevice);
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int device) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(p ? cudaSuccess : cudaErrorInvalidValue);
    SIMT_TRY(device == 0 ? cudaSuccess : cudaErrorInvalidDevice);
    *p = {};
    snprintf(p->name, sizeof p->name, "SIMT emulator");
    p->totalGlobalMem = device_memory_bytes();
    p->sharedMemPerBlock = DEFAULT_SHARED_LIMIT;
    p->sharedMemPerBlockOptin = OPTIN_SHARED_LIMIT;
    p->sharedMemPerMultiprocessor = SHARED_PER_MULTIPROCESSOR;
    p->regsPerBlock = 65536;
    p->regsPerMultiprocessor = 65536;
    p->warpSize = 32;
    p->maxThreadsPerBlock = MAX_THREADS_PER_BLOCK;
    p->maxThreadsPerMultiProcessor = THREADS_PER_MULTIPROCESSOR;
    p->maxBlocksPerMultiProcessor = BLOCKS_PER_MULTIPROCESSOR;
    p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024;
    p->maxThreadsDim[2] = 64;
    p->maxGridSize[0] = 0x7fffffff;
    p->maxGridSize[1] = p->maxGridSize[2] = 65535;
    p->multiProcessorCount = MULTIPROCESSORS;
    p->major = 8;
    p->minor = 6;
    p->l2CacheSize = 4 << 20;
    p->memoryBusWidth = 64;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
    SIMT_TRY(value ? cudaSuccess : cudaErrorInvalidValue);
    cudaDeviceProp p;
    SIMT_TRY(cudaGetDeviceProperties(&p, device));
    switch (attribute) {
        case cudaDevAttrMaxThreadsPerBlock: *value = p.maxThreadsPerBlock; break;
        case cudaDevAttrMaxSharedMemoryPerBlock: *value = static_cast<int>(p.sharedMemPerBlock); break;
        case cudaDevAttrWarpSize: *value = p.warpSize; break;
        case cudaDevAttrMaxRegistersPerBlock: *value = p.regsPerBlock; break;
        case cudaDevAttrClockRate: *value = 1000000; break;
        case cudaDevAttrMultiProcessorCount: *value = p.multiProcessorCount; break;
        case cudaDevAttrIntegrated: *value = p.integrated; break;
        case cudaDevAttrMemoryClockRate: *value = 1000000; break;
        case cudaDevAttrGlobalMemoryBusWidth: *value = p.memoryBusWidth; break;
        case cudaDevAttrL2CacheSize: *value = p.l2CacheSize; break;
        case cudaDevAttrMaxThreadsPerMultiProcessor: *value = p.maxThreadsPerMultiProcessor; break;
        case cudaDevAttrComputeCapabilityMajor: *value = p.major; break;
        case cudaDevAttrComputeCapabilityMinor: *value = p.minor; break;
        case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
            *value = static_cast<int>(p.sharedMemPerMultiprocessor);
            break;
        case cudaDevAttrMaxRegistersPerMultiprocessor: *value = p.regsPerMultiprocessor; break;
        case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = static_cast<int>(p.sharedMemPerBlockOptin); break;
        default: return fail(cudaErrorInvalidValue);
    }
    return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(refuse_unsafe_call());
    SIMT_TRY(capture_active() ? cudaErrorStreamCaptureUnsupported : cudaSuccess);
    SIMT_TRY(run_all());
    return cudaSuccess;
}

namespace simt {

cudaError_t occupancy(int* blocks, const void* function, int threads, size_t dynamic_shared_bytes) {
    SIMT_TRY(blocks && threads > 0 ? cudaSuccess : cudaErrorInvalidValue);
    cudaFuncAttributes attributes;
    SIMT_TRY(get_function_attributes(&attributes, function));
    size_t shared = attributes.sharedSizeBytes + dynamic_shared_bytes + 1024;  // 1 KiB is the system's, per block
    int by_threads = THREADS_PER_MULTIPROCESSOR / threads;
    int by_shared = static_cast<int>(SHARED_PER_MULTIPROCESSOR / shared);
    int fit = by_threads < by_shared ? by_threads : by_shared;
    *blocks = threads > attributes.maxThreadsPerBlock ? 0
              : fit < BLOCKS_PER_MULTIPROCESSOR       ? fit
                                                      : BLOCKS_PER_MULTIPROCESSOR;
    return cudaSuccess;
}

}  // namespace simt
