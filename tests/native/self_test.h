// The emulator's own test: bugs planted in kernels and host code must be found, and their correct twins must pass.
#pragma once

#include <cuda_runtime.h>

#include <string>
#include <utility>

namespace self_test {

// Counts and, on failure, prints.
void expect(bool ok, const std::string& name, const std::string& detail);
int failures();
int passes();

// Tests what the environment asks for; false when it asks for nothing.
bool environment();
void planted_bugs();
void refusals();
void streams_and_graphs();
void device_functions();

// Device memory for `count` values, all zero.
template <class T>
class DeviceArray {
public:
    explicit DeviceArray(size_t count) : bytes_(count * sizeof(T)) {
        cudaMalloc(&p_, bytes_);
        cudaMemset(p_, 0, bytes_);
    }
    ~DeviceArray() { cudaFree(p_); }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;

    T* get() const { return p_; }
    T operator[](size_t i) const {
        T v;
        cudaMemcpy(&v, p_ + i, sizeof v, cudaMemcpyDeviceToHost);
        return v;
    }

private:
    T* p_ = nullptr;
    size_t bytes_;
};

struct Shape {
    dim3 grid = 1;
    dim3 block = 64;
    size_t dynamic_bytes = 0;
};

// Launches and waits: empty, or the text of the error.
template <class... Parameters, class... Arguments>
std::string run(Shape shape, void (*kernel)(Parameters...), Arguments&&... arguments) {
    cudaLaunchConfig_t config = {};
    config.gridDim = shape.grid;
    config.blockDim = shape.block;
    config.dynamicSmemBytes = shape.dynamic_bytes;
    cudaError_t error = cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...);
    if (error == cudaSuccess) {
        error = cudaDeviceSynchronize();
    }
    cudaGetLastError();
    return error == cudaSuccess ? "" : cudaGetErrorString(error);
}

// The bug must give an error that contains `text`; or, where the order decides what shows first, one of "a|b".
inline void expect_found(const std::string& name, const std::string& error, const std::string& text) {
    size_t bar = text.find('|');
    bool found = error.find(text.substr(0, bar)) != std::string::npos ||
                 (bar != std::string::npos && error.find(text.substr(bar + 1)) != std::string::npos);
    expect(found, name + " is found", "expected \"" + text + "\", found \"" + error + "\"");
}

inline void expect_clean(const std::string& name, const std::string& error) {
    expect(error.empty(), name + " passes", "found \"" + error + "\"");
}

}  // namespace self_test
