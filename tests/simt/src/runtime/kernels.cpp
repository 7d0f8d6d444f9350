// Launching kernels, and what is known about each.
#include "runtime.h"

#include "core/worker_pool.h"

namespace simt {
namespace {

struct KernelInfo {
    size_t max_dynamic_bytes = DEFAULT_SHARED_LIMIT;
    size_t static_bytes = 0;  // learned when the kernel runs
    bool raised = false;
};

KernelInfo& info_of(const void* function) {
    static auto* all = new std::map<const void*, KernelInfo>;
    return (*all)[function];
}

bool is_valid_shape(const cudaLaunchConfig_t& c) {
    bool grid = c.gridDim.x >= 1 && c.gridDim.y >= 1 && c.gridDim.z >= 1 && c.gridDim.x <= 0x7fffffffu &&
                c.gridDim.y <= 65535 && c.gridDim.z <= 65535;
    bool block = c.blockDim.x >= 1 && c.blockDim.y >= 1 && c.blockDim.z >= 1 && c.blockDim.x <= 1024 &&
                 c.blockDim.y <= 1024 && c.blockDim.z <= 64;
    return grid && block && c.blockDim.x * c.blockDim.y * c.blockDim.z <= MAX_THREADS_PER_BLOCK;
}

int thread_limit(const void* function) {
    int bound = launch_bound(function);
    return bound ? bound : MAX_THREADS_WITHOUT_BOUND;
}

cudaError_t check_launch(const cudaLaunchConfig_t* config, const KernelCall& call) {
    if (!config) {
        return cudaErrorInvalidValue;
    }
    if (!call.function) {
        return cudaErrorInvalidDeviceFunction;
    }
    if (!is_valid_shape(*config)) {
        return cudaErrorInvalidConfiguration;
    }
    if (static_cast<int>(config->blockDim.x * config->blockDim.y * config->blockDim.z) > thread_limit(call.function)) {
        return cudaErrorLaunchOutOfResources;
    }
    const KernelInfo& info = info_of(call.function);
    bool fits = config->dynamicSmemBytes <= info.max_dynamic_bytes;
    return fits ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t run_now(const Launch& launch) {
    LaunchResult result = run(launch);
    KernelInfo& info = info_of(launch.call.function);
    info.static_bytes = std::max(info.static_bytes, result.static_shared_bytes);
    if (!result.finding) {
        return cudaSuccess;
    }
    device_failed(result.finding->error, result.finding->text());
    return result.finding->error;
}

}  // namespace

cudaError_t launch(const cudaLaunchConfig_t* config, KernelCall call) {
    Call api_call;
    SIMT_TRY(api_call.error);
    SIMT_TRY(check_launch(config, call));
    Launch launch = {config->gridDim, config->blockDim, config->dynamicSmemBytes, 0, call, 0};
    SIMT_TRY(enqueue(config->stream, [launch]() mutable {
        static uint64_t serial = 0;
        const KernelInfo& info = info_of(launch.call.function);
        launch.shared_limit = info.raised ? OPTIN_SHARED_LIMIT : DEFAULT_SHARED_LIMIT;
        launch.serial = ++serial;
        return run_now(launch);
    }));
    return cudaSuccess;
}

cudaError_t set_function_attribute(const void* function, cudaFuncAttribute attribute, int value) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(function ? cudaSuccess : cudaErrorInvalidDeviceFunction);
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) {
        SIMT_TRY(value >= -1 && value <= 100 ? cudaSuccess : cudaErrorInvalidValue);
        return cudaSuccess;
    }
    KernelInfo& info = info_of(function);
    bool valid = attribute == cudaFuncAttributeMaxDynamicSharedMemorySize && value >= 0 &&
                 static_cast<size_t>(value) + info.static_bytes <= OPTIN_SHARED_LIMIT;
    SIMT_TRY(valid ? cudaSuccess : cudaErrorInvalidValue);
    info.max_dynamic_bytes = static_cast<size_t>(value);
    info.raised = info.raised || info.max_dynamic_bytes > DEFAULT_SHARED_LIMIT;
    return cudaSuccess;
}

cudaError_t get_function_attributes(cudaFuncAttributes* attributes, const void* function) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(attributes ? cudaSuccess : cudaErrorInvalidValue);
    SIMT_TRY(function ? cudaSuccess : cudaErrorInvalidDeviceFunction);
    const KernelInfo& info = info_of(function);
    *attributes = {};
    attributes->sharedSizeBytes = info.static_bytes;
    attributes->maxThreadsPerBlock = thread_limit(function);
    attributes->numRegs = 65536 / attributes->maxThreadsPerBlock < 255 ? 65536 / attributes->maxThreadsPerBlock : 255;
    attributes->ptxVersion = attributes->binaryVersion = 86;
    attributes->maxDynamicSharedSizeBytes = static_cast<int>(info.max_dynamic_bytes);
    return cudaSuccess;
}

}  // namespace simt
