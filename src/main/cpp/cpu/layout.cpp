// layout.cpp - WHAT  operations that move elements: column copies, NCHW <-> NHWC, resize, pixel shuffles, max pooling.
#include <cmath>
#include <cstring>

#include "number.h"
#include "operations.h"
#include "parallel.h"

namespace dg {
namespace {

constexpr int64_t GRAIN = 16384;  // elements that are worth a thread

void require_sizes(const char* operation, std::initializer_list<int> sizes) {
    for (int size : sizes) require_range(operation, "each size", size, 1, 1 << 24);
}

// Calls body(pointer of the element type) for a floating-point dg_type.
template <class Body>
void with_type(const char* operation, int dtype, const Body& body) {
    switch (dtype) {
        case DG_F32: body(static_cast<float*>(nullptr)); break;
        case DG_F16: body(static_cast<F16*>(nullptr)); break;
        case DG_BF16: body(static_cast<BF16*>(nullptr)); break;
        default: fail_argument(operation, "f32, f16 or bf16", type_name(dtype));
    }
}

// y [N, P, C] <- x [N, C, P], or the reverse
template <bool TO_NHWC, class Y, class X>
void transpose_channels(int threads, Y* y, const X* x, int64_t n, int64_t c, int64_t pixels) {
    parallel_ranges(threads, n * pixels, 1 + GRAIN / c, [&](int64_t begin, int64_t end) {
        for (int64_t i = 0; i < c; ++i) {
            for (int64_t p = begin; p < end; ++p) {
                int64_t nhwc = p * c + i, nchw = (p / pixels * c + i) * pixels + p % pixels;
                if (TO_NHWC) from_float(to_float(x[nchw]), y[nhwc]);
                else from_float(to_float(x[nhwc]), y[nchw]);
            }
        }
    });
}

template <bool TO_NHWC>
void change_layout(Engine& engine, const char* name, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h,
                   int w) {
    require_sizes(name, {n, c, h, w});
    int64_t pixels = product(name, {h, w}), count = product(name, {n, c, pixels});
    void* target = engine.in(name, "y", y, product(name, {count, type_bytes(name, y_type)}));
    const void* source = engine.in(name, "x", x, product(name, {count, type_bytes(name, x_type)}));
    with_type(name, y_type, [&](auto* out) {
        with_type(name, x_type, [&](auto* in) {
            transpose_channels<TO_NHWC>(engine.threads, static_cast<decltype(out)>(target),
                                        static_cast<decltype(in)>(const_cast<void*>(source)), n, c, pixels);
        });
    });
}

// A source position between two rows (or columns).
struct Tap {
    int64_t low, high;
    float weight;  // of high
};

Tap bilinear_tap(int64_t o, int64_t in, int64_t out, bool corners) {
    double at =
        corners ? (out > 1 ? static_cast<double>(o) * static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0.0)
                : (static_cast<double>(o) + 0.5) * static_cast<double>(in) / static_cast<double>(out) - 0.5;
    at = std::max(at, 0.0);
    int64_t low = std::min(static_cast<int64_t>(at), in - 1);
    return {low, std::min(low + 1, in - 1), static_cast<float>(at - static_cast<double>(low))};
}

template <class T>
void bilinear_row(T* y, const T* x, int64_t w, int64_t c, int64_t ow, Tap row, bool corners) {
    for (int64_t ox = 0; ox < ow; ++ox) {
        Tap column = bilinear_tap(ox, w, ow, corners);
        const T* a = x + (row.low * w + column.low) * c;
        const T* b = x + (row.low * w + column.high) * c;
        const T* d = x + (row.high * w + column.low) * c;
        const T* e = x + (row.high * w + column.high) * c;
        for (int64_t i = 0; i < c; ++i) {
            float top = to_float(a[i]) + column.weight * (to_float(b[i]) - to_float(a[i]));
            float bottom = to_float(d[i]) + column.weight * (to_float(e[i]) - to_float(d[i]));
            from_float(top + row.weight * (bottom - top), y[ox * c + i]);
        }
    }
}

// Moves elements of one picture between [H, W, C] and [H / R, W / R, C R R]. `large` is the former.
template <class T, bool UNSHUFFLE>
void shuffle_pixels(int threads, T* y, const T* x, int64_t n, int64_t h, int64_t w, int64_t c, int64_t r) {
    int64_t rows = n * (h / r), columns = w / r, square = r * r;
    parallel_ranges(threads, rows, 1, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            for (int64_t column = 0; column < columns; ++column) {
                for (int64_t k = 0; k < square; ++k) {
                    int64_t large = ((row * r + k / r) * w + column * r + k % r) * c;
                    int64_t small = (row * columns + column) * c * square + k;
                    for (int64_t i = 0; i < c; ++i) {
                        if (UNSHUFFLE) y[small + i * square] = x[large + i];
                        else y[large + i] = x[small + i * square];
                    }
                }
            }
        }
    });
}

// h, w, c: the large picture
template <bool UNSHUFFLE>
void shuffle(Engine& engine, const char* name, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r) {
    int64_t element = type_bytes(name, dtype), bytes = product(name, {n, h, w, c, element});
    void* target = engine.in(name, "y", y, bytes);
    const void* source = engine.in(name, "x", x, bytes);
    if (element == 4) {
        shuffle_pixels<uint32_t, UNSHUFFLE>(engine.threads, static_cast<uint32_t*>(target),
                                            static_cast<const uint32_t*>(source), n, h, w, c, r);
    } else {
        shuffle_pixels<uint16_t, UNSHUFFLE>(engine.threads, static_cast<uint16_t*>(target),
                                            static_cast<const uint16_t*>(source), n, h, w, c, r);
    }
}

