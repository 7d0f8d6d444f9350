// count_nonfinite.cu
// WHAT      count[0] = how many of x are NaN or infinite.
// SHAPES    x [COUNT] F32, F16 or BF16; count [1] 32-bit.
// VARIANTS  id  name    when     grid                      block  shared
//           1   grid    always   (COUNT/2048, <= 4096)     256    4 B
// NUMERICS  integers; the order of the atomic additions does not matter.
// LIMITS    counts above 2^31 - 1 wrap.
// BUDGET    count_nonfinite_kernel 40
// SOURCE    -
// TEST      tests/native/ops_test.cpp, CountNonFiniteTest          BENCH  none (a check after decoding)
#include <algorithm>

#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256, VEC = 8;
constexpr unsigned MOST_BLOCKS = 4096;

__device__ __forceinline__ bool nonfinite(float x) { return !(fabsf(x) <= 3.402823466e38f); }

template <class T>
__global__ void __launch_bounds__(THREADS)
    count_nonfinite_kernel(unsigned* __restrict__ count, const T* __restrict__ x, int64_t values, bool aligned) {
    SHARED_ARRAY(unsigned, s_found, 1);
    if (threadIdx.x == 0) s_found[0] = 0;
    __syncthreads();
    unsigned found = 0;
    int64_t stride = int64_t{gridDim.x} * THREADS * VEC;
    for (int64_t first = (int64_t{blockIdx.x} * THREADS + threadIdx.x) * VEC; first < values; first += stride) {
        if (aligned && first + VEC <= values) {
            float value[VEC];
            load_vector(value, x + first);
#pragma unroll
            for (int j = 0; j < VEC; j++) found += nonfinite(value[j]);
        } else {
            for (int64_t i = first; i < first + VEC && i < values; i++) found += nonfinite(to_float(x[i]));
        }
    }
    if (found != 0) atomicAdd(s_found, found);
    __syncthreads();
    if (threadIdx.x == 0 && s_found[0] != 0) atomicAdd(count, s_found[0]);
}

}  // namespace

void count_nonfinite(Stream& stream, int dtype, unsigned* count, const void* x, int64_t values) {
    check(cudaMemsetAsync(count, 0, sizeof *count, stream.handle), "count_nonfinite");
    for_float_type(dtype, "count_nonfinite", [&](auto tag) {
        using T = typename decltype(tag)::type;
        unsigned blocks = std::min(grid_blocks(values, THREADS * VEC, "count_nonfinite"), MOST_BLOCKS);
        launch(stream, "count_nonfinite", dim3(blocks), dim3(THREADS), 0, count_nonfinite_kernel<T>, count,
               static_cast<const T*>(x), values, aligned16(x));
    });
}

}  // namespace dg
