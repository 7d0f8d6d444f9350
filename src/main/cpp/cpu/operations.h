// operations.h - the operations of kernels.h on an engine: each checks its arguments (throwing Error) and runs to its
// end.
#ifndef DAGUERRE_CPU_OPERATIONS_H
#define DAGUERRE_CPU_OPERATIONS_H

#include "engine.h"

namespace dg {

struct Conv2d {
    int dtype;
    int64_t y, x;
    int c;
    int64_t x2;
    int c2;
    int64_t weights, emb, emb_stride, residual;
    int n, h, w, uh, uw, oh, ow, stride, pad_top, pad_left, activation;
};

struct Attention {
    int dtype;
    int64_t y, ldy, q, ldq, k, ldk, v, ldv;
    int n, lq, lk, heads, d;
    float scale;
    int causal;
};

// pack.cpp
int64_t pack_conv2d(Engine& engine, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int c, int c2,
                    int kh, int kw);
int64_t pack_linear(Engine& engine, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int k,
                    int geglu);

// conv2d.cpp, linear.cpp, attention.cpp, norms.cpp
void conv2d(Engine& engine, const Conv2d& arguments);
void linear(Engine& engine, int dtype, int64_t y, int64_t x, int64_t weights, int64_t residual, int64_t rows,
            int activation);
void attention(Engine& engine, const Attention& arguments);
void group_norm(Engine& engine, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weight,
                int64_t bias, int n, int64_t pixels, int groups, float eps, int activation);
void layer_norm(Engine& engine, int dtype, int64_t y, int64_t x, int64_t weight, int64_t bias, int64_t rows, int c,
                float eps);

// pointwise.cpp
void combine(Engine& engine, int y_type, int64_t y, int64_t count, int terms, int x_types, const int64_t* x,
             const float* factors);
void guidance(Engine& engine, int dtype, int64_t y, int64_t cond, int64_t uncond, int n, int64_t count, float scale,
              float rescale);
void activation_forward(Engine& engine, int dtype, int64_t y, int64_t x, int64_t count, int activation);
void blend(Engine& engine, int64_t y, int64_t a, int64_t b, int64_t mask, int mask_n, int n, int64_t pixels, int c);
void count_nonfinite(Engine& engine, int dtype, int64_t count, int64_t x, int64_t values);
void timestep_embedding(Engine& engine, int dtype, int64_t y, int64_t t, int n, int dim);
void embedding(Engine& engine, int dtype, int64_t y, int64_t ids, int64_t table, int64_t positions, int64_t rows, int l,
               int c, int v);

// layout.cpp
void copy_columns(Engine& engine, int dtype, int64_t y, int64_t ldy, int64_t x, int64_t ldx, int64_t rows,
                  int64_t cols);
void nchw_to_nhwc(Engine& engine, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w);
void nhwc_to_nchw(Engine& engine, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w);
void resize(Engine& engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int bilinear);
void pixel_unshuffle(Engine& engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r);
void pixel_shuffle(Engine& engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r);
void max_pool(Engine& engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int k,
              int stride, int pad_top, int pad_left);

}  // namespace dg
#endif
