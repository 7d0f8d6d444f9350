// pack.cu
// WHAT      Weights of a convolution or linear layer from PyTorch's order into the one that conv2d.cu and linear.cu
//           read: p[r][(kh * KW + kw) * (C_PAD + C2_PAD) + channel] = w[row(r)][c][kh][kw], zero where padded; bias to
//           f32. row(r) = r; GEGLU: r / 2 for even r (value), O / 2 + r / 2 for odd r (gate).
// SHAPES    w [O, C + C2, KH, KW] or [O, K], bias [O] or absent: f32, f16 or bf16 on the device. p [O][K_PAD], f16 or
//           bf16; bias f32 [O_PAD].
// VARIANTS  id  name     when      grid               block  shared
//           1   element  always    O * K_PAD / 256    256    0
// NUMERICS  one rounding, to nearest even; f32 weights beyond 65504 become infinite in f16.
// LIMITS    sizes below 2^31 each, checked by the launcher; GEGLU: O even.
// BUDGET    pack_weights_kernel 40
// BUDGET    pack_bias_kernel 40
// SOURCE    layout of gemm_launchers.h
// TEST      tests/native/gemm_test.cpp          BENCH  none: runs once per model
#include "common.cuh"
#include "gemm_launchers.h"
#include "launch.h"

namespace dg {
namespace {

constexpr int PACK_THREADS = 256;

// The row of the file's tensor that becomes packed row r.
__device__ __forceinline__ int source_row(int r, int o, bool geglu) {
    if (!geglu) return r;
    return r % 2 * (o / 2) + r / 2;
}

template <class T, class S>
__global__ void __launch_bounds__(PACK_THREADS)
    pack_weights_kernel(T* p, const S* __restrict__ w, int o, int c, int c2, int c_pad, int channels, int taps,
                        int k_pad, bool geglu) {
    int64_t at = int64_t(blockIdx.x) * PACK_THREADS + threadIdx.x;
    if (at >= int64_t(o) * k_pad) return;
    int r = static_cast<int>(at / k_pad), k = static_cast<int>(at % k_pad);
    int tap = k / channels, channel = k % channels;
    bool second = channel >= c_pad;
    int within = second ? channel - c_pad : channel;
    bool exists = tap < taps && within < (second ? c2 : c);
    int64_t source = (int64_t(source_row(r, o, geglu)) * (c + c2) + (second ? c + within : within)) * taps + tap;
    p[at] = from_float<T>(exists ? to_float(w[source]) : 0.f);
}

template <class S>
__global__ void __launch_bounds__(PACK_THREADS)
    pack_bias_kernel(float* p, const S* __restrict__ bias, int o, int o_pad, bool geglu) {
    int r = static_cast<int>(blockIdx.x) * PACK_THREADS + static_cast<int>(threadIdx.x);
    if (r >= o_pad) return;
    p[r] = bias && r < o ? to_float(bias[source_row(r, o, geglu)]) : 0.f;
}

size_t weight_bytes(const PackedWeights& p) {
    size_t bytes = size_t(p.o) * size_t(p.k_pad()) * 2;
    return (bytes + 255) / 256 * 256;
}

void check_sizes(const PackedWeights& p) {
    expect(p.dtype == DG_F16 || p.dtype == DG_BF16, "pack_weights: expected f16 or bf16, found ", type_name(p.dtype));
    expect(p.o > 0 && p.c > 0 && p.c2 >= 0 && p.kh > 0 && p.kw > 0, "pack_weights: expected positive sizes, found o ",
           p.o, ", c ", p.c, " + ", p.c2, ", kernel ", p.kh, "x", p.kw);
    expect((int64_t(p.c) + p.c2 + 14) * p.kh * p.kw < 2147483647 - 32 && p.o < 2147483647 - 16,
           "pack_weights: expected fewer than 2^31 - 32 ", "values per row, found o ", p.o, ", c ", p.c, " + ", p.c2,
           ", kernel ", p.kh, "x", p.kw);
    expect(!p.geglu || (p.o % 2 == 0 && p.kh == 1 && p.kw == 1 && p.c2 == 0),
           "pack_weights: expected a linear layer with an even number of ", "rows for GEGLU, found ", p.o);
}

}  // namespace

size_t packed_bytes(const PackedWeights& weights) {
    check_sizes(weights);
    return weight_bytes(weights) + size_t(weights.o_pad()) * sizeof(float);
}

void place_packed(PackedWeights& weights, void* block) {
    weights.w = block;
    weights.bias = reinterpret_cast<float*>(static_cast<char*>(block) + weight_bytes(weights));
}

void pack_weights(Stream& stream, const PackedWeights& p, const void* w, int w_type, const void* bias, int bias_type) {
    check_sizes(p);
    expect(p.w && p.bias && w, "pack_weights: expected places for weights and bias, found a null address");
    unsigned blocks = grid_blocks(int64_t(p.o) * p.k_pad(), PACK_THREADS, "pack_weights");
    for_half_type(p.dtype, "pack_weights", [&](auto target) {
        for_float_type(w_type, "pack_weights", [&](auto source) {
            using T = typename decltype(target)::type;
            using S = typename decltype(source)::type;
            launch(stream, "pack_weights", dim3(blocks), dim3(PACK_THREADS), 0, pack_weights_kernel<T, S>,
                   static_cast<T*>(p.w), static_cast<const S*>(w), p.o, p.c, p.c2, p.c_pad(), p.c_pad() + p.c2_pad(),
                   p.kh * p.kw, p.k_pad(), p.geglu);
        });
    });
    for_float_type(bias ? bias_type : DG_F32, "pack_weights", [&](auto source) {
        using S = typename decltype(source)::type;
        launch(stream, "pack_bias", dim3(grid_blocks(p.o_pad(), PACK_THREADS, "pack_weights")), dim3(PACK_THREADS), 0,
               pack_bias_kernel<S>, p.bias, static_cast<const S*>(bias), p.o, p.o_pad(), p.geglu);
    });
}

}  // namespace dg
