// test_layout.cpp - operations that move elements, and max pooling.
#include <limits>

#include "harness.h"

namespace test {
namespace {

// Calls `run(y)` and compares with the values that `at(i)` gives for each element of the output.
void check_moved(Suite& suite, const std::string& what, int type, size_t count, const std::function<int(int64_t)>& run,
                 const std::function<double(size_t)>& at) {
    Tensor y(suite, count, type);
    suite.expect_ok(run(y), what);
    Values wanted(count);
    for (size_t i = 0; i < count; ++i) wanted[i] = at(i);
    compare(suite, what, y.values(), wanted, type);
}

void test_channels(Suite& suite, int type, Random& random) {
    const size_t sizes[][4] = {{1, 1, 1, 1}, {2, 4, 5, 7}, {1, 3, 64, 33}, {3, 20, 6, 6}};
    for (const auto& s : sizes) {
        size_t n = s[0], c = s[1], p = s[2] * s[3], count = n * c * p;
        for (int other : {DG_F32, DG_F16, DG_BF16}) {
            Values values = rounded(rounded(random.normal(count), other), type);
            Tensor x(suite, values, type);
            auto sized = [&](auto function, int64_t y) {
                return function(suite.engine, other, y, type, x, static_cast<int>(n), static_cast<int>(c),
                                static_cast<int>(s[2]), static_cast<int>(s[3]));
            };
            Values stored = rounded(values, other);
            std::string what = shape_text("layout", {int64_t(n), int64_t(c), int64_t(p), type, other});
            check_moved(
                suite, "to nhwc " + what, other, count, [&](int64_t y) { return sized(suite.plugin->nchw_to_nhwc, y); },
                [&](size_t i) { return stored[(i / (p * c) * c + i % c) * p + i / c % p]; });
            check_moved(
                suite, "to nchw " + what, other, count, [&](int64_t y) { return sized(suite.plugin->nhwc_to_nchw, y); },
                [&](size_t i) { return stored[(i / (p * c) * p + i % p) * c + i / p % c]; });
        }
    }
}

void test_columns(Suite& suite, int type, Random& random) {
    const int rows = 37, cols = 5, ldx = 9, ldy = 8;
    Values values = rounded(random.normal(rows * ldx), type), blank(rows * ldy, 3.0);
    Tensor x(suite, values, type), y(suite, blank, type);
    int64_t bytes = bytes_of(type);
    suite.expect_ok(suite.plugin->copy_columns(suite.engine, type, y + 2 * bytes, ldy, x + 3 * bytes, ldx, rows, cols),
                    "copy_columns");
    Values wanted = blank;
    for (int r = 0; r < rows; ++r)
        for (int j = 0; j < cols; ++j) wanted[r * ldy + 2 + j] = values[r * ldx + 3 + j];
    suite.expect(y.values() == wanted, "copy_columns");
}

double bilinear(const Values& x, int n, int h, int w, int c, int oh, int ow, size_t i, bool corners) {
    int channel = static_cast<int>(i % c), ox = static_cast<int>(i / c % ow), oy = static_cast<int>(i / c / ow % oh),
        image = static_cast<int>(i / c / ow / oh);
    auto position = [&](int o, int in, int out) {
        double at = corners ? (out > 1 ? o * (in - 1.0) / (out - 1.0) : 0.0) : (o + 0.5) * in / out - 0.5;
        return std::min(std::max(at, 0.0), in - 1.0);
    };
    double y = position(oy, h, oh), z = position(ox, w, ow);
    int y0 = static_cast<int>(y), x0 = static_cast<int>(z), y1 = std::min(y0 + 1, h - 1), x1 = std::min(x0 + 1, w - 1);
    auto pixel = [&](int row, int column) {
        return x[((static_cast<size_t>(image) * h + row) * w + column) * c + channel];
    };
    (void)n;
    double fy = y - y0, fx = z - x0;
    return (1 - fy) * ((1 - fx) * pixel(y0, x0) + fx * pixel(y0, x1))
           + fy * ((1 - fx) * pixel(y1, x0) + fx * pixel(y1, x1));
}

void test_resize(Suite& suite, int type, Random& random) {
    const int sizes[][6] = {{1, 1, 1, 1, 3, 2},
                            {2, 4, 5, 3, 8, 10},
                            {1, 9, 7, 4, 5, 3},
                            {1, 6, 6, 20, 11, 13},
                            {2, 5, 5, 1, 1, 1}};
    for (const auto& s : sizes) {
        int n = s[0], h = s[1], w = s[2], c = s[3], oh = s[4], ow = s[5];
        Values values = rounded(random.normal(static_cast<size_t>(n) * h * w * c), type);
        Tensor x(suite, values, type);
        for (int mode : {0, 1, 2}) {
            check_moved(
                suite, shape_text("resize", {n, h, w, c, oh, ow, mode}), type, static_cast<size_t>(n) * oh * ow * c,
                [&](int64_t y) { return suite.plugin->resize(suite.engine, type, y, x, n, h, w, c, oh, ow, mode); },
                [&](size_t i) {
                    if (mode != 0) return bilinear(values, n, h, w, c, oh, ow, i, mode == 2);
                    size_t row = i / c / ow % oh * h / oh, column = i / c % ow * w / ow, image = i / c / ow / oh;
                    return values[((image * h + row) * w + column) * c + i % c];
                });
        }
    }
}

void test_shuffle(Suite& suite, int type, Random& random) {
    const int sizes[][5] = {{1, 2, 2, 1, 2}, {2, 8, 12, 3, 4}, {1, 6, 3, 5, 3}, {1, 4, 4, 7, 1}};
    for (const auto& s : sizes) {
        int n = s[0], h = s[1], w = s[2], c = s[3], r = s[4];
        size_t count = static_cast<size_t>(n) * h * w * c;
        Values values = rounded(random.normal(count), type);
        Tensor x(suite, values, type), small(suite, count, type), large(suite, count, type);
        std::string what = shape_text("pixel shuffle", {n, h, w, c, r});
        suite.expect_ok(suite.plugin->pixel_unshuffle(suite.engine, type, small, x, n, h, w, c, r), what);
        Values wanted(count);
        for (size_t i = 0; i < count; ++i) {
            size_t channel = i % c, column = i / c % w, row = i / c / w % h, image = i / c / w / h;
            wanted[((image * (h / r) + row / r) * (w / r) + column / r) * c * r * r + channel * r * r + row % r * r
                   + column % r] = values[i];
        }
        suite.expect(small.values() == wanted, "un" + what);
        suite.expect_ok(suite.plugin->pixel_shuffle(suite.engine, type, large, small, n, h / r, w / r, c * r * r, r),
                        what);
        suite.expect(large.values() == values, what);
    }
}

void test_pool(Suite& suite, int type, Random& random) {
    const int sizes[][9] = {{1, 1, 1, 1, 1, 1, 1, 1, 0},
                            {2, 8, 9, 5, 4, 4, 2, 2, 0},
                            {1, 7, 7, 3, 4, 4, 3, 2, 1},
                            {1, 6, 5, 16, 6, 5, 5, 1, 2}};
    for (const auto& s : sizes) {
        int n = s[0], h = s[1], w = s[2], c = s[3], oh = s[4], ow = s[5], k = s[6], stride = s[7], pad = s[8];
        Values values = rounded(random.normal(static_cast<size_t>(n) * h * w * c), type);
        Tensor x(suite, values, type);
        check_moved(
            suite, shape_text("max_pool", {n, h, w, c, k, stride, pad}), type, static_cast<size_t>(n) * oh * ow * c,
            [&](int64_t y) {
                return suite.plugin->max_pool(suite.engine, type, y, x, n, h, w, c, oh, ow, k, stride, pad, pad);
            },
            [&](size_t i) {
                int ox = static_cast<int>(i / c % ow), oy = static_cast<int>(i / c / ow % oh);
                size_t image = i / c / ow / oh;
                double best = -std::numeric_limits<double>::infinity();
                for (int row = oy * stride - pad; row < oy * stride - pad + k; ++row) {
                    for (int column = ox * stride - pad; column < ox * stride - pad + k; ++column) {
                        if (row < 0 || column < 0 || row >= h || column >= w) continue;
                        best = std::max(best, values[((image * h + row) * w + column) * c + i % c]);
                    }
                }
                return best;
            });
    }
}

}  // namespace

void test_layout(Suite& suite) {
    for (int type : {DG_F32, DG_BF16}) {
        Random random(suite.seed + 10);
        test_channels(suite, type, random);
        test_columns(suite, type, random);
        test_resize(suite, type, random);
        test_shuffle(suite, type, random);
        test_pool(suite, type, random);
    }
}

}  // namespace test
