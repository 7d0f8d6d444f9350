// launch.h - the one way to start a kernel. No <<<>>>: cudaLaunchKernelEx is an ordinary, type-checked function, which
// also exists in the emulator.
#ifndef DAGUERRE_LAUNCH_H
#define DAGUERRE_LAUNCH_H

#include <cuda_runtime.h>

#include <cstddef>

#include "gpu/error.h"
#include "gpu/stream.h"

namespace dg {

// Dynamic shared memory that needs no opt-in, and the most that every architecture we compile for has (sm_86, 89, 120:
// 99 KiB).
constexpr size_t SHARED_DEFAULT = 48 * 1024;
constexpr size_t SHARED_LIMIT = 99 * 1024;

// Queues kernel(args...) on the stream. `name` appears in error messages.
template <class... Parameters, class... Arguments>
void launch(Stream& stream, const char* name, dim3 grid, dim3 block, size_t shared_bytes, void (*kernel)(Parameters...),
            Arguments&&... arguments) {
    if (stream.plan) return stream.plan->push_back({name, grid, block, shared_bytes});
    if (shared_bytes > SHARED_DEFAULT) {
        check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared_bytes)),
              name);
    }
    cudaLaunchConfig_t config = {};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = shared_bytes;
    config.stream = stream.handle;
    check(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...), name);
    if (stream.capturing) return;
    stream.launches++;
    if (stream.synchronous) synchronize(stream, name);
}

// Blocks needed for `items` work items, as a grid.x; fails where the hardware's limit is passed.
inline unsigned grid_blocks(int64_t items, int per_block, const char* name) {
    int64_t blocks = (items + per_block - 1) / per_block;
    expect(blocks >= 1 && blocks <= 2147483647, name, ": expected 1 to 2^31 - 1 blocks, found ", blocks);
    return static_cast<unsigned>(blocks);
}

}  // namespace dg
#endif
