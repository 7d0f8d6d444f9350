// layer_norm.cu
// WHAT      y = (x - mean) / sqrt(var + eps) * weight[c] + bias[c]; mean and var over C, per row.
// SHAPES    x, y [ROWS, C]; weight, bias [C] F32 or absent (ones, zeros). F16 or BF16, sums in F32.
// VARIANTS  id  name    when                            grid        block  shared
//           1   warp    always; 16-byte loads where     (ROWS/8)    256    0
//                       C % 8 == 0 and all addresses
//                       are aligned, else one by one
// NUMERICS  two passes over the row (the second reads the L1 cache): the one-pass form E[x^2]-E[x]^2 cancels when
//           |mean| >> std. The order of the sums depends on C only.
// LIMITS    ROWS <= 2^31 - 1.
// BUDGET    layer_norm_kernel 64
// SOURCE    Ba, Kiros & Hinton 2016, arXiv:1607.06450, equation 3.
// TEST      tests/native/ops_test.cpp, LayerNormTest          BENCH  bench layer_norm
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256;
constexpr int ROWS_PER_BLOCK = THREADS / WARP;

template <class T, int VEC>
__global__ void __launch_bounds__(THREADS)
    layer_norm_kernel(T* __restrict__ y, const T* __restrict__ x, const float* __restrict__ weight,
                      const float* __restrict__ bias, int64_t rows, int c, float eps) {
    int lane = threadIdx.x % WARP;
    int64_t row = int64_t{blockIdx.x} * ROWS_PER_BLOCK + threadIdx.x / WARP;
    if (row >= rows) return;  // whole warps
    x += row * c;
    y += row * c;
    float values[VEC], sum = 0.f, squares = 0.f;
    for (int i = lane * VEC; i < c; i += WARP * VEC) {
        load_vector(values, x + i);
#pragma unroll
        for (int j = 0; j < VEC; j++) sum += values[j];
    }
    float mean = warp_sum(sum) / c;
    for (int i = lane * VEC; i < c; i += WARP * VEC) {
        load_vector(values, x + i);
#pragma unroll
        for (int j = 0; j < VEC; j++) squares += (values[j] - mean) * (values[j] - mean);
    }
    float inverse = rsqrtf(warp_sum(squares) / c + eps);
    for (int i = lane * VEC; i < c; i += WARP * VEC) {
        float w[VEC], b[VEC];
        load_vector(values, x + i);
        load_vector_or(w, weight, i, 1.f);
        load_vector_or(b, bias, i, 0.f);
#pragma unroll
        for (int j = 0; j < VEC; j++) values[j] = (values[j] - mean) * inverse * w[j] + b[j];
        store_vector(y + i, values);
    }
}

}  // namespace

void layer_norm(Stream& stream, int dtype, void* y, const void* x, const float* weight, const float* bias, int64_t rows,
                int c, float eps) {
    for_half_type(dtype, "layer_norm", [&](auto tag) {
        using T = typename decltype(tag)::type;
        bool vectors = c % 8 == 0 && aligned16(y, x, weight, bias);
        launch(stream, "layer_norm", dim3(grid_blocks(rows, ROWS_PER_BLOCK, "layer_norm")), dim3(THREADS), 0,
               vectors ? layer_norm_kernel<T, 8> : layer_norm_kernel<T, 1>, static_cast<T*>(y),
               static_cast<const T*>(x), weight, bias, rows, c, eps);
    });
}

}  // namespace dg
