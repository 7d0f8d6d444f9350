// gemm_launchers.h - packed weights, convolution and linear layer on tensor cores: what the host runtime calls.
//
// Host code only; the kernels are in conv2d.cu, linear.cu and pack.cu. Pointers in the structs below are device
// addresses, aligned to 16 bytes (emb: to its element). Every function throws dg::Error for arguments that it cannot
// serve.
#ifndef DAGUERRE_GEMM_LAUNCHERS_H
#define DAGUERRE_GEMM_LAUNCHERS_H

#include <cstddef>
#include <cstdint>

#include "gpu/stream.h"

namespace dg {

// Weights in the order in which the kernels read them: [O][K_PAD], k = (kh * KW + kw) * (C_PAD + C2_PAD) + channel.
// Each source's channels are padded with zeros to a multiple of 8, so that 16 bytes never straddle two taps or two
// sources; a row of the whole to a multiple of 32. GEGLU: rows interleaved, row 2i is value i, row 2i+1 gate i. The
// bias is f32, zeros where the layer has none.
struct PackedWeights {
    void* w = nullptr;
    float* bias = nullptr;
    int dtype = DG_F16;        // of w, and of the activations to come: DG_F16 or DG_BF16
    int o = 0, c = 0, c2 = 0;  // linear: c is K
    int kh = 1, kw = 1;
    bool geglu = false;

    int c_pad() const { return (c + 7) / 8 * 8; }
    int c2_pad() const { return (c2 + 7) / 8 * 8; }
    int k() const { return kh * kw * (c_pad() + c2_pad()); }
    int k_pad() const { return (k() + 31) / 32 * 32; }
    int o_pad() const { return (o + 15) / 16 * 16; }  // of the bias; w has o rows
    bool aligned() const { return c % 8 == 0 && c2 % 8 == 0; }
};

// Checks the sizes in `weights`; bytes of one block that holds w and bias.
size_t packed_bytes(const PackedWeights& weights);
// Sets w and bias to their places in a block of packed_bytes(weights), aligned to 256 bytes.
void place_packed(PackedWeights& weights, void* block);
// Fills w and bias from device copies of the file's tensors: w [O, C + C2, KH, KW] or [O, K] in PyTorch order, w_type
// and bias_type DG_F32, DG_F16 or DG_BF16; bias may be null.
void pack_weights(Stream& stream, const PackedWeights& weights, const void* w, int w_type, const void* bias,
                  int bias_type);

// y [N, OH, OW, O] = act(conv(nearest(x | x2 -> UH x UW)) + bias + emb[n, o]) + residual; see dg_conv2d in kernels.h.
struct ConvParams {
    void* y = nullptr;
    const void* x = nullptr;
    const void* x2 = nullptr;  // null when weights.c2 == 0
    PackedWeights weights;
    const void* emb = nullptr;
    int64_t emb_stride = 0;
    const void* residual = nullptr;
    int n = 0, h = 0, w = 0, uh = 0, uw = 0, oh = 0, ow = 0;
    int stride = 1, pad_top = 0, pad_left = 0;
    int activation = 0;
    float* workspace = nullptr;  // conv2d_workspace(params, variant) bytes; null when that is 0
};

// Variants 1..conv2d_variants(); 0 picks by shape. Table in conv2d.cu.
int conv2d_variants();
// The variant that `variant` stands for: itself, or for 0 the one picked.
int conv2d_variant(const ConvParams& params, int variant);
size_t conv2d_workspace(const ConvParams& params, int variant);
void conv2d(Stream& stream, int dtype, int variant, const ConvParams& params);

// y [ROWS, O] = act(x [ROWS, K] w^T + bias) + residual; GEGLU: y [ROWS, O / 2]; see dg_linear in kernels.h.
struct LinearParams {
    void* y = nullptr;
    const void* x = nullptr;
    PackedWeights weights;
    const void* residual = nullptr;
    int64_t rows = 0;
    int activation = 0;
};

// Variants 1..linear_variants(); 0 picks by shape. Table in linear.cu.
int linear_variants();
int linear_variant(const LinearParams& params, int variant);
void linear(Stream& stream, int dtype, int variant, const LinearParams& params);

}  // namespace dg
#endif
