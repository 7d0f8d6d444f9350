// max_pool.cu
// WHAT      y[n, oy, ox, c] = maximum of x over the K x K window at (oy * stride - pad_top, ox * stride - pad_left).
// SHAPES    x [N, H, W, C], y [N, OH, OW, C]; F16 or BF16. Outside counts as -infinity.
// VARIANTS  id  name     when                       grid                   block  shared
//           1   vector   C % 8 == 0 and aligned     (N*OH*OW*C/2048)       256    0
//           2   scalar   else                       (N*OH*OW*C/256)        256    0
// NUMERICS  NaN wins, as in PyTorch.
// LIMITS    less than 2^31 outputs (vectors of them).
// BUDGET    max_pool_kernel 64
// SOURCE    -
// TEST      tests/native/ops_test.cpp, MaxPoolTest          BENCH  none (once per picture, MiDaS)
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256;

template <class T, int VEC>
__global__ void __launch_bounds__(THREADS)
    max_pool_kernel(T* __restrict__ y, const T* __restrict__ x, int items, const __grid_constant__ PoolParams p) {
    unsigned i = blockIdx.x * THREADS + threadIdx.x;
    if (i >= static_cast<unsigned>(items)) return;
    int per_pixel = p.c / VEC, col = static_cast<int>(i) % per_pixel * VEC, pixel = static_cast<int>(i) / per_pixel;
    int image = pixel / p.ow / p.oh, top = pixel / p.ow % p.oh * p.stride - p.pad_top,
        left = pixel % p.ow * p.stride - p.pad_left;
    float best[VEC], value[VEC];
#pragma unroll
    for (int j = 0; j < VEC; j++) best[j] = -INFINITY;
    for (int row = max(top, 0); row < min(top + p.k, p.h); row++) {
        for (int column = max(left, 0); column < min(left + p.k, p.w); column++) {
            load_vector(value, x + ((int64_t{image} * p.h + row) * p.w + column) * p.c + col);
#pragma unroll
            for (int j = 0; j < VEC; j++) best[j] = value[j] > best[j] || value[j] != value[j] ? value[j] : best[j];
        }
    }
    store_vector(y + int64_t{pixel} * p.c + col, best);
}

}  // namespace

void max_pool(Stream& stream, int dtype, void* y, const void* x, const PoolParams& params) {
    for_half_type(dtype, "max_pool", [&](auto tag) {
        using T = typename decltype(tag)::type;
        bool vectors = params.c % 8 == 0 && aligned16(y, x);
        // Positions in the window are 32-bit: the largest is OH * stride + K.
        expect(int64_t{params.oh} * params.stride + params.k <= INT32_MAX &&
                   int64_t{params.ow} * params.stride + params.k <= INT32_MAX,
               "max_pool: expected windows that end below 2^31");
        int64_t items = int64_t{params.n} * params.oh * params.ow * (vectors ? params.c / 8 : params.c);
        expect(items <= INT32_MAX, "max_pool: expected less than 2^31 outputs, found ", items);
        launch(stream, "max_pool", dim3(grid_blocks(items, THREADS, "max_pool")), dim3(THREADS), 0,
               vectors ? max_pool_kernel<T, 8> : max_pool_kernel<T, 1>, static_cast<T*>(y), static_cast<const T*>(x),
               static_cast<int>(items), params);
    });
}

}  // namespace dg
