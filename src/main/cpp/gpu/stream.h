// stream.h - the engine's one CUDA stream as launchers see it, and the check of CUDA's return codes.
#ifndef DAGUERRE_GPU_STREAM_H
#define DAGUERRE_GPU_STREAM_H

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gpu/error.h"

namespace dg {

// The sizes of one launch.
struct PlannedLaunch {
    const char* name;
    dim3 grid, block;
    size_t shared_bytes;  // dynamic
};

struct Stream {
    cudaStream_t handle = nullptr;
    bool capturing = false;    // between capture_begin and capture_end: launches are recorded, not run
    bool synchronous = false;  // DAGUERRE_SYNC=1 or option sync: wait after each launch, so that a fault gets a name
    int64_t launches = 0;      // outside graphs
    int64_t synchronizations = 0;
    std::vector<PlannedLaunch>* plan = nullptr;  // not null: launches are written down here and not started
};

// Throws dg::Error when code is not cudaSuccess: memory errors as DG_ERROR_MEMORY, all others as DG_ERROR_DEVICE; says
// so when the error is sticky (the CUDA context of this process is lost).
void check(cudaError_t code, const char* operation);

// Waits for all queued work and counts the wait.
void synchronize(Stream& stream, const char* operation);

}  // namespace dg
#endif
