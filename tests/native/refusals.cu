// What the emulated runtime must refuse because the real one does, each next to the call it accepts.
#include "ptx.cuh"
#include "self_test.h"

#include <vector>

using namespace self_test;

namespace {

__global__ void __launch_bounds__(128) bounded(int* p) {
    if (blockIdx.y == 0) {
        *p = static_cast<int>(blockDim.x);
    }
}
template <int THREADS>
__global__ void __launch_bounds__(THREADS, 2) bounded_template(int* p) {
    *p = THREADS;
}
__global__ void unbounded(int* p) { *p = 1; }
__global__ void __launch_bounds__(64) uses_shared(int* p) {
    DYNAMIC_SHARED(int, s);
    s[threadIdx.x] = 1;
    if (threadIdx.x == 0) {
        *p = s[0];
    }
}
__global__ void __launch_bounds__(64) uses_much_static_shared(int* p) {
    SHARED_ARRAY(int, s, 8 * 1024);
    DYNAMIC_SHARED(int, d);
    s[threadIdx.x] = d[threadIdx.x] = 1;
    if (threadIdx.x == 0) {
        *p = s[0];
    }
}

void expect_code(const std::string& name, cudaError_t found, cudaError_t expected) {
    expect(found == expected, name,
           std::string("expected ") + cudaGetErrorName(expected) + ", found " + cudaGetErrorName(found));
    cudaGetLastError();
}

template <class... Parameters, class... Arguments>
cudaError_t try_launch(Shape shape, cudaStream_t stream, void (*kernel)(Parameters...), Arguments... arguments) {
    cudaLaunchConfig_t config = {};
    config.gridDim = shape.grid;
    config.blockDim = shape.block;
    config.dynamicSmemBytes = shape.dynamic_bytes;
    config.stream = stream;
    return cudaLaunchKernelEx(&config, kernel, arguments...);
}

void launch_shapes(int* p) {
    expect_code("grid y 65535", try_launch({dim3(1, 65535), 1, 0}, nullptr, bounded, p), cudaSuccess);
    expect_code("grid y 65536", try_launch({dim3(1, 65536), 1, 0}, nullptr, bounded, p),
                cudaErrorInvalidConfiguration);
    expect_code("grid z 65536", try_launch({dim3(1, 1, 65536), 1, 0}, nullptr, bounded, p),
                cudaErrorInvalidConfiguration);
    expect_code("empty grid", try_launch({dim3(0), 1, 0}, nullptr, bounded, p), cudaErrorInvalidConfiguration);
    expect_code("empty block", try_launch({1, dim3(0), 0}, nullptr, bounded, p), cudaErrorInvalidConfiguration);
    expect_code("block z 65", try_launch({1, dim3(1, 1, 65), 0}, nullptr, bounded, p), cudaErrorInvalidConfiguration);
    expect_code("1025 threads", try_launch({1, dim3(1025), 0}, nullptr, bounded, p), cudaErrorInvalidConfiguration);
    expect_code("null kernel", try_launch({}, nullptr, static_cast<void (*)(int*)>(nullptr), p),
                cudaErrorInvalidDeviceFunction);
}

void launch_bounds(int* p) {
    expect_code("128 threads, bound 128", try_launch({1, 128, 0}, nullptr, bounded, p), cudaSuccess);
    expect_code("129 threads, bound 128", try_launch({1, 129, 0}, nullptr, bounded, p), cudaErrorLaunchOutOfResources);
    expect_code("512 threads, bound 512", try_launch({1, 512, 0}, nullptr, bounded_template<512>, p), cudaSuccess);
    expect_code("512 threads, bound 96", try_launch({1, 512, 0}, nullptr, bounded_template<96>, p),
                cudaErrorLaunchOutOfResources);
    expect_code("256 threads, no bound", try_launch({1, 256, 0}, nullptr, unbounded, p), cudaSuccess);
    expect_code("512 threads, no bound", try_launch({1, 512, 0}, nullptr, unbounded, p),
                cudaErrorLaunchOutOfResources);
    cudaFuncAttributes attributes = {};
    expect_code("attributes", cudaFuncGetAttributes(&attributes, bounded_template<96>), cudaSuccess);
    expect(attributes.maxThreadsPerBlock == 96, "attributes hold the bound",
           std::to_string(attributes.maxThreadsPerBlock));
}

void shared_memory(int* p) {
    const int kib = 1024;
    Shape large = {1, 64, size_t{64} * kib};
    expect_code("48 KiB", try_launch({1, 64, size_t{48} * kib}, nullptr, uses_shared, p), cudaSuccess);
    expect_code("64 KiB without attribute", try_launch(large, nullptr, uses_shared, p), cudaErrorInvalidValue);
    auto attribute = cudaFuncAttributeMaxDynamicSharedMemorySize;
    expect_code("attribute of 100 KiB", cudaFuncSetAttribute(uses_shared, attribute, 100 * kib),
                cudaErrorInvalidValue);
    expect_code("attribute of 64 KiB", cudaFuncSetAttribute(uses_shared, attribute, 64 * kib), cudaSuccess);
    expect_code("64 KiB with attribute", try_launch(large, nullptr, uses_shared, p), cudaSuccess);
    expect_clean("32 KiB static", run({1, 64, 256}, uses_much_static_shared, p));
    expect_found("32 KiB static and 32 KiB dynamic", run({1, 64, size_t{32} * kib}, uses_much_static_shared, p),
                 "exceed 48 KiB");
}

void copies() {
    DeviceArray<int> d(64);
    std::vector<int> h(65, 7);
    const size_t bytes = 64 * sizeof(int);
    int* p = d.get();
    expect_code("upload", cudaMemcpy(p, h.data(), bytes, cudaMemcpyHostToDevice), cudaSuccess);
    expect_code("upload too long", cudaMemcpy(p, h.data(), bytes + 4, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    expect_code("upload past the end", cudaMemcpy(p + 1, h.data(), bytes, cudaMemcpyHostToDevice),
                cudaErrorInvalidValue);
    expect_code("upload to host memory", cudaMemcpy(h.data(), h.data() + 1, 4, cudaMemcpyHostToDevice),
                cudaErrorInvalidValue);
    expect_code("download called an upload", cudaMemcpy(h.data(), p, 4, cudaMemcpyHostToDevice),
                cudaErrorInvalidValue);
    expect_code("copy from null", cudaMemcpy(p, nullptr, 4, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    expect_code("copy to null", cudaMemcpyAsync(nullptr, p, 4, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
    expect_code("copy of nothing", cudaMemcpy(p, h.data(), 0, cudaMemcpyHostToDevice), cudaSuccess);
    expect_code("fill", cudaMemset(p, 0, bytes), cudaSuccess);
    expect_code("fill of host memory", cudaMemset(h.data(), 0, 4), cudaErrorInvalidValue);
    expect_code("fill past the end", cudaMemsetAsync(p, 0, bytes + 1), cudaErrorInvalidValue);
}

void allocations() {
    int* p = nullptr;
    expect_code("allocate", cudaMalloc(&p, 100), cudaSuccess);
    expect_code("free inside", cudaFree(p + 1), cudaErrorInvalidValue);
    expect_code("free", cudaFree(p), cudaSuccess);
    expect_code("free twice", cudaFree(p), cudaErrorInvalidValue);
    expect_code("free null", cudaFree(nullptr), cudaSuccess);
    int value = 0;
    expect_code("free host memory", cudaFree(&value), cudaErrorInvalidValue);
    expect_code("copy from freed memory", cudaMemcpy(&value, p, 4, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
    size_t free_bytes = 0, total = 0, after = 0;
    expect_code("memory info", cudaMemGetInfo(&free_bytes, &total), cudaSuccess);
    expect_code("more than the device has", cudaMalloc(&p, free_bytes + 1), cudaErrorMemoryAllocation);
    expect_code("allocation after running out", cudaMalloc(&p, 1000), cudaSuccess);
    cudaMemGetInfo(&after, &total);
    expect(free_bytes - after == 1024, "allocations are accounted for", std::to_string(free_bytes - after));
    cudaFree(p);
    expect_code("pinned", cudaMallocHost(&p, 64), cudaSuccess);
    expect_code("free pinned", cudaFreeHost(p), cudaSuccess);
    expect_code("free pinned twice", cudaFreeHost(p), cudaErrorInvalidValue);
    expect_code("register", cudaHostRegister(&value, sizeof value, 0), cudaSuccess);
    expect_code("register twice", cudaHostRegister(&value, sizeof value, 0), cudaErrorHostMemoryAlreadyRegistered);
    expect_code("unregister", cudaHostUnregister(&value), cudaSuccess);
    expect_code("unregister twice", cudaHostUnregister(&value), cudaErrorHostMemoryNotRegistered);
}

void handles(int* p) {
    cudaStream_t stream = nullptr;
    cudaEvent_t event = nullptr, never = nullptr, untimed = nullptr;
    cudaStreamCreate(&stream);
    cudaEventCreate(&event);
    cudaEventCreate(&never);
    cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming);
    cudaEventRecord(event, stream);
    cudaEventRecord(untimed, stream);
    float ms = 0;
    expect_code("elapsed before the end", cudaEventElapsedTime(&ms, event, event), cudaErrorNotReady);
    expect_code("launch", try_launch({}, stream, bounded, p), cudaSuccess);
    expect_code("query of a busy stream", cudaStreamQuery(stream), cudaErrorNotReady);
    expect_code("query of an idle stream", cudaStreamQuery(stream), cudaSuccess);
    expect_code("elapsed", cudaEventElapsedTime(&ms, event, event), cudaSuccess);
    expect_code("elapsed without timing", cudaEventElapsedTime(&ms, untimed, event), cudaErrorInvalidResourceHandle);
    expect_code("elapsed without record", cudaEventElapsedTime(&ms, never, event), cudaErrorInvalidResourceHandle);
    expect_code("destroy stream", cudaStreamDestroy(stream), cudaSuccess);
    expect_code("launch on a destroyed stream", try_launch({}, stream, bounded, p), cudaErrorInvalidResourceHandle);
    expect_code("wait for a destroyed stream", cudaStreamSynchronize(stream), cudaErrorInvalidResourceHandle);
    expect_code("destroy stream twice", cudaStreamDestroy(stream), cudaErrorInvalidResourceHandle);
    expect_code("destroy event", cudaEventDestroy(event), cudaSuccess);
    expect_code("record a destroyed event", cudaEventRecord(event, nullptr), cudaErrorInvalidResourceHandle);
    cudaEventDestroy(never);
    cudaEventDestroy(untimed);
    int count = 0;
    expect_code("second device", cudaSetDevice(1), cudaErrorInvalidDevice);
    expect_code("device count", cudaGetDeviceCount(&count), cudaSuccess);
    expect(count == 1, "one device", std::to_string(count));
}

}  // namespace

void self_test::refusals() {
    DeviceArray<int> d(256);
    launch_shapes(d.get());
    launch_bounds(d.get());
    expect_code("wait", cudaDeviceSynchronize(), cudaSuccess);
    shared_memory(d.get());
    cudaDeviceSynchronize();
    cudaGetLastError();
    copies();
    allocations();
    handles(d.get());
}
