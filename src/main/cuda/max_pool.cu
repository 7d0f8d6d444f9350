// max_pool.cu
// WHAT      y[n, oy, ox, c] = maximum of x over the K x K window at (oy * stride - pad_top, ox * stride - pad_left).
// SHAPES    x [N, H, W, C], y [N, OH, OW, C]; F16 or BF16. Outside counts as -infinity.
// VARIANTS  id  name     when                       grid                   block  shared
//           1   vector   C % 8 == 0 and aligned     (N*OH*OW*C/2048)       256    0
//           2   scalar   else                       (N*OH*OW*C/256)        256    0
// NUMERICS  NaN wins, as in PyTorch.
// LIMITS    2^39 elements.
// BUDGET    max_pool_kernel 64
// SOURCE    -
// TEST      tests/native/ops_test.cpp          BENCH  none (once per picture, MiDaS)
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256;

template <class T, int VEC>
__global__ void __launch_bounds__(THREADS)
    max_pool_kernel(T* __restrict__ y, const T* __restrict__ x, int64_t items, const __grid_constant__ PoolParams p) {
    int64_t i = int64_t{blockIdx.x} * THREADS + threadIdx.x;
    if (i >= items) return;
    int per_pixel = p.c / VEC, col = static_cast<int>(i % per_pixel) * VEC;
    int64_t pixel = i / per_pixel, image = pixel / p.ow / p.oh;
    int64_t top = pixel / p.ow % p.oh * p.stride - p.pad_top, left = pixel % p.ow * p.stride - p.pad_left;
    float best[VEC], value[VEC];
#pragma unroll
    for (int j = 0; j < VEC; j++) best[j] = -INFINITY;
    for (int64_t row = max(top, int64_t{0}); row < min(top + p.k, int64_t{p.h}); row++) {
        for (int64_t column = max(left, int64_t{0}); column < min(left + p.k, int64_t{p.w}); column++) {
            load_vector(value, x + ((image * p.h + row) * p.w + column) * p.c + col);
#pragma unroll
            for (int j = 0; j < VEC; j++) best[j] = value[j] > best[j] || value[j] != value[j] ? value[j] : best[j];
        }
    }
    store_vector(y + pixel * p.c + col, best);
}

}  // namespace

void max_pool(Stream& stream, int dtype, void* y, const void* x, const PoolParams& params) {
    for_half_type(dtype, "max_pool", [&](auto tag) {
        using T = typename decltype(tag)::type;
        bool vectors = params.c % 8 == 0 && aligned16(y, x);
        int64_t items = int64_t{params.n} * params.oh * params.ow * (vectors ? params.c / 8 : params.c);
        launch(stream, "max_pool", dim3(grid_blocks(items, THREADS, "max_pool")), dim3(THREADS), 0,
               vectors ? max_pool_kernel<T, 8> : max_pool_kernel<T, 1>, static_cast<T*>(y), static_cast<const T*>(x), items, params);
    });
}

}  // namespace dg
