// launchers.h - every operation but convolution and linear layer (gemm_launchers.h): what the host runtime calls.
//
// Host code only; each function is in the .cu file of its name. Pointers are device addresses, shapes as in kernels.h.
// The caller has checked types, ranges and sizes against kernels.h; a launcher checks what its kernels add and throws
// dg::Error.
#ifndef DAGUERRE_LAUNCHERS_H
#define DAGUERRE_LAUNCHERS_H

#include <cstddef>
#include <cstdint>

#include "gpu/stream.h"

namespace dg {

// Row l of sequence n starts at (n * L + l) * ld elements; head i uses columns i * d .. i * d + d - 1.
struct AttentionParams {
    void* y = nullptr;
    const void *q = nullptr, *k = nullptr, *v = nullptr;
    int64_t ldy = 0, ldq = 0, ldk = 0, ldv = 0;
    int n = 0, lq = 0, lk = 0, heads = 0, d = 0;
    float scale = 1;
    bool causal = false;
};
int attention_variants();
void attention(Stream& stream, int dtype, int variant, const AttentionParams& params);

struct GroupNormParams {
    void* y = nullptr;
    const void *x = nullptr, *x2 = nullptr;
    int c = 0, c2 = 0;
    const float *weight = nullptr, *bias = nullptr;
    int n = 0;
    int64_t pixels = 0;
    int groups = 1;
    float eps = 0;
    int activation = 0;
    float* workspace = nullptr;  // group_norm_workspace(params, variant) bytes
};
int group_norm_variants();
size_t group_norm_workspace(const GroupNormParams& params, int variant);
void group_norm(Stream& stream, int dtype, int variant, const GroupNormParams& params);

void layer_norm(Stream& stream, int dtype, void* y, const void* x, const float* weight, const float* bias, int64_t rows,
                int c, float eps);

void embedding(Stream& stream, int dtype, void* y, const int* ids, const void* table, const void* positions,
               int64_t rows, int l, int c, int v);

void timestep_embedding(Stream& stream, int dtype, void* y, const float* t, int n, int dim);

constexpr int COMBINE_TERMS = 8;
struct CombineParams {
    void* y = nullptr;
    int y_type = 0;
    int64_t count = 0;
    int terms = 0;
    const void* x[COMBINE_TERMS] = {};
    int x_types[COMBINE_TERMS] = {};
    float c[COMBINE_TERMS] = {};
};
void combine(Stream& stream, const CombineParams& params);

// workspace: guidance_workspace(n, count, rescale) bytes.
size_t guidance_workspace(int n, int64_t count, float rescale);
void guidance(Stream& stream, int dtype, float* y, const void* cond, const void* uncond, int n, int64_t count,
              float scale, float rescale, float* workspace);

void activation_forward(Stream& stream, int dtype, void* y, const void* x, int64_t count, int activation);

void blend(Stream& stream, float* y, const float* a, const float* b, const float* mask, int mask_n, int n,
           int64_t pixels, int c);

// element_bytes: 2 or 4.
void copy_columns(Stream& stream, int element_bytes, void* y, int64_t ldy, const void* x, int64_t ldx, int64_t rows,
                  int64_t cols);

void nchw_to_nhwc(Stream& stream, int y_type, void* y, int x_type, const void* x, int n, int c, int64_t pixels);
void nhwc_to_nchw(Stream& stream, int y_type, void* y, int x_type, const void* x, int n, int c, int64_t pixels);

void resize(Stream& stream, int dtype, void* y, const void* x, int n, int h, int w, int c, int oh, int ow, int mode);

void pixel_unshuffle(Stream& stream, int element_bytes, void* y, const void* x, int n, int h, int w, int c, int r);
void pixel_shuffle(Stream& stream, int element_bytes, void* y, const void* x, int n, int h, int w, int c, int r);

struct PoolParams {
    int n, h, w, c, oh, ow, k, stride, pad_top, pad_left;
};
void max_pool(Stream& stream, int dtype, void* y, const void* x, const PoolParams& params);

void count_nonfinite(Stream& stream, int dtype, unsigned* count, const void* x, int64_t values);

}  // namespace dg
#endif
