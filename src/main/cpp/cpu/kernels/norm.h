// norm.h - group and layer normalisation.
//
// NUMERICS  Group statistics are sums of deviations from a value of the same channel, per chunk in f32, merged over
//           channels and chunks in double: nothing cancels for a mean of 1000. The mean is subtracted in two parts, its
//           f32 value (exact for values near it) and the remainder, which is folded into the offset.
#ifndef DAGUERRE_CPU_NORM_H
#define DAGUERRE_CPU_NORM_H

#include "functions.h"
#include "kernels.h"

namespace dg {
namespace {

// Sums over `pixels` rows of V vectors of channels: deviations from the first row and their squares.
template <int V, class T>
DG_INLINE void channel_sums(const T* x, int64_t stride, int64_t pixels, float* shift, float* sum, float* squares) {
    F s[V], q[V], centre[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
        centre[v] = load(x + v * W);
        s[v] = q[v] = set(0.0f);
    }
    for (int64_t p = 1; p < pixels; ++p) {
        const T* row = x + p * stride;
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
            F d = load(row + v * W) - centre[v];
            s[v] = s[v] + d;
            q[v] = q[v] + d * d;
        }
    }
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
        store(shift + v * W, centre[v]);
        store(sum + v * W, s[v]);
        store(squares + v * W, q[v]);
    }
}

template <class T>
void source_sums(const T* x, int64_t channels, int64_t pixels, float* shift, float* sum, float* squares) {
    int64_t c = 0;
    for (; c + 4 * W <= channels; c += 4 * W) channel_sums<4>(x + c, channels, pixels, shift + c, sum + c, squares + c);
    for (; c + W <= channels; c += W) channel_sums<1>(x + c, channels, pixels, shift + c, sum + c, squares + c);
    for (; c < channels; ++c) {
        float centre = to_float(x[c]), s = 0.0f, q = 0.0f;
        for (int64_t p = 1; p < pixels; ++p) {
            float d = to_float(x[p * channels + c]) - centre;
            s += d;
            q += d * d;
        }
        shift[c] = centre;
        sum[c] = s;
        squares[c] = q;
    }
}

// Adds `count` values with the given mean and sum of squared deviations to running ones (Chan, Golub & LeVeque 1979).
DG_INLINE void merge(double& total, double& mean, double& squares, double count, double other_mean,
                     double other_squares) {
    double delta = other_mean - mean, sum = total + count;
    mean += delta * count / sum;
    squares += other_squares + delta * delta * total * count / sum;
    total = sum;
}

template <class T>
void group_norm_chunk_of(const GroupNormCall& call, int64_t image, int64_t chunk, float* scratch) {
    int64_t channels = call.c + call.c2, first = chunk * call.chunk;
    int64_t pixels = call.pixels - first < call.chunk ? call.pixels - first : call.chunk;
    float* shift = scratch;
    float* sum = scratch + channels;
    float* squares = scratch + 2 * channels;
    int64_t pixel = image * call.pixels + first;
    source_sums(static_cast<const T*>(call.x) + pixel * call.c, call.c, pixels, shift, sum, squares);
    if (call.c2 > 0) {
        source_sums(static_cast<const T*>(call.x2) + pixel * call.c2, call.c2, pixels, shift + call.c, sum + call.c,
                    squares + call.c);
    }
    int64_t chunks = (call.pixels + call.chunk - 1) / call.chunk, width = channels / call.groups;
    double* out = call.partial + (image * chunks + chunk) * call.groups * 2;
    double n = static_cast<double>(pixels);
    for (int64_t g = 0; g < call.groups; ++g) {
        double total = 0.0, mean = 0.0, squared = 0.0;
        for (int64_t c = g * width; c < (g + 1) * width; ++c) {
            double d = static_cast<double>(sum[c]) / n;
            double spread = static_cast<double>(squares[c]) - n * d * d;
            merge(total, mean, squared, n, static_cast<double>(shift[c]) + d,
                  spread > 0.0 || spread != spread ? spread : 0.0);
        }
        out[2 * g] = mean;
        out[2 * g + 1] = squared;
    }
}

void group_norm_chunk_any(const GroupNormCall& call, int64_t image, int64_t chunk, float* scratch) {
    if (call.type == Type::BF16) group_norm_chunk_of<BF16>(call, image, chunk, scratch);
    else group_norm_chunk_of<float>(call, image, chunk, scratch);
}

void group_norm_affine_of(const GroupNormCall& call, int64_t image) {
    int64_t channels = call.c + call.c2, width = channels / call.groups,
            chunks = (call.pixels + call.chunk - 1) / call.chunk;
    const double* partial = call.partial + image * chunks * call.groups * 2;
    float* mean_high = call.affine + image * 3 * channels;
    float* factor = mean_high + channels;
    float* offset = factor + channels;
    for (int64_t g = 0; g < call.groups; ++g) {
        double total = 0.0, mean = 0.0, squares = 0.0;
        for (int64_t k = 0; k < chunks; ++k) {
            int64_t pixels = call.pixels - k * call.chunk < call.chunk ? call.pixels - k * call.chunk : call.chunk;
            const double* part = partial + (k * call.groups + g) * 2;
            merge(total, mean, squares, static_cast<double>(pixels * width), part[0], part[1]);
        }
        double scale = 1.0 / __builtin_sqrt(squares / total + static_cast<double>(call.eps));
        float high = static_cast<float>(mean);
        for (int64_t c = g * width; c < (g + 1) * width; ++c) {
            double a = scale * static_cast<double>(call.weight[c]);
            mean_high[c] = high;
            factor[c] = static_cast<float>(a);
            offset[c] = static_cast<float>(static_cast<double>(call.bias[c]) - (mean - static_cast<double>(high)) * a);
        }
    }
}

