// ops_norms.cpp - group norm and layer norm: all variants, odd sizes, two sources, large means, constant input, batch
// invariance.
#include "ops_support.h"

namespace ops_test {

namespace {

struct Shape {
    int n, c, c2, groups;
    int64_t pixels;
    int activation = DG_ACT_NONE;
    double mean = 0, deviation = 1;
    size_t misalign = 0;  // x starts at this element
};

enum Variant { FUSED = 1, SPLIT = 2, SIMPLE = 3 };

std::string describe(const Shape& s, int dtype, int variant) {
    return format("group_norm %s variant %d n %d c %d + %d groups %d pixels %d act %d mean %g deviation %g",
                  name_of(dtype), variant, s.n, s.c, s.c2, s.groups, int(s.pixels), s.activation, s.mean, s.deviation);
}

List shifted(Values& values, size_t count, double mean, double deviation, int dtype) {
    List list = values.normal(count, deviation, DG_F32);
    for (double& v : list) v = rounded(v + mean, dtype);
    return list;
}

List reference(const Shape& s, const List& x, const List& x2, const List& weight, const List& bias, double eps) {
    int channels = s.c + s.c2, per_group = channels / s.groups;
    List y(size_t(s.n) * s.pixels * channels);
    auto at = [&](int n, int64_t p, int ch) {
        size_t pixel = size_t(n) * s.pixels + p;
        return ch < s.c ? x[pixel * s.c + ch + s.misalign] : x2[pixel * s.c2 + ch - s.c];
    };
    for (int n = 0; n < s.n; n++) {
        for (int g = 0; g < s.groups; g++) {
            double sum = 0, squares = 0, count = double(s.pixels) * per_group;
            for (int64_t p = 0; p < s.pixels; p++) {
                for (int ch = g * per_group; ch < (g + 1) * per_group; ch++) sum += at(n, p, ch);
            }
            double mean = sum / count;
            for (int64_t p = 0; p < s.pixels; p++) {
                for (int ch = g * per_group; ch < (g + 1) * per_group; ch++)
                    squares += (at(n, p, ch) - mean) * (at(n, p, ch) - mean);
            }
            double inverse = 1 / std::sqrt(squares / count + eps);
            for (int64_t p = 0; p < s.pixels; p++) {
                for (int ch = g * per_group; ch < (g + 1) * per_group; ch++) {
                    double normal = (at(n, p, ch) - mean) * inverse * weight[ch] + bias[ch];
                    y[(size_t(n) * s.pixels + p) * channels + ch] = gemm_test::activated(normal, s.activation);
                }
            }
        }
    }
    return y;
}

void test(Gpu& gpu, Tally& tally, const Shape& s, int dtype, int variant, unsigned seed) {
    Values values(seed);
    int channels = s.c + s.c2;
    double eps = seed % 2 ? 1e-5 : 1e-6;
    size_t rows = size_t(s.n) * s.pixels;
    List x = shifted(values, rows * s.c + s.misalign, s.mean, s.deviation, dtype),
         x2 = shifted(values, rows * s.c2, -s.mean / 2, s.deviation, dtype);
    List weight = values.normal(channels, 1, DG_F32), bias = values.normal(channels, 1, DG_F32);
    Tensor tx(gpu, x, dtype), tx2(gpu, s.c2 > 0 ? x2 : List(1), dtype), tw(gpu, weight, DG_F32), tb(gpu, bias, DG_F32);
    Tensor y(gpu, rows * channels, dtype);
    gpu.must(gpu.table->set_variant(gpu.context, DG_OP_GROUP_NORM, variant), "set_variant");
    int status = gpu.table->group_norm(gpu.context, dtype, y.at(), tx.at(s.misalign), s.c, s.c2 > 0 ? tx2.at() : 0,
                                       s.c2, tw.at(), tb.at(), s.n, s.pixels, s.groups, float(eps), s.activation);
    verify(tally, gpu, describe(s, dtype, variant), status, y, reference(s, x, x2, weight, bias, eps));
    gpu.table->set_variant(gpu.context, DG_OP_GROUP_NORM, 0);
}

void test_batch(Gpu& gpu, Tally& tally, int c, int groups, int64_t pixels) {
    Values values(11);
    size_t size = size_t(pixels) * c;
    Tensor x(gpu, values.normal(3 * size, 1, DG_F16), DG_F16), w(gpu, values.normal(c, 1, DG_F32), DG_F32),
        batch(gpu, 3 * size, DG_F16), alone(gpu, size, DG_F16);
    auto run = [&](const Tensor& y, size_t first, int n) {
        gpu.must(gpu.table->group_norm(gpu.context, DG_F16, y.at(), x.at(first * size), c, 0, 0, w.at(), w.at(), n,
                                       pixels, groups, 1e-5f, DG_ACT_SILU),
                 "group_norm");
    };
    run(batch, 0, 3);
    run(alone, 2, 1);
    std::vector<unsigned char> all = batch.raw(), one = alone.raw();
    tally.record(std::equal(one.begin(), one.end(), all.begin() + 2 * one.size()),
                 format("group_norm c %d pixels %d: one image differs from the same in a batch", c, int(pixels)));
}

void test_layer_norm(Gpu& gpu, Tally& tally, int64_t rows, int c, bool weighted, double mean, int dtype,
                     size_t misalign) {
    Values values(unsigned(rows * 1000 + c));
    List x = shifted(values, rows * c + misalign, mean, 1, dtype), weight = values.normal(c, 1, DG_F32),
         bias = values.normal(c, 1, DG_F32);
    List expected(rows * c);
    for (int64_t r = 0; r < rows; r++) {
        double sum = 0, squares = 0;
        const double* row = &x[r * c + misalign];
        for (int i = 0; i < c; i++) sum += row[i];
        for (int i = 0; i < c; i++) squares += (row[i] - sum / c) * (row[i] - sum / c);
        for (int i = 0; i < c; i++) {
            double normal = (row[i] - sum / c) / std::sqrt(squares / c + 1e-5);
            expected[r * c + i] = weighted ? normal * weight[i] + bias[i] : normal;
        }
    }
    Tensor tx(gpu, x, dtype), tw(gpu, weight, DG_F32), tb(gpu, bias, DG_F32), y(gpu, rows * c, dtype);
    int status = gpu.table->layer_norm(gpu.context, dtype, y.at(), tx.at(misalign), weighted ? tw.at() : 0,
                                       weighted ? tb.at() : 0, rows, c, 1e-5f);
    verify(tally, gpu,
           format("layer_norm %s rows %d c %d mean %g from element %zu", name_of(dtype), int(rows), c, mean, misalign),
           status, y, expected);
}

void test_refusals(Gpu& gpu, Tally& tally) {
    Tensor x(gpu, List(640, 0.0), DG_F16), w(gpu, List(64, 1.0), DG_F32);
    auto call = [&](int64_t y, int c, int groups, float eps, int activation) {
        return gpu.table->group_norm(gpu.context, DG_F16, y, x.at(), c, 0, 0, w.at(), w.at(), 1, 10, groups, eps,
                                     activation);
    };
    refuses(tally, gpu, "groups", call(x.at(), 64, 7, 1e-5f, 0), DG_ERROR_ARGUMENT,
            "group_norm: expected channels that 7 groups divide");
    refuses(tally, gpu, "null", call(0, 64, 8, 1e-5f, 0), DG_ERROR_ARGUMENT, "the address of y");
    refuses(tally, gpu, "activation", call(x.at(), 64, 8, 1e-5f, DG_ACT_TANH), DG_ERROR_ARGUMENT,
            "activation NONE, SILU or RELU");
    refuses(tally, gpu, "eps", call(x.at(), 64, 8, NAN, 0), DG_ERROR_ARGUMENT, "eps");
    gpu.must(gpu.table->set_variant(gpu.context, DG_OP_GROUP_NORM, SPLIT), "set_variant");
    refuses(tally, gpu, "odd channels", call(x.at(), 12, 4, 1e-5f, 0), DG_ERROR_UNSUPPORTED, "channels that 8 divides");
    gpu.must(gpu.table->set_variant(gpu.context, DG_OP_GROUP_NORM, 0), "set_variant");
}

}  // namespace

void run_norms(Gpu& gpu, Tally& tally) {
    std::vector<Shape> shapes = {
        {1, 8, 0, 1, 1},
        {1, 8, 0, 8, 1},
        {2, 64, 0, 32, 7},
        {1, 320, 0, 32, 64, DG_ACT_SILU},
        {2, 320, 0, 32, 333},
        {1, 1280, 640, 32, 19},
        {2, 64, 32, 32, 300, DG_ACT_SILU},
        {1, 128, 0, 32, 5000, DG_ACT_SILU},
        {1, 640, 320, 32, 37, DG_ACT_RELU},
        {1, 2560, 0, 32, 9},
        {1, 48, 0, 2, 50},
        {1, 512, 0, 1, 33},
        {1, 24, 0, 3, 1023},
        {1, 64, 0, 32, 500, DG_ACT_NONE, 1000, 1},
        {1, 64, 64, 32, 130, DG_ACT_NONE, 1000, 30},
        {1, 320, 0, 32, 65, DG_ACT_NONE, 0, 15000},
        {1, 64, 0, 8, 260, DG_ACT_NONE, 3, 0},
    };
    // Sizes of the real models: the first level of the U-Net, a decoder level, the middle block with two sources.
    if (!gpu.quick) {
        shapes.insert(shapes.end(), {{1, 320, 0, 32, 4096, DG_ACT_SILU},
                                     {1, 512, 0, 32, 4096},
                                     {1, 128, 0, 32, 16384, DG_ACT_SILU},
                                     {1, 1280, 1280, 32, 64, DG_ACT_SILU},
                                     {1, 640, 320, 32, 1024}});
    }
    std::vector<Shape> odd = {{1, 1, 0, 1, 1},
                              {2, 4, 0, 2, 7},
                              {1, 30, 0, 3, 11, DG_ACT_SILU},
                              {1, 6, 10, 4, 300},
                              {1, 12, 0, 4, 700, DG_ACT_RELU, 1000, 1},
                              {1, 4112, 0, 1, 3},
                              {1, 32, 0, 4, 20, DG_ACT_NONE, 0, 1, 3}};
    unsigned seed = 200;
    for (int dtype : half_types(gpu)) {
        for (size_t i = 0; i < shapes.size(); i++) {
            for (int variant : {0, 1, 2, 3}) {
                if (variant == 0 && i % 3 != 0) continue;
                test(gpu, tally, shapes[i], dtype, variant, seed++);
            }
        }
        for (const Shape& shape : odd) test(gpu, tally, shape, dtype, 0, seed++);
        for (int c : {1, 7, 8, 64, 320, 768, 1280, 333})
            test_layer_norm(gpu, tally, c == 64 ? 19 : 3, c, c != 768, 0, dtype, 0);
        test_layer_norm(gpu, tally, 9, 320, true, 1000, dtype, 0);
        test_layer_norm(gpu, tally, 5, 64, true, 0, dtype, 1);
    }
    test_batch(gpu, tally, 320, 32, 64);
    test_batch(gpu, tally, 64, 32, 3000);
    test_refusals(gpu, tally);
}

}  // namespace ops_test
