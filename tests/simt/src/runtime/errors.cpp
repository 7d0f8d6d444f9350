#include "runtime.h"

#include <cstdio>
#include <cstdlib>

namespace simt {
namespace {

std::recursive_mutex& runtime_lock() {
    static auto* mutex = new std::recursive_mutex;
    return *mutex;
}

struct DeviceError {
    cudaError_t error = cudaSuccess;
    // Latest text of each error. Never freed: cudaGetErrorString returns pointers that callers may keep.
    std::map<cudaError_t, const std::string*> texts;
};

DeviceError& device_error() {
    static auto* state = new DeviceError;
    return *state;
}

thread_local cudaError_t last_error = cudaSuccess;

cudaError_t simulated_error() {
    static const char* const wanted = getenv("DAGUERRE_EMULATED_ERROR");
    return wanted ? static_cast<cudaError_t>(atoi(wanted)) : cudaSuccess;
}

bool sticky() {
    static const bool wanted = getenv("DAGUERRE_EMULATED_STICKY") != nullptr;
    return wanted;
}

struct Description {
    cudaError_t error;
    const char* name;
    const char* text;
};

constexpr Description DESCRIPTIONS[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInitializationError, "cudaErrorInitializationError", "initialization error"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "CUDA driver version is insufficient for CUDA runtime version"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources", "too many resources requested for launch"},
    {cudaErrorHostMemoryAlreadyRegistered, "cudaErrorHostMemoryAlreadyRegistered",
     "part or all of the requested memory range is already mapped"},
    {cudaErrorHostMemoryNotRegistered, "cudaErrorHostMemoryNotRegistered",
     "pointer does not correspond to a registered memory region"},
    {cudaErrorMisalignedAddress, "cudaErrorMisalignedAddress", "misaligned address"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "operation not permitted when stream is capturing"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "operation failed due to a previous error during capture"},
    {cudaErrorStreamCaptureUnmatched, "cudaErrorStreamCaptureUnmatched", "capture was not initiated in this stream"},
    {cudaErrorStreamCaptureUnjoined, "cudaErrorStreamCaptureUnjoined", "capturing stream has unjoined work"},
    {cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation",
     "dependency created on uncaptured work in another stream"},
    {cudaErrorStreamCaptureImplicit, "cudaErrorStreamCaptureImplicit",
     "operation would make the legacy stream depend on a capturing blocking stream"},
    {cudaErrorCapturedEvent, "cudaErrorCapturedEvent",
     "operation not permitted on an event last recorded in a capturing stream"},
};

const Description* describe(cudaError_t error) {
    for (const Description& d : DESCRIPTIONS) {
        if (d.error == error) {
            return &d;
        }
    }
    return nullptr;
}

}  // namespace

cudaError_t fail(cudaError_t error) {
    if (error != cudaSuccess) {
        last_error = error;
    }
    return error;
}

void device_failed(cudaError_t error, const std::string& text) {
    static const bool print = getenv("DAGUERRE_EMULATED_PRINT") != nullptr;
    if (print) {
        fprintf(stderr, "SIMT emulator: %s\n", text.c_str());
    }
    DeviceError& state = device_error();
    if (state.error == cudaSuccess) {
        const Description* d = describe(error);
        state.error = error;
        state.texts[error] = new std::string(std::string(d ? d->text : "device error") + ": " + text);
    }
    drop_all_queued();
}

cudaError_t take_device_error() {
    cudaError_t error = device_error().error;
    if (!sticky()) {
        device_error().error = cudaSuccess;
    }
    return error;
}

Call::Call() : error(simulated_error()), lock_(runtime_lock()) {
    if (error == cudaSuccess && sticky()) {
        error = device_error().error;
    }
}

}  // namespace simt

using namespace simt;

cudaError_t cudaGetLastError() {
    cudaError_t error = last_error;
    last_error = cudaSuccess;
    return error;
}

cudaError_t cudaPeekAtLastError() { return last_error; }

const char* cudaGetErrorName(cudaError_t error) {
    const Description* d = describe(error);
    return d ? d->name : "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
    std::lock_guard<std::recursive_mutex> lock(runtime_lock());
    auto text = device_error().texts.find(error);
    if (text != device_error().texts.end()) {
        return text->second->c_str();
    }
    const Description* d = describe(error);
    return d ? d->text : "unrecognized error code";
}