template <class T, int ACTIVATION>
void apply_channels(T* y, const T* x, int64_t count, const float* mean, const float* factor, const float* offset) {
    constexpr bool COARSE = sizeof(T) == 2;
    int64_t i = 0;
    for (; i + W <= count; i += W) {
        store(y + i,
              activate<ACTIVATION, COARSE>((load(x + i) - load(mean + i)) * load(factor + i) + load(offset + i)));
    }
    if (i < count) {
        int64_t n = count - i;
        F v = (load_part(x + i, n) - load_part(mean + i, n)) * load_part(factor + i, n) + load_part(offset + i, n);
        store_part(y + i, activate<ACTIVATION, COARSE>(v), n);
    }
}

template <class T, int ACTIVATION>
void group_norm_apply_of(const GroupNormCall& call, int64_t image, int64_t first_pixel, int64_t last_pixel) {
    int64_t channels = call.c + call.c2;
    const float* mean = call.affine + image * 3 * channels;
    const float* factor = mean + channels;
    const float* offset = factor + channels;
    for (int64_t p = image * call.pixels + first_pixel; p < image * call.pixels + last_pixel; ++p) {
        T* y = static_cast<T*>(call.y) + p * channels;
        apply_channels<T, ACTIVATION>(y, static_cast<const T*>(call.x) + p * call.c, call.c, mean, factor, offset);
        if (call.c2 > 0) {
            apply_channels<T, ACTIVATION>(y + call.c, static_cast<const T*>(call.x2) + p * call.c2, call.c2,
                                          mean + call.c, factor + call.c, offset + call.c);
        }
    }
}

template <class T>
void group_norm_apply_type(const GroupNormCall& call, int64_t image, int64_t first, int64_t last) {
    if (call.activation == DG_ACT_SILU) group_norm_apply_of<T, DG_ACT_SILU>(call, image, first, last);
    else if (call.activation == DG_ACT_RELU) group_norm_apply_of<T, DG_ACT_RELU>(call, image, first, last);
    else group_norm_apply_of<T, DG_ACT_NONE>(call, image, first, last);
}

void group_norm_apply_any(const GroupNormCall& call, int64_t image, int64_t first, int64_t last) {
    if (call.type == Type::BF16) group_norm_apply_type<BF16>(call, image, first, last);
    else group_norm_apply_type<float>(call, image, first, last);
}

template <class T>
float row_sum(const T* x, int64_t count) {
    F s = set(0.0f);
    int64_t i = 0;
    for (; i + W <= count; i += W) s = s + load(x + i);
    if (i < count) s = s + load_part(x + i, count - i);
    return sum_lanes(s);
}

// Sum of deviations from `centre` and of their squares.
template <class T>
void row_deviations(const T* x, int64_t count, float centre, float* sum, float* squares) {
    F s = set(0.0f), q = set(0.0f), m = set(centre);
    int64_t i = 0;
    for (; i + W <= count; i += W) {
        F d = load(x + i) - m;
        s = s + d;
        q = q + d * d;
    }
    *sum = sum_lanes(s);
    *squares = sum_lanes(q);
    for (; i < count; ++i) {
        float d = to_float(x[i]) - centre;
        *sum += d;
        *squares += d * d;
    }
}

template <class T>
void layer_norm_row(const LayerNormCall& call, T* y, const T* x) {
    float sum, squares;
    float centre = row_sum(x, call.c) / static_cast<float>(call.c);
    row_deviations(x, call.c, centre, &sum, &squares);
    float rest = sum / static_cast<float>(call.c);  // what the rounded mean left over
    float variance = squares / static_cast<float>(call.c) - rest * rest;
    F m = set(centre), r = set(rest),
      scale = set(1.0f / __builtin_sqrtf((variance < 0.0f ? 0.0f : variance) + call.eps));
    int64_t i = 0;
    for (; i + W <= call.c; i += W) {
        F v = ((load(x + i) - m) - r) * scale;
        if (call.weight != nullptr) v = v * load(call.weight + i);
        if (call.bias != nullptr) v = v + load(call.bias + i);
        store(y + i, v);
    }
    if (i < call.c) {
        int64_t n = call.c - i;
        F v = ((load_part(x + i, n) - m) - r) * scale;
        if (call.weight != nullptr) v = v * load_part(call.weight + i, n);
        if (call.bias != nullptr) v = v + load_part(call.bias + i, n);
        store_part(y + i, v, n);
    }
}

template <class T>
void layer_norm_rows(const LayerNormCall& call, int64_t first_row, int64_t last_row) {
    for (int64_t row = first_row; row < last_row; ++row) {
        layer_norm_row(call, static_cast<T*>(call.y) + row * call.c, static_cast<const T*>(call.x) + row * call.c);
    }
}

void layer_norm_any(const LayerNormCall& call, int64_t first_row, int64_t last_row) {
    if (call.type == Type::BF16) layer_norm_rows<BF16>(call, first_row, last_row);
    else layer_norm_rows<float>(call, first_row, last_row);
}

}  // namespace
}  // namespace dg
#endif
