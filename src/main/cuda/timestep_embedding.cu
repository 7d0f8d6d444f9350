// timestep_embedding.cu
// WHAT      y[n] = [cos(t f_0) .. cos(t f_(H-1)), sin(t f_0) .. sin(t f_(H-1))], H = DIM / 2, f_i = 10000^(-i / H).
// SHAPES    y [N, DIM] F16 or BF16; t [N] F32.
// VARIANTS  id  name     when     grid            block  shared
//           1   simple   always   (N*DIM/256)     256    0
// NUMERICS  F32 with the exact sine and cosine: t reaches 1000, where the fast ones have lost three digits.
// LIMITS    DIM even.
// BUDGET    timestep_embedding_kernel 48
// SOURCE    Vaswani et al. 2017, arXiv:1706.03762, section 3.5; Ho et al. 2020, arXiv:2006.11239, appendix B.
// TEST      tests/native/ops_test.cpp, TimestepEmbeddingTest          BENCH  none (outside the step loop)
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256;
constexpr float LOG2_10000 = 13.287712379549449f;

template <class T>
__global__ void __launch_bounds__(THREADS)
    timestep_embedding_kernel(T* __restrict__ y, const float* __restrict__ t, int n, int dim) {
    int64_t i = int64_t{blockIdx.x} * THREADS + threadIdx.x;
    if (i >= int64_t{n} * dim) return;
    int half = dim / 2, col = static_cast<int>(i % dim);
    float frequency = exp2f(-LOG2_10000 * static_cast<float>(col % half) / half);
    float angle = t[i / dim] * frequency;
    y[i] = from_float<T>(col < half ? cosf(angle) : sinf(angle));
}

}  // namespace

void timestep_embedding(Stream& stream, int dtype, void* y, const float* t, int n, int dim) {
    for_half_type(dtype, "timestep_embedding", [&](auto tag) {
        using T = typename decltype(tag)::type;
        launch(stream, "timestep_embedding", dim3(grid_blocks(int64_t{n} * dim, THREADS, "timestep_embedding")),
               dim3(THREADS), 0, timestep_embedding_kernel<T>, static_cast<T*>(y), t, n, dim);
    });
}

}  // namespace dg
