// What the environment variables of the emulator change; each needs its own process.
#include "self_test.h"

#include <cstdlib>

using namespace self_test;

namespace {

__global__ void __launch_bounds__(32) fails(int*) { __trap(); }
__global__ void __launch_bounds__(32) succeeds(int* p) { p[threadIdx.x] = 1; }

void expect_code(const std::string& name, cudaError_t found, cudaError_t expected) {
    expect(found == expected, name,
           std::string("expected ") + cudaGetErrorName(expected) + ", found " + cudaGetErrorName(found));
}

// A machine with the library but without a driver.
void simulated_error(cudaError_t error) {
    int count = -1, version = -1;
    void* p = nullptr;
    cudaStream_t stream = nullptr;
    expect_code("device count", cudaGetDeviceCount(&count), error);
    expect_code("last error", cudaGetLastError(), error);
    expect_code("allocation", cudaMalloc(&p, 4), error);
    expect_code("stream", cudaStreamCreate(&stream), error);
    expect_code("synchronisation", cudaDeviceSynchronize(), error);
    expect_code("driver version", cudaDriverGetVersion(&version), cudaSuccess);
    expect(version == 0, "no driver has version 0", std::to_string(version));
}

void sticky_error() {
    DeviceArray<int> d(32);
    expect_clean("before the failure", run({1, 32, 0}, succeeds, d.get()));
    expect_found("the failure", run({1, 32, 0}, fails, d.get()), "__trap");
    expect_found("a launch after it", run({1, 32, 0}, succeeds, d.get()), "__trap");
    int value = 0;
    expect_code("a copy after it", cudaMemcpy(&value, d.get(), sizeof value, cudaMemcpyDeviceToHost),
                cudaErrorLaunchFailure);
}

}  // namespace

bool self_test::environment() {
    if (const char* error = getenv("DAGUERRE_EMULATED_ERROR")) {
        simulated_error(static_cast<cudaError_t>(atoi(error)));
        return true;
    }
    if (getenv("DAGUERRE_EMULATED_STICKY")) {
        sticky_error();
        return true;
    }
    return false;
}
