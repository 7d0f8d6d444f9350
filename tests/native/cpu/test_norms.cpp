// test_norms.cpp - group and layer norm against loops in double; large means must not cancel.
#include "harness.h"

namespace test {
namespace {

struct Group {
    int n, pixels, c, c2, groups, activation;
    double mean, spread;
    bool constant;
};

void check_group(Suite& suite, const Group& s, int type, Random& random) {
    int channels = s.c + s.c2, width = channels / s.groups;
    const double eps = 1e-5;
    size_t rows = static_cast<size_t>(s.n) * s.pixels;
    Values x = s.constant ? Values(rows * s.c, s.mean) : random.normal(rows * s.c, s.spread, s.mean);
    Values x2 = s.constant ? Values(rows * s.c2, s.mean) : random.normal(rows * s.c2, s.spread, -s.mean);
    x = rounded(x, type);
    x2 = rounded(x2, type);
    Values weight = rounded(random.normal(static_cast<size_t>(channels)), DG_F32),
           bias = rounded(random.normal(static_cast<size_t>(channels)), DG_F32);
    auto value = [&](size_t row, int c) { return c < s.c ? x[row * s.c + c] : x2[row * s.c2 + c - s.c]; };
    Values wanted(rows * channels);
    for (int n = 0; n < s.n; ++n)
        for (int g = 0; g < s.groups; ++g) {
            double sum = 0.0, squares = 0.0, total = static_cast<double>(s.pixels) * width;
            auto each = [&](auto body) {
                for (int p = 0; p < s.pixels; ++p)
                    for (int c = g * width; c < (g + 1) * width; ++c) body(static_cast<size_t>(n) * s.pixels + p, c);
            };
            each([&](size_t row, int c) { sum += value(row, c); });
            double mean = sum / total;
            each([&](size_t row, int c) { squares += (value(row, c) - mean) * (value(row, c) - mean); });
            double scale = 1.0 / std::sqrt(squares / total + eps);
            each([&](size_t row, int c) {
                wanted[row * channels + c] =
                    activate(s.activation, (value(row, c) - mean) * scale * weight[c] + bias[c]);
            });
        }
    std::string what =
        shape_text("group_norm", {s.n, s.pixels, s.c, s.c2, s.groups, s.activation, static_cast<int64_t>(s.mean)});
    Tensor a(suite, x, type), b(suite, x2, type), w(suite, weight, DG_F32), bb(suite, bias, DG_F32),
        y(suite, wanted.size(), type);
    auto run = [&](int64_t out, int n) {
        return suite.plugin->group_norm(suite.engine, type, out, a, s.c, s.c2 > 0 ? b.address() : 0, s.c2, w, bb, n,
                                        s.pixels, s.groups, static_cast<float>(eps), s.activation);
    };
    suite.expect_ok(run(y, s.n), what);
    compare(suite, what, y.values(), wanted, type);
    Tensor alone(suite, wanted.size() / static_cast<size_t>(s.n), type);
    run(alone, 1);
    std::vector<uint8_t> first = y.raw();
    first.resize(first.size() / static_cast<size_t>(s.n));
    suite.expect(alone.raw() == first, what + ": the same bits alone and in a batch");
    if (s.c2 == 0) {
        suite.expect_ok(run(a, s.n), what + " in place");
        suite.expect(a.raw() == y.raw(), what + ": the same bits in place");
    }
}

void check_layer(Suite& suite, int rows, int c, double mean, bool affine, int type, Random& random) {
    const double eps = 1e-5;
    Values x = rounded(random.normal(static_cast<size_t>(rows) * c, 1.0, mean), type);
    Values weight = rounded(random.normal(static_cast<size_t>(c)), DG_F32),
           bias = rounded(random.normal(static_cast<size_t>(c)), DG_F32), wanted(x.size());
    for (int row = 0; row < rows; ++row) {
        const double* in = &x[static_cast<size_t>(row) * c];
        double sum = 0.0, squares = 0.0;
        for (int i = 0; i < c; ++i) sum += in[i];
        for (int i = 0; i < c; ++i) squares += (in[i] - sum / c) * (in[i] - sum / c);
        for (int i = 0; i < c; ++i) {
            double value = (in[i] - sum / c) / std::sqrt(squares / c + eps);
            wanted[static_cast<size_t>(row) * c + i] = affine ? value * weight[i] + bias[i] : value;
        }
    }
    Tensor a(suite, x, type), w(suite, weight, DG_F32), b(suite, bias, DG_F32), y(suite, x.size(), type);
    std::string what = shape_text("layer_norm", {rows, c, static_cast<int64_t>(mean), affine});
    suite.expect_ok(suite.plugin->layer_norm(suite.engine, type, y, a, affine ? w.address() : 0,
                                             affine ? b.address() : 0, rows, c, static_cast<float>(eps)),
                    what);
    compare(suite, what, y.values(), wanted, type);
}

}  // namespace

void test_norms(Suite& suite) {
    for (int type : {DG_F32, DG_BF16}) {
        Random random(suite.seed + 3);
        const Group shapes[] = {
            {1, 1, 1, 0, 1, 0, 0, 1, false},
            {1, 1, 32, 0, 8, 0, 0, 1, false},
            {2, 63, 32, 0, 32, DG_ACT_SILU, 0, 1, false},
            {2, 65, 320, 0, 32, DG_ACT_SILU, 0, 1, false},
            {3, 256, 40, 24, 16, DG_ACT_SILU, 2, 1, false},
            {2, 100, 1280, 640, 32, 0, 1, 1, false},
            {1, 4096, 96, 0, 32, DG_ACT_RELU, 0, 3, false},
            {2, 129, 13, 0, 13, 0, 0, 1, false},
            {1, 77, 21, 6, 9, DG_ACT_SILU, 0, 1, false},
            {2, 200, 64, 0, 32, 0, 1000, 1, false},
            {1, 150, 64, 32, 32, 0, 1000, 1, false},
            {1, 1000, 32, 0, 4, DG_ACT_SILU, 0, 1, true},
            {1, 64, 512, 0, 32, DG_ACT_SILU, 0, 1e-3, false},
        };
        for (const Group& shape : shapes) {
            Group s = shape;
            // bf16 resolves 1000 in steps of 4: as far off as the type can hold the test's spread
            if (type == DG_BF16 && s.mean > 100) s.spread = 100;
            check_group(suite, s, type, random);
        }
        for (int c : {1, 2, 15, 16, 17, 320, 768, 1280, 1283}) {
            check_layer(suite, c == 320 ? 200 : 5, c, 0.0, true, type, random);
            check_layer(suite, 3, c, 0.5, false, type, random);
        }
        if (type == DG_F32) check_layer(suite, 4, 320, 1000.0, true, type, random);
    }
}

}  // namespace test
