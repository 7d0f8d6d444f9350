// operation_entries.cpp - the operations of the plug-in's table: arguments are checked here, then the launcher of that
// name is called.
#include "gpu/entries.h"
#include "launchers.h"

namespace dg {
namespace entry {

// One side of the output: its windows start inside the padded input, and no further window would fit (kernels.h).
static void expect_windows(const Arguments& args, const char* name, int out, int stride, int kernel, int in, int before) {
    int64_t after = (int64_t{out} - 1) * stride + kernel - in - before;
    args.require(after < kernel, name, " within the padded input, found ", out);
    args.require(after > -stride, name, " that uses the whole input, found ", out);
}

int conv2d(int64_t context, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weights, int64_t emb,
           int64_t emb_stride, int64_t residual, int n, int h, int w, int uh, int uw, int oh, int ow, int stride,
           int pad_top, int pad_left, int activation) {
    return operation(context, "conv2d", [&](Engine& engine, const Arguments& args) {
        const WeightsEntry& entry = engine.weights(weights, "conv2d");
        const PackedWeights& packed = entry.packed;
        args.require(!entry.linear, "weights made by pack_conv2d, found weights of a linear layer");
        args.require(packed.dtype == dtype, "weights packed for activations of type ", packed.dtype, ", found type ",
                     dtype);
        args.require(packed.c == c && packed.c2 == c2, packed.c, " + ", packed.c2, " input channels, found ", c, " + ",
                     c2);
        for (int size : {n, h, w, uh, uw, oh, ow, stride}) args.positive("sizes and stride", size);
        args.within("pad_top", pad_top, 0, packed.kh - 1);
        args.within("pad_left", pad_left, 0, packed.kw - 1);
        args.require(uh >= h && uw >= w, "UH and UW of at least ", h, " and ", w, ", found ", uh, " and ", uw);
        expect_windows(args, "OH", oh, stride, packed.kh, uh, pad_top);
        expect_windows(args, "OW", ow, stride, packed.kw, uw, pad_left);
        args.activation(activation, DG_ACT_AFTER_RESIDUAL);
        int64_t pixels = args.count({n, h, w}), outputs = args.count({n, oh, ow, packed.o});
        ConvParams p;
        p.y = args.tensor("y", y, outputs, dtype);
        p.x = args.tensor("x", x, args.count({pixels, c}), dtype);
        args.require((c2 > 0) == (x2 != 0), "x2 exactly where the weights have a second source, found C2 = ", c2);
        p.x2 = args.optional("x2", x2, args.count({pixels, c2}), dtype);
        if (emb != 0) {
            args.require(emb_stride == 0 || emb_stride >= packed.o, "emb_stride 0 or at least ", packed.o, ", found ",
                         emb_stride);
            p.emb = args.tensor("emb", emb, args.count({n - 1, emb_stride}) + packed.o, dtype);
        }
        p.residual = args.optional("residual", residual, outputs, dtype);
        p.weights = packed;
        p.emb_stride = emb_stride;
        p.n = n;
        p.h = h;
        p.w = w;
        p.uh = uh;
        p.uw = uw;
        p.oh = oh;
        p.ow = ow;
        p.stride = stride;
        p.pad_top = pad_top;
        p.pad_left = pad_left;
        p.activation = activation;
        int variant = engine.variant(DG_OP_CONV2D);
        Scratch workspace(engine, static_cast<int64_t>(conv2d_workspace(p, variant)));
        p.workspace = workspace.as<float>();
        dg::conv2d(engine.stream, dtype, variant, p);
    });
}

int linear(int64_t context, int dtype, int64_t y, int64_t x, int64_t weights, int64_t residual, int64_t rows,
           int activation) {
    return operation(context, "linear", [&](Engine& engine, const Arguments& args) {
        const WeightsEntry& entry = engine.weights(weights, "linear");
        const PackedWeights& packed = entry.packed;
        args.require(entry.linear, "weights made by pack_linear, found weights of a convolution");
        args.require(packed.dtype == dtype, "weights packed for activations of type ", packed.dtype, ", found type ",
                     dtype);
        args.positive("ROWS", rows);
        args.activation(activation, DG_ACT_AFTER_RESIDUAL);
        args.require(!packed.geglu || activation == DG_ACT_NONE, "activation 0 with geglu weights, found ", activation);
        args.require(!packed.geglu || residual == 0, "no residual with geglu weights, found one");
        int64_t outputs = args.count({rows, packed.geglu ? packed.o / 2 : packed.o});
        LinearParams p;
        p.y = args.tensor("y", y, outputs, dtype);
        p.x = args.tensor("x", x, args.count({rows, packed.c}), dtype);
        p.residual = args.optional("residual", residual, outputs, dtype);
        p.weights = packed;
        p.rows = rows;
        p.activation = activation;
        dg::linear(engine.stream, dtype, engine.variant(DG_OP_LINEAR), p);
    });
}

int attention(int64_t context, int dtype, int64_t y, int64_t ldy, int64_t q, int64_t ldq, int64_t k, int64_t ldk,
              int64_t v, int64_t ldv, int n, int lq, int lk, int heads, int d, float scale, int causal) {
    return operation(context, "attention", [&](Engine& engine, const Arguments& args) {
        for (int size : {n, lq, lk, heads, d}) args.positive("N, LQ, LK, heads and D", size);
        args.require(scale >= 1e-6f && scale <= 1e6f, "a scale from 1e-6 to 1e6, found ", scale);
        args.require(causal == 0 || lq == lk, "LQ == LK for causal attention, found ", lq, " and ", lk);
        int64_t cols = args.count({heads, d}), q_rows = args.count({n, lq}), k_rows = args.count({n, lk});
        AttentionParams p;
        p.y = args.strided("y", y, q_rows, cols, ldy, dtype);
        p.q = args.strided("q", q, q_rows, cols, ldq, dtype);
        p.k = args.strided("k", k, k_rows, cols, ldk, dtype);
        p.v = args.strided("v", v, k_rows, cols, ldv, dtype);
        p.ldy = ldy;
        p.ldq = ldq;
        p.ldk = ldk;
        p.ldv = ldv;
        p.n = n;
        p.lq = lq;
        p.lk = lk;
        p.heads = heads;
        p.d = d;
        p.scale = scale;
        p.causal = causal != 0;
        dg::attention(engine.stream, dtype, engine.variant(DG_OP_ATTENTION), p);
    });
}

int group_norm(int64_t context, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weight,
               int64_t bias, int n, int64_t pixels, int groups, float eps, int activation) {
    return operation(context, "group_norm", [&](Engine& engine, const Arguments& args) {
        for (int64_t size : {int64_t{c}, int64_t{n}, pixels, int64_t{groups}})
            args.positive("C, N, pixels and groups", size);
        args.within("C2", c2, 0, INT32_MAX - int64_t{c});
        args.require((c2 > 0) == (x2 != 0), "x2 exactly where C2 > 0, found C2 = ", c2);
        args.require((c + c2) % groups == 0, "channels that ", groups, " groups divide, found ", c, " + ", c2);
        args.norm_eps(eps);
        args.require(activation == DG_ACT_NONE || activation == DG_ACT_SILU || activation == DG_ACT_RELU,
                     "activation NONE, SILU or RELU, found ", activation);
        int64_t rows = args.count({n, pixels});
        GroupNormParams p;
        p.y = args.tensor("y", y, args.count({rows, c + c2}), dtype);
        p.x = args.tensor("x", x, args.count({rows, c}), dtype);
        p.x2 = args.optional("x2", x2, args.count({rows, c2}), dtype);
        p.weight = args.tensor<float>("weight", weight, c + c2, DG_F32);
        p.bias = args.tensor<float>("bias", bias, c + c2, DG_F32);
        p.c = c;
        p.c2 = c2;
        p.n = n;
        p.pixels = pixels;
        p.groups = groups;
        p.eps = eps;
        p.activation = activation;
        int variant = engine.variant(DG_OP_GROUP_NORM);
        Scratch workspace(engine, static_cast<int64_t>(group_norm_workspace(p, variant)));
        p.workspace = workspace.as<float>();
        dg::group_norm(engine.stream, dtype, variant, p);
    });
}

int layer_norm(int64_t context, int dtype, int64_t y, int64_t x, int64_t weight, int64_t bias, int64_t rows, int c,
               float eps) {
    return operation(context, "layer_norm", [&](Engine& engine, const Arguments& args) {
        args.positive("ROWS", rows);
        args.positive("C", c);
        args.norm_eps(eps);
        int64_t elements = args.count({rows, c});
        dg::layer_norm(engine.stream, dtype, args.tensor("y", y, elements, dtype), args.tensor("x", x, elements, dtype),
                       args.optional<float>("weight", weight, c, DG_F32), args.optional<float>("bias", bias, c, DG_F32),
                       rows, c, eps);
    });
}

int embedding(int64_t context, int dtype, int64_t y, int64_t ids, int64_t table, int64_t positions, int64_t rows, int l,
              int c, int v) {
    return operation(context, "embedding", [&](Engine& engine, const Arguments& args) {
        for (int64_t size : {rows, int64_t{l}, int64_t{c}, int64_t{v}}) args.positive("ROWS, L, C and V", size);
        dg::embedding(engine.stream, dtype, args.tensor("y", y, args.count({rows, c}), dtype),
                      args.tensor<int>("ids", ids, rows, DG_I32),
                      args.tensor("table", table, args.count({v, c}), dtype),
                      args.optional("positions", positions, args.count({l, c}), dtype), rows, l, c, v);
    });
}

int timestep_embedding(int64_t context, int dtype, int64_t y, int64_t t, int n, int dim) {
    return operation(context, "timestep_embedding", [&](Engine& engine, const Arguments& args) {
        args.positive("N", n);
        args.require(dim >= 2 && dim % 2 == 0, "an even DIM of at least 2, found ", dim);
        dg::timestep_embedding(engine.stream, dtype, args.tensor("y", y, args.count({n, dim}), dtype),
                               args.tensor<float>("t", t, n, DG_F32), n, dim);
    });
}

int combine(int64_t context, int y_type, int64_t y, int64_t count, int terms, int x_types, int64_t x0, int64_t x1,
            int64_t x2, int64_t x3, int64_t x4, int64_t x5, int64_t x6, int64_t x7, float c0, float c1, float c2,
            float c3, float c4, float c5, float c6, float c7) {
    return operation(context, "combine", [&](Engine& engine, const Arguments& args) {
        const int64_t x[COMBINE_TERMS] = {x0, x1, x2, x3, x4, x5, x6, x7};
        const float c[COMBINE_TERMS] = {c0, c1, c2, c3, c4, c5, c6, c7};
        args.within("terms", terms, 1, COMBINE_TERMS);
        args.require(count >= 1, "at least one element, found ", count);
        args.count({count});
        args.within("the type of y", y_type, DG_F32, DG_BF16);
        CombineParams p;
        p.y = args.tensor("y", y, count, y_type);
        p.y_type = y_type;
        p.count = count;
        p.terms = terms;
        for (int i = 0; i < terms; i++) {
            int type = x_types >> (4 * i) & 15;
            args.within("the type of a term", type, DG_F32, DG_BF16);
            p.x[i] = args.tensor("a term", x[i], count, type);
            p.x_types[i] = type;
            p.c[i] = c[i];
        }
        dg::combine(engine.stream, p);
    });
}

int guidance(int64_t context, int dtype, int64_t y, int64_t cond, int64_t uncond, int n, int64_t count, float scale,
             float rescale) {
    return operation(context, "guidance", [&](Engine& engine, const Arguments& args) {
        args.positive("N", n);
        args.require(count >= 1, "at least one element, found ", count);
        args.require(rescale >= 0 && rescale <= 1, "a rescale from 0 to 1, found ", rescale);
        int64_t elements = args.count({n, count});
        float* result = args.tensor<float>("y", y, elements, DG_F32);
        const void* c = args.tensor("cond", cond, elements, dtype);
        const void* u = args.tensor("uncond", uncond, elements, dtype);
        Scratch workspace(engine, static_cast<int64_t>(guidance_workspace(n, count, rescale)));
        dg::guidance(engine.stream, dtype, result, c, u, n, count, scale, rescale, workspace.as<float>());
    });
}

int activation_forward(int64_t context, int dtype, int64_t y, int64_t x, int64_t count, int activation) {
    return operation(context, "activation", [&](Engine& engine, const Arguments& args) {
        args.require(count >= 1, "at least one element, found ", count);
        args.count({count});
        args.activation(activation, 0);
        dg::activation_forward(engine.stream, dtype, args.tensor("y", y, count, dtype),
                               args.tensor("x", x, count, dtype), count, activation);
    });
}

int blend(int64_t context, int64_t y, int64_t a, int64_t b, int64_t mask, int mask_n, int n, int64_t pixels, int c) {
    return operation(context, "blend", [&](Engine& engine, const Arguments& args) {
        for (int64_t size : {int64_t{n}, pixels, int64_t{c}}) args.positive("N, pixels and C", size);
        args.require(mask_n == 1 || mask_n == n, "a mask for 1 or ", n, " images, found ", mask_n);
        int64_t elements = args.count({n, pixels, c});
        dg::blend(engine.stream, args.tensor<float>("y", y, elements, DG_F32),
                  args.tensor<float>("a", a, elements, DG_F32), args.tensor<float>("b", b, elements, DG_F32),
                  args.tensor<float>("mask", mask, args.count({mask_n, pixels}), DG_F32), mask_n, n, pixels, c);
    });
}

int copy_columns(int64_t context, int dtype, int64_t y, int64_t ldy, int64_t x, int64_t ldx, int64_t rows,
                 int64_t cols) {
    return operation(context, "copy_columns", [&](Engine& engine, const Arguments& args) {
        args.positive("rows", rows);
        args.positive("columns", cols);
        void* to = args.strided("y", y, rows, cols, ldy, dtype);
        const void* from = args.strided("x", x, rows, cols, ldx, dtype);
        dg::copy_columns(engine.stream, args.element_bytes(dtype), to, ldy, from, ldx, rows, cols);
    });
}

int nchw_to_nhwc(int64_t context, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w) {
    return operation(context, "nchw_to_nhwc", [&](Engine& engine, const Arguments& args) {
        for (int size : {n, c, h, w}) args.positive("N, C, H and W", size);
        int64_t elements = args.count({n, c, h, w});
        dg::nchw_to_nhwc(engine.stream, y_type, args.tensor("y", y, elements, y_type), x_type,
                         args.tensor("x", x, elements, x_type), n, c, int64_t{h} * w);
    });
}

int nhwc_to_nchw(int64_t context, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w) {
    return operation(context, "nhwc_to_nchw", [&](Engine& engine, const Arguments& args) {
        for (int size : {n, c, h, w}) args.positive("N, C, H and W", size);
        int64_t elements = args.count({n, c, h, w});
        dg::nhwc_to_nchw(engine.stream, y_type, args.tensor("y", y, elements, y_type), x_type,
                         args.tensor("x", x, elements, x_type), n, c, int64_t{h} * w);
    });
}

int resize(int64_t context, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int bilinear) {
    return operation(context, "resize", [&](Engine& engine, const Arguments& args) {
        for (int size : {n, h, w, c, oh, ow}) args.positive("sizes", size);
        args.within("a mode", bilinear, 0, 2);
        dg::resize(engine.stream, dtype, args.tensor("y", y, args.count({n, oh, ow, c}), dtype),
                   args.tensor("x", x, args.count({n, h, w, c}), dtype), n, h, w, c, oh, ow, bilinear);
    });
}

int pixel_unshuffle(int64_t context, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r) {
    return operation(context, "pixel_unshuffle", [&](Engine& engine, const Arguments& args) {
        for (int size : {n, h, w, c, r}) args.positive("sizes", size);
        args.require(h % r == 0 && w % r == 0, "a height and width that ", r, " divides, found ", h, " x ", w);
        int64_t elements = args.count({n, h, w, c});
        dg::pixel_unshuffle(engine.stream, args.element_bytes(dtype), args.tensor("y", y, elements, dtype),
                            args.tensor("x", x, elements, dtype), n, h, w, c, r);
    });
}

int pixel_shuffle(int64_t context, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r) {
    return operation(context, "pixel_shuffle", [&](Engine& engine, const Arguments& args) {
        for (int size : {n, h, w, c, r}) args.positive("sizes", size);
        args.require(c % (int64_t{r} * r) == 0, "channels that ", r, " x ", r, " divides, found ", c);
        int64_t elements = args.count({n, h, w, c});
        dg::pixel_shuffle(engine.stream, args.element_bytes(dtype), args.tensor("y", y, elements, dtype),
                          args.tensor("x", x, elements, dtype), n, h, w, c, r);
    });
}

int max_pool(int64_t context, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int k,
             int stride, int pad_top, int pad_left) {
    return operation(context, "max_pool", [&](Engine& engine, const Arguments& args) {
        for (int size : {n, h, w, c, oh, ow, k, stride}) args.positive("sizes, window and stride", size);
        args.within("pad_top", pad_top, 0, k - 1);
        args.within("pad_left", pad_left, 0, k - 1);
        dg::max_pool(engine.stream, dtype, args.tensor("y", y, args.count({n, oh, ow, c}), dtype),
                     args.tensor("x", x, args.count({n, h, w, c}), dtype),
                     {n, h, w, c, oh, ow, k, stride, pad_top, pad_left});
    });
}

int count_nonfinite(int64_t context, int dtype, int64_t count, int64_t x, int64_t values) {
    return operation(context, "count_nonfinite", [&](Engine& engine, const Arguments& args) {
        args.require(values >= 1, "at least one value, found ", values);
        args.count({values});
        dg::count_nonfinite(engine.stream, dtype, args.tensor<unsigned>("count", count, 1, DG_I32),
                            args.tensor("x", x, values, dtype), values);
    });
}

}  // namespace entry
}  // namespace dg
