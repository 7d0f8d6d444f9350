// ops_images.cpp - layout at the edges, resize, pixel shuffle and unshuffle, max pool.
#include "ops_support.h"

namespace ops_test {

namespace {

const int FLOAT_TYPES[] = {DG_F32, DG_F16, DG_BF16};

void test_layout(Gpu& gpu, Tally& tally, int y_type, int x_type, int n, int c, int h, int w) {
    Values values(41);
    size_t pixels = size_t(h) * w;
    List planes = values.normal(n * c * pixels, 1, x_type), channels(planes.size());
    for (int i = 0; i < n; i++) {
        for (int ch = 0; ch < c; ch++) {
            for (size_t p = 0; p < pixels; p++)
                channels[(i * pixels + p) * c + ch] = planes[(size_t(i) * c + ch) * pixels + p];
        }
    }
    std::string what = format("%s from %s n %d c %d %d x %d", name_of(y_type), name_of(x_type), n, c, h, w);
    Tensor x(gpu, planes, x_type), y(gpu, planes.size(), y_type), x_back(gpu, channels, x_type),
        y_back(gpu, planes.size(), y_type);
    verify(tally, gpu, "nchw_to_nhwc " + what,
           gpu.table->nchw_to_nhwc(gpu.context, y_type, y.at(), x_type, x.at(), n, c, h, w), y, channels, {0, 1});
    verify(tally, gpu, "nhwc_to_nchw " + what,
           gpu.table->nhwc_to_nchw(gpu.context, y_type, y_back.at(), x_type, x_back.at(), n, c, h, w), y_back, planes,
           {0, 1});
}

struct Line {
    int first, second;
    double weight;
};

Line source_of(int o, int in, int out, int mode) {
    if (mode == 0) return {int(int64_t{o} * in / out), 0, 0};
    double at = mode == 1 ? std::fmax(0, (o + 0.5) * in / out - 0.5) : out > 1 ? double(o) * (in - 1) / (out - 1) : 0;
    int first = std::min(int(at + 1e-9), in - 1);
    return {first, std::min(first + 1, in - 1), at - first};
}

void test_resize(Gpu& gpu, Tally& tally, int dtype, int n, int h, int w, int c, int oh, int ow, int mode) {
    Values values(42);
    List x = values.normal(size_t(n) * h * w * c, 1, dtype), expected(size_t(n) * oh * ow * c);
    auto at = [&](int i, int r, int k, int ch) { return x[((size_t(i) * h + r) * w + k) * c + ch]; };
    for (size_t o = 0; o < expected.size(); o++) {
        int ch = int(o % c), i = int(o / c / ow / oh);
        Line row = source_of(int(o / c / ow % oh), h, oh, mode), col = source_of(int(o / c % ow), w, ow, mode);
        if (mode == 0) {
            expected[o] = at(i, row.first, col.first, ch);
            continue;
        }
        double top = (1 - col.weight) * at(i, row.first, col.first, ch) + col.weight * at(i, row.first, col.second, ch);
        double bottom =
            (1 - col.weight) * at(i, row.second, col.first, ch) + col.weight * at(i, row.second, col.second, ch);
        expected[o] = (1 - row.weight) * top + row.weight * bottom;
    }
    Tensor tx(gpu, x, dtype), y(gpu, expected.size(), dtype);
    // Source coordinates are F32: a few 1e-6 of a pixel.
    Limit limit = mode == 0 ? Limit{0, 0} : Limit{5e-5, 2};
    verify(tally, gpu, format("resize %s mode %d %d x %d x %d to %d x %d", name_of(dtype), mode, h, w, c, oh, ow),
           gpu.table->resize(gpu.context, dtype, y.at(), tx.at(), n, h, w, c, oh, ow, mode), y, expected, limit);
}

void test_shuffle(Gpu& gpu, Tally& tally, int dtype, int n, int h, int w, int c, int r) {
    Values values(43);
    List wide = values.normal(size_t(n) * h * w * c, 1, dtype), deep(wide.size());
    for (int i = 0; i < n; i++) {
        for (int row = 0; row < h; row++) {
            for (int col = 0; col < w; col++) {
                for (int ch = 0; ch < c; ch++) {
                    size_t from = ((size_t(i) * h + row) * w + col) * c + ch;
                    size_t pixel = (size_t(i) * (h / r) + row / r) * (w / r) + col / r;
                    deep[pixel * c * r * r + ch * r * r + row % r * r + col % r] = wide[from];
                }
            }
        }
    }
    std::string what = format("%s n %d %d x %d x %d by %d", name_of(dtype), n, h, w, c, r);
    Tensor tw(gpu, wide, dtype), td(gpu, deep, dtype), y(gpu, wide.size(), dtype), z(gpu, wide.size(), dtype);
    verify(tally, gpu, "pixel_unshuffle " + what,
           gpu.table->pixel_unshuffle(gpu.context, dtype, y.at(), tw.at(), n, h, w, c, r), y, deep, {0, 0});
    verify(tally, gpu, "pixel_shuffle " + what,
           gpu.table->pixel_shuffle(gpu.context, dtype, z.at(), td.at(), n, h / r, w / r, c * r * r, r), z, wide,
           {0, 0});
}

void test_max_pool(Gpu& gpu, Tally& tally, int dtype, int n, int h, int w, int c, int oh, int ow, int k, int stride,
                   int pad) {
    Values values(44);
    List x = values.normal(size_t(n) * h * w * c, 1, dtype), expected(size_t(n) * oh * ow * c);
    x[x.size() / 2] = NAN;
    for (size_t o = 0; o < expected.size(); o++) {
        int ch = int(o % c), col = int(o / c % ow) * stride - pad, row = int(o / c / ow % oh) * stride - pad,
            i = int(o / c / ow / oh);
        double best = -INFINITY;
        for (int r = std::max(row, 0); r < std::min(row + k, h); r++) {
            for (int q = std::max(col, 0); q < std::min(col + k, w); q++) {
                double v = x[((size_t(i) * h + r) * w + q) * c + ch];
                if (std::isnan(v) || v > best) best = v;
                if (std::isnan(best)) r = q = 1 << 20;
            }
        }
        expected[o] = best;
    }
    Tensor tx(gpu, x, dtype), y(gpu, expected.size(), dtype);
    verify(tally, gpu,
           format("max_pool %s %d x %d x %d to %d x %d k %d stride %d pad %d", name_of(dtype), h, w, c, oh, ow, k,
                  stride, pad),
           gpu.table->max_pool(gpu.context, dtype, y.at(), tx.at(), n, h, w, c, oh, ow, k, stride, pad, pad), y,
           expected, {0, 0});
}

}  // namespace

void run_images(Gpu& gpu, Tally& tally) {
    for (int y_type : FLOAT_TYPES) {
        for (int x_type : FLOAT_TYPES) test_layout(gpu, tally, y_type, x_type, 2, 4, 9, 7);
    }
    test_layout(gpu, tally, DG_F16, DG_F32, 1, 1, 1, 1);
    test_layout(gpu, tally, DG_F32, DG_F16, 2, 33, 8, 8);
    test_layout(gpu, tally, DG_F16, DG_F16, 1, 64, 5, 13);
    for (int dtype : FLOAT_TYPES) {
        for (int mode : {0, 1, 2}) {
            test_resize(gpu, tally, dtype, 1, 1, 1, 1, 1, 1, mode);
            test_resize(gpu, tally, dtype, 2, 5, 7, 3, 10, 13, mode);
            test_resize(gpu, tally, dtype, 1, 9, 8, 16, 4, 5, mode);
            test_resize(gpu, tally, dtype, 1, 3, 4, 8, 1, 9, mode);
        }
        test_shuffle(gpu, tally, dtype, 1, 2, 2, 1, 2);
        test_shuffle(gpu, tally, dtype, 2, 6, 9, 5, 3);
        test_shuffle(gpu, tally, dtype, 1, 4, 6, 3, 1);
    }
    for (int dtype : half_types(gpu)) {
        test_max_pool(gpu, tally, dtype, 1, 1, 1, 1, 1, 1, 1, 1, 0);
        test_max_pool(gpu, tally, dtype, 2, 9, 8, 16, 5, 4, 3, 2, 1);
        test_max_pool(gpu, tally, dtype, 1, 7, 6, 3, 3, 3, 2, 2, 0);
    }
}

}  // namespace ops_test
