// test_products.cpp - conv2d and linear against loops in double.
#include "harness.h"

namespace test {

double activate(int activation, double x) {
    switch (activation) {
        case DG_ACT_SILU: return x / (1.0 + std::exp(-x));
        case DG_ACT_GELU: return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
        case DG_ACT_QUICK_GELU: return x / (1.0 + std::exp(-1.702 * x));
        case DG_ACT_RELU: return x > 0.0 ? x : 0.0;
        case DG_ACT_LEAKY_RELU: return x > 0.0 ? x : 0.2 * x;
        case DG_ACT_LEAKY_RELU_01: return x > 0.0 ? x : 0.01 * x;
        case DG_ACT_TANH: return std::tanh(x);
        case DG_ACT_SIGMOID: return 1.0 / (1.0 + std::exp(-x));
        case DG_ACT_SOFT_CLAMP_3: return 3.0 * std::tanh(x / 3.0);
        case DG_ACT_ELU: return x > 0.0 ? x : std::expm1(x);
        case DG_ACT_SOFTPLUS: return std::log1p(std::exp(-std::fabs(x))) + (x > 0.0 ? x : 0.0);
        case DG_ACT_MISH: return x * std::tanh(std::log1p(std::exp(x)));
        default: return x;
    }
}

namespace {

struct Conv {
    int n, c, c2, h, w, uh, uw, o, kh, kw, stride, pad_top, pad_left, oh, ow, activation;
    int emb;  // 0: none, 1: a row per picture, 2: one row for all
    bool residual;
};

struct ConvData {
    Values x, x2, w, bias, emb, residual;
};

size_t count(std::initializer_list<int> sizes) {
    size_t result = 1;
    for (int size : sizes) result *= static_cast<size_t>(size);
    return result;
}

double source(const Conv& s, const ConvData& d, int n, int y, int x, int c) {
    if (y < 0 || x < 0 || y >= s.uh || x >= s.uw) return 0.0;
    size_t pixel = (static_cast<size_t>(n) * s.h + y * s.h / s.uh) * s.w + x * s.w / s.uw;
    return c < s.c ? d.x[pixel * s.c + c] : d.x2[pixel * s.c2 + c - s.c];
}

Values reference(const Conv& s, const ConvData& d, int emb_stride) {
    Values y(count({s.n, s.oh, s.ow, s.o}));
    int channels = s.c + s.c2;
    size_t i = 0;
    for (int n = 0; n < s.n; ++n)
        for (int oy = 0; oy < s.oh; ++oy)
            for (int ox = 0; ox < s.ow; ++ox)
                for (int o = 0; o < s.o; ++o, ++i) {
                    double sum = d.bias.empty() ? 0.0 : d.bias[o];
                    for (int ky = 0; ky < s.kh; ++ky)
                        for (int kx = 0; kx < s.kw; ++kx)
                            for (int c = 0; c < channels; ++c) {
                                double weight = d.w[((static_cast<size_t>(o) * channels + c) * s.kh + ky) * s.kw + kx];
                                sum += weight
                                       * source(s, d, n, oy * s.stride - s.pad_top + ky,
                                                ox * s.stride - s.pad_left + kx, c);
                            }
                    if (s.emb != 0) sum += d.emb[static_cast<size_t>(n) * emb_stride + o];
                    bool after = (s.activation & DG_ACT_AFTER_RESIDUAL) != 0;
                    int function = s.activation & ~DG_ACT_AFTER_RESIDUAL;
                    if (after) y[i] = activate(function, sum + (s.residual ? d.residual[i] : 0.0));
                    else y[i] = activate(function, sum) + (s.residual ? d.residual[i] : 0.0);
                }
    return y;
}

ConvData make_data(const Conv& s, int type, int w_type, int emb_stride, Random& random) {
    ConvData d;
    int channels = s.c + s.c2;
    d.x = rounded(random.normal(count({s.n, s.h, s.w, s.c})), type);
    d.x2 = rounded(random.normal(count({s.n, s.h, s.w, s.c2})), type);
    d.w = rounded(random.normal(count({s.o, channels, s.kh, s.kw}), 1.0 / std::sqrt(channels * s.kh * s.kw)), w_type);
    d.bias = rounded(random.normal(static_cast<size_t>(s.o)), w_type);
    if (s.emb != 0) d.emb = rounded(random.normal(static_cast<size_t>((s.n - 1) * emb_stride + s.o)), type);
    if (s.residual) d.residual = rounded(random.normal(count({s.n, s.oh, s.ow, s.o})), type);
    return d;
}

// The reference must see the weights as the engine stores them.
ConvData as_stored(ConvData d, int type) {
    if (type == DG_BF16) d.w = rounded(d.w, DG_BF16);
    return d;
}

void check_conv_variant(Suite& suite, const Conv& s, int variant, int type, int w_type, Random& random) {
    int emb_stride = s.emb == 1 ? s.o + 3 : 0;
    ConvData d = make_data(s, type, w_type, emb_stride, random);
    Values wanted = reference(s, as_stored(d, type), emb_stride);
    std::vector<uint8_t> w = encode(d.w, w_type), bias = encode(d.bias, w_type);
    int64_t weights = 0;
    std::string what = shape_text("conv2d", {s.n, s.c, s.c2, s.h, s.w, s.uh, s.uw, s.o, s.kh, s.kw, s.stride, s.pad_top,
                                             s.oh, s.ow, s.activation, s.emb, s.residual})
                       + " variant " + std::to_string(variant);
    suite.expect_ok(suite.plugin->set_variant(suite.engine, DG_OP_CONV2D, variant), "set_variant");
    suite.expect_ok(suite.plugin->pack_conv2d(suite.engine, type, Tensor::host(w.data()), w_type,
                                              Tensor::host(bias.data()), w_type, s.o, s.c, s.c2, s.kh, s.kw, &weights),
                    "pack " + what);
    Tensor x(suite, d.x, type), x2(suite, d.x2, type), emb(suite, d.emb, type), residual(suite, d.residual, type);
    auto run = [&](const Tensor& y, int n, int64_t added) {
        return suite.plugin->conv2d(suite.engine, type, y, x, s.c, s.c2 > 0 ? x2.address() : 0, s.c2, weights,
                                    s.emb != 0 ? emb.address() : 0, emb_stride, added, n, s.h, s.w, s.uh, s.uw, s.oh,
                                    s.ow, s.stride, s.pad_top, s.pad_left, s.activation);
    };
    Tensor y(suite, wanted.size(), type);
    suite.expect_ok(run(y, s.n, s.residual ? residual.address() : 0), what);
    compare(suite, what, y.values(), wanted, type);
    Tensor again(suite, wanted.size(), type), alone(suite, wanted.size() / static_cast<size_t>(s.n), type);
    run(again, s.n, s.residual ? residual.address() : 0);
    suite.expect(again.raw() == y.raw(), what + ": the same bits again");
    run(alone, 1, s.residual ? residual.address() : 0);
    std::vector<uint8_t> first = y.raw();
    first.resize(first.size() / static_cast<size_t>(s.n));
    suite.expect(alone.raw() == first, what + ": the same bits alone and in a batch");
    if (s.residual) {  // the residual may be the output itself
        Tensor in_place(suite, d.residual, type);
        suite.expect_ok(run(in_place, s.n, in_place), what + " in place");
        compare(suite, what + " in place", in_place.values(), wanted, type);
    }
    suite.expect_ok(suite.plugin->free_weights(suite.engine, weights), "free weights");
}

void check_conv(Suite& suite, const Conv& s, int type, int w_type, Random& random) {
    bool doubled = s.uh == 2 * s.h && s.uw == 2 * s.w;  // the only case in which variants differ
    for (int variant = 1; variant <= (doubled ? 2 : 1); ++variant)
        check_conv_variant(suite, s, variant, type, w_type, random);
    suite.plugin->set_variant(suite.engine, DG_OP_CONV2D, 0);
}

Conv same(int n, int c, int c2, int h, int w, int o, int k, int activation = 0, int emb = 0, bool residual = false) {
    return {n, c, c2, h, w, h, w, o, k, k, 1, k / 2, k / 2, h, w, activation, emb, residual};
}

Conv upsampled(int n, int c, int h, int w, int uh, int uw, int o) {
    return {n, c, 0, h, w, uh, uw, o, 3, 3, 1, 1, 1, uh, uw, 0, 0, false};
}

void test_conv2d(Suite& suite, int type) {
    Random random(suite.seed);
    const Conv shapes[] = {
        same(1, 1, 0, 1, 1, 1, 1),
        same(1, 1, 0, 1, 1, 1, 3),
        same(2, 4, 0, 7, 5, 9, 3),
        same(2, 5, 0, 6, 9, 3, 3),
        same(1, 9, 0, 8, 8, 4, 3),
        same(2, 3, 0, 17, 13, 33, 1),
        same(1, 64, 0, 16, 16, 64, 3, DG_ACT_SILU, 1, true),
        same(3, 40, 0, 8, 9, 24, 3, 0, 2, true),
        same(2, 32, 16, 9, 8, 40, 1),
        same(2, 17, 31, 6, 7, 19, 3, DG_ACT_RELU, 1),
        same(2, 320, 0, 8, 8, 320, 3, 0, 1),
        same(1, 320, 320, 8, 8, 320, 1),
        same(1, 640, 0, 6, 6, 64, 3, DG_ACT_GELU | DG_ACT_AFTER_RESIDUAL, 0, true),
        same(1, 16, 0, 12, 12, 16, 5, DG_ACT_LEAKY_RELU | DG_ACT_AFTER_RESIDUAL, 0, true),
        same(2, 320, 0, 10, 10, 4, 3),
        same(1, 128, 0, 16, 16, 3, 3),
        same(1, 1280, 0, 4, 4, 64, 3),
        same(1, 512, 0, 9, 9, 512, 1, 0, 0, true),
        {2, 16, 0, 16, 16, 16, 16, 32, 3, 3, 2, 1, 1, 8, 8, 0, 0, false},  // U-Net down
        {1, 16, 0, 17, 15, 17, 15, 16, 3, 3, 2, 1, 1, 9, 8, 0, 0, false},
        {1, 16, 0, 16, 16, 16, 16, 16, 3, 3, 2, 0, 0, 8, 8, 0, 0, false},  // VAE down: padding only after
        {1, 24, 0, 12, 12, 12, 12, 8, 2, 2, 2, 0, 0, 6, 6, 0, 0, false},
        {1, 8, 0, 13, 13, 13, 13, 8, 1, 1, 2, 0, 0, 7, 7, 0, 0, false},
        {1, 3, 0, 32, 32, 32, 32, 16, 16, 16, 16, 0, 0, 2, 2, 0, 0, false},  // patches
        {1, 6, 0, 9, 11, 9, 11, 7, 3, 5, 1, 1, 2, 9, 11, 0, 0, false},
        upsampled(1, 4, 1, 1, 2, 2, 4),
        upsampled(2, 16, 5, 4, 10, 8, 24),
        upsampled(1, 64, 8, 8, 16, 16, 64),
        upsampled(2, 12, 3, 4, 5, 7, 10),
        upsampled(1, 8, 4, 4, 7, 8, 8),
        upsampled(1, 8, 4, 5, 9, 13, 8),
        upsampled(1, 33, 6, 7, 12, 14, 40),
    };
    for (const Conv& shape : shapes) check_conv(suite, shape, type, DG_F32, random);
    Conv with_everything = upsampled(2, 20, 6, 5, 12, 10, 36);
    with_everything.c2 = 12;
    with_everything.emb = 1;
    with_everything.activation = DG_ACT_SILU;
    check_conv(suite, with_everything, type, DG_F32, random);
    with_everything.residual = true;
    check_conv(suite, with_everything, type, DG_F32, random);
    check_conv(suite, same(1, 24, 0, 5, 5, 20, 3), type, DG_F16, random);
    check_conv(suite, same(1, 24, 0, 5, 5, 20, 3), type, DG_BF16, random);
    for (int activation = DG_ACT_SILU; activation <= DG_ACT_MISH; ++activation) {
        check_conv(suite, same(1, 8, 0, 4, 4, 16, 3, activation, 0, activation % 2 == 0), type, DG_F32, random);
    }
}

struct Linear {
    int rows, k, o, activation;
    bool residual, geglu;
};

void check_linear(Suite& suite, const Linear& s, int type, int w_type, Random& random) {
    Values x = rounded(random.normal(count({s.rows, s.k})), type);
    Values w = rounded(random.normal(count({s.o, s.k}), 1.0 / std::sqrt(s.k)), w_type),
           bias = rounded(random.normal(static_cast<size_t>(s.o)), w_type);
    int columns = s.geglu ? s.o / 2 : s.o;
    Values added = rounded(random.normal(count({s.rows, columns})), type);
    Values stored = type == DG_BF16 ? rounded(w, DG_BF16) : w, wanted(count({s.rows, columns}));
    auto dot = [&](int row, int o) {
        double sum = bias[o];
        for (int i = 0; i < s.k; ++i)
            sum += x[static_cast<size_t>(row) * s.k + i] * stored[static_cast<size_t>(o) * s.k + i];
        return sum;
    };
    for (int row = 0; row < s.rows; ++row)
        for (int o = 0; o < columns; ++o) {
            size_t i = static_cast<size_t>(row) * columns + o;
            int function = s.activation & ~DG_ACT_AFTER_RESIDUAL;
            if (s.geglu) wanted[i] = dot(row, o) * activate(DG_ACT_GELU, dot(row, o + columns));
            else if (function != s.activation)
                wanted[i] = activate(function, dot(row, o) + (s.residual ? added[i] : 0.0));
            else wanted[i] = activate(function, dot(row, o)) + (s.residual ? added[i] : 0.0);
        }
    std::string what = shape_text("linear", {s.rows, s.k, s.o, s.activation, s.residual, s.geglu});
    std::vector<uint8_t> w_bytes = encode(w, w_type), bias_bytes = encode(bias, w_type);
    int64_t weights = 0;
    suite.expect_ok(suite.plugin->pack_linear(suite.engine, type, Tensor::host(w_bytes.data()), w_type,
                                              Tensor::host(bias_bytes.data()), w_type, s.o, s.k, s.geglu, &weights),
                    "pack " + what);
    Tensor x_device(suite, x, type), residual(suite, added, type), y(suite, wanted.size(), type),
        again(suite, wanted.size(), type);
    int64_t r = s.residual ? residual.address() : 0;
    suite.expect_ok(suite.plugin->linear(suite.engine, type, y, x_device, weights, r, s.rows, s.activation), what);
    compare(suite, what, y.values(), wanted, type, s.geglu ? 5e-3 : 2.5e-3);
    suite.plugin->linear(suite.engine, type, again, x_device, weights, r, s.rows, s.activation);
    suite.expect(again.raw() == y.raw(), what + ": the same bits again");
    // Two sequences: the first alone must have the same bits. (oneDNN without AVX2 sums a single row in another order.)
    if (s.rows % 2 == 0 && (s.rows > 2 || suite.isa != "isa=scalar")) {
        size_t half = wanted.size() / 2;
        Tensor alone(suite, half, type);
        suite.plugin->linear(suite.engine, type, alone, x_device, weights, r, s.rows / 2, s.activation);
        std::vector<uint8_t> first = y.raw();
        first.resize(first.size() / 2);
        suite.expect(alone.raw() == first, what + ": the same bits alone and in a batch");
    }
    suite.expect_ok(suite.plugin->free_weights(suite.engine, weights), "free weights");
}

}  // namespace

void test_products(Suite& suite) {
    for (int type : {DG_F32, DG_BF16}) {
        if (type == DG_BF16 && !suite.bf16_products) {
            float w = 1.0f;
            int64_t weights = 0;
            suite.expect_error(
                suite.plugin->pack_linear(suite.engine, type, Tensor::host(&w), DG_F32, 0, 0, 1, 1, 0, &weights),
                DG_ERROR_UNSUPPORTED, "pack_linear");
            continue;
        }
        test_conv2d(suite, type);
        Random random(suite.seed + 1);
        const Linear shapes[] = {
            {1, 1, 1, 0, false, false},
            {1, 5, 3, 0, true, false},
            {7, 33, 17, DG_ACT_SILU, false, false},
            {2, 320, 1280, DG_ACT_SILU, false, false},
            {154, 768, 320, 0, false, false},
            {128, 320, 320, 0, true, false},
            {130, 64, 129, DG_ACT_GELU | DG_ACT_AFTER_RESIDUAL, true, false},
            {77, 768, 96, DG_ACT_QUICK_GELU, false, false},
            {64, 1280, 100, 0, true, false},
            {1, 7, 2, 0, false, true},
            {130, 40, 66, 0, false, true},
            {96, 320, 512, 0, false, true},
            {3, 64, 2048, 0, false, true},
            {2048, 16, 4096, 0, false, true},
        };
        for (const Linear& shape : shapes) check_linear(suite, shape, type, DG_F32, random);
        check_linear(suite, {16, 40, 24, 0, false, false}, type, DG_F16, random);
        check_linear(suite, {16, 40, 24, 0, false, false}, type, DG_BF16, random);
    }
}

}  // namespace test