struct Pool {
    int64_t h, w, c, oh, ow, k, stride, pad_top, pad_left;
};

template <class T>
void pool_pixel(const Pool& s, T* y, const T* x, int64_t oy, int64_t ox) {
    int64_t top = oy * s.stride - s.pad_top, left = ox * s.stride - s.pad_left;
    int64_t y0 = std::max<int64_t>(top, 0), y1 = std::min(top + s.k, s.h);
    int64_t x0 = std::max<int64_t>(left, 0), x1 = std::min(left + s.k, s.w);
    for (int64_t i = 0; i < s.c; ++i) {
        float best = -HUGE_VALF;
        for (int64_t row = y0; row < y1; ++row) {
            for (int64_t column = x0; column < x1; ++column) {
                float value = to_float(x[(row * s.w + column) * s.c + i]);
                if (!(value <= best)) best = value;  // NaN wins
            }
        }
        from_float(best, y[i]);
    }
}

}  // namespace

void copy_columns(Engine& engine, int dtype, int64_t y, int64_t ldy, int64_t x, int64_t ldx, int64_t rows,
                  int64_t cols) {
    const char* name = "copy_columns";
    require_positive(name, "rows", rows);
    require_positive(name, "cols", cols);
    require_range(name, "ldy", ldy, cols, int64_t{1} << 40);
    require_range(name, "ldx", ldx, cols, int64_t{1} << 40);
    int64_t element = type_bytes(name, dtype);
    char* target = engine.in<char>(name, "y", y, product(name, {product(name, {rows - 1, ldy}) + cols, element}));
    const char* source = engine.in<char>(name, "x", x, product(name, {product(name, {rows - 1, ldx}) + cols, element}));
    parallel_ranges(engine.threads, rows, 1 + GRAIN / cols, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            std::memcpy(target + row * ldy * element, source + row * ldx * element,
                        static_cast<size_t>(cols * element));
        }
    });
}

void nchw_to_nhwc(Engine& engine, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w) {
    change_layout<true>(engine, "nchw_to_nhwc", y_type, y, x_type, x, n, c, h, w);
}

void nhwc_to_nchw(Engine& engine, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w) {
    change_layout<false>(engine, "nhwc_to_nchw", y_type, y, x_type, x, n, c, h, w);
}

void resize(Engine& engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int bilinear) {
    const char* name = "resize";
    require_sizes(name, {n, h, w, c, oh, ow});
    require_range(name, "bilinear", bilinear, 0, 2);
    int64_t element = type_bytes(name, dtype);
    void* target = engine.in(name, "y", y, product(name, {n, oh, ow, c, element}));
    const void* source = engine.in(name, "x", x, product(name, {n, h, w, c, element}));
    with_type(name, dtype, [&](auto* tag) {
        auto* out = static_cast<decltype(tag)>(target);
        auto* in = static_cast<decltype(tag)>(const_cast<void*>(source));
        parallel_ranges(engine.threads, int64_t{n} * oh, 1, [&](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row) {
                int64_t oy = row % oh;
                auto* to = out + row * ow * c;
                auto* from = in + row / oh * h * w * c;
                if (bilinear != 0) {
                    bilinear_row(to, from, w, c, ow, bilinear_tap(oy, h, oh, bilinear == 2), bilinear == 2);
                    continue;
                }
                for (int64_t ox = 0; ox < ow; ++ox) {
                    std::memcpy(to + ox * c, from + (oy * h / oh * w + ox * w / ow) * c,
                                static_cast<size_t>(c * element));
                }
            }
        });
    });
}

void pixel_unshuffle(Engine& engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r) {
    const char* name = "pixel_unshuffle";
    require_sizes(name, {n, h, w, c, r});
    if (h % r != 0 || w % r != 0) {
        fail_argument(name, "h and w divisible by " + std::to_string(r), std::to_string(h) + " x " + std::to_string(w));
    }
    shuffle<true>(engine, name, dtype, y, x, n, h, w, c, r);
}

void pixel_shuffle(Engine& engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r) {
    const char* name = "pixel_shuffle";
    require_sizes(name, {n, h, w, c, r});
    require_range(name, "r", r, 1, 64);
    if (c % (r * r) != 0) fail_argument(name, "c divisible by " + std::to_string(r * r), std::to_string(c));
    require_range(name, "h * r", int64_t{h} * r, 1, 1 << 24);
    require_range(name, "w * r", int64_t{w} * r, 1, 1 << 24);
    shuffle<false>(engine, name, dtype, y, x, n, h * r, w * r, c / (r * r), r);
}

void max_pool(Engine& engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int k,
              int stride, int pad_top, int pad_left) {
    const char* name = "max_pool";
    require_activation_type(name, dtype);
    require_sizes(name, {n, h, w, c, oh, ow, k, stride});
    require_range(name, "pad_top", pad_top, 0, k - 1);
    require_range(name, "pad_left", pad_left, 0, k - 1);
    int64_t element = type_bytes(name, dtype);
    void* target = engine.in(name, "y", y, product(name, {n, oh, ow, c, element}));
    const void* source = engine.in(name, "x", x, product(name, {n, h, w, c, element}));
    Pool shape{h, w, c, oh, ow, k, stride, pad_top, pad_left};
    with_type(name, dtype, [&](auto* tag) {
        auto* out = static_cast<decltype(tag)>(target);
        auto* in = static_cast<decltype(tag)>(const_cast<void*>(source));
        parallel_ranges(engine.threads, int64_t{n} * oh, 1, [&](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; ++row) {
                for (int64_t ox = 0; ox < ow; ++ox) {
                    pool_pixel(shape, out + (row * ow + ox) * c, in + row / oh * h * w * c, row % oh, ox);
                }
            }
        });
    });
}

}  // namespace dg
