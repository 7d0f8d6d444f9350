// pointwise.h - element by element: activations, GEGLU, linear combinations, guidance, counting.
#ifndef DAGUERRE_CPU_POINTWISE_H
#define DAGUERRE_CPU_POINTWISE_H

#include "functions.h"
#include "kernels.h"

namespace dg {
namespace {

template <class T, int ACTIVATION>
void activate_elements(T* y, const T* x, int64_t begin, int64_t end) {
    constexpr bool COARSE = sizeof(T) == 2;
    int64_t i = begin;
    for (; i + W <= end; i += W) store(y + i, activate<ACTIVATION, COARSE>(load(x + i)));
    if (i < end) store_part(y + i, activate<ACTIVATION, COARSE>(load_part(x + i, end - i)), end - i);
}

template <class T>
void activate_type(T* y, const T* x, int64_t begin, int64_t end, int activation) {
    switch (activation) {
        case DG_ACT_SILU: return activate_elements<T, DG_ACT_SILU>(y, x, begin, end);
        case DG_ACT_GELU: return activate_elements<T, DG_ACT_GELU>(y, x, begin, end);
        case DG_ACT_QUICK_GELU: return activate_elements<T, DG_ACT_QUICK_GELU>(y, x, begin, end);
        case DG_ACT_RELU: return activate_elements<T, DG_ACT_RELU>(y, x, begin, end);
        case DG_ACT_LEAKY_RELU: return activate_elements<T, DG_ACT_LEAKY_RELU>(y, x, begin, end);
        case DG_ACT_TANH: return activate_elements<T, DG_ACT_TANH>(y, x, begin, end);
        case DG_ACT_SIGMOID: return activate_elements<T, DG_ACT_SIGMOID>(y, x, begin, end);
        case DG_ACT_SOFT_CLAMP_3: return activate_elements<T, DG_ACT_SOFT_CLAMP_3>(y, x, begin, end);
        case DG_ACT_ELU: return activate_elements<T, DG_ACT_ELU>(y, x, begin, end);
        case DG_ACT_LEAKY_RELU_01: return activate_elements<T, DG_ACT_LEAKY_RELU_01>(y, x, begin, end);
        case DG_ACT_SOFTPLUS: return activate_elements<T, DG_ACT_SOFTPLUS>(y, x, begin, end);
        case DG_ACT_MISH: return activate_elements<T, DG_ACT_MISH>(y, x, begin, end);
        default: return activate_elements<T, DG_ACT_NONE>(y, x, begin, end);
    }
}

void activate_any(Type type, void* y, const void* x, int64_t begin, int64_t end, int activation) {
    if (type == Type::BF16) activate_type(static_cast<BF16*>(y), static_cast<const BF16*>(x), begin, end, activation);
    else activate_type(static_cast<float*>(y), static_cast<const float*>(x), begin, end, activation);
}

template <class T>
void geglu_rows(T* y, const T* x, int64_t o, int64_t first_row, int64_t last_row) {
    constexpr bool COARSE = sizeof(T) == 2;
    for (int64_t row = first_row; row < last_row; ++row) {
        const T* value = x + row * 2 * o;
        const T* gate = value + o;
        T* out = y + row * o;
        int64_t i = 0;
        for (; i + W <= o; i += W) store(out + i, load(value + i) * vgelu<COARSE>(load(gate + i)));
        if (i < o) store_part(out + i, load_part(value + i, o - i) * vgelu<COARSE>(load_part(gate + i, o - i)), o - i);
    }
}

void geglu_any(Type type, void* y, const void* x, int64_t o, int64_t first_row, int64_t last_row) {
    if (type == Type::BF16) geglu_rows(static_cast<BF16*>(y), static_cast<const BF16*>(x), o, first_row, last_row);
    else geglu_rows(static_cast<float*>(y), static_cast<const float*>(x), o, first_row, last_row);
}

constexpr int64_t STRIP = 512;  // elements whose sum stays in the first-level cache

template <class T>
void add_term(float* sum, const T* x, int64_t count, float factor, bool first) {
    F f = set(factor);
    int64_t i = 0;
    for (; i + W <= count; i += W) store(sum + i, first ? f * load(x + i) : load(sum + i) + f * load(x + i));
    if (i < count) {
        F term = f * load_part(x + i, count - i);
        store(sum + i, first ? term : load(sum + i) + term);  // sum has room for whole vectors
    }
}

void add_term_any(Type type, float* sum, const void* x, int64_t at, int64_t count, float factor, bool first) {
    if (type == Type::F32) add_term(sum, static_cast<const float*>(x) + at, count, factor, first);
    else if (type == Type::F16) add_term(sum, static_cast<const F16*>(x) + at, count, factor, first);
    else add_term(sum, static_cast<const BF16*>(x) + at, count, factor, first);
}

template <class T>
void copy_out(T* y, const float* sum, int64_t count) {
    int64_t i = 0;
    for (; i + W <= count; i += W) store(y + i, load(sum + i));
    if (i < count) store_part(y + i, load(sum + i), count - i);
}

void combine_any(const CombineCall& call, int64_t begin, int64_t end) {
    alignas(64) float sum[STRIP];
    for (int64_t at = begin; at < end; at += STRIP) {
        int64_t count = end - at < STRIP ? end - at : STRIP;
        for (int t = 0; t < call.terms; ++t)
            add_term_any(call.x_type[t], sum, call.x[t], at, count, call.factor[t], t == 0);
        if (call.y_type == Type::F32) copy_out(static_cast<float*>(call.y) + at, sum, count);
        else if (call.y_type == Type::F16) copy_out(static_cast<F16*>(call.y) + at, sum, count);
        else copy_out(static_cast<BF16*>(call.y) + at, sum, count);
    }
}

template <class T>
void moments_of(const T* x, int64_t begin, int64_t end, double mean, double* sum, double* squares) {
    F centre = set(static_cast<float>(mean));
    *sum = 0.0;
    *squares = 0.0;
    for (int64_t at = begin; at < end; at += STRIP) {  // f32 inside a strip, double across strips
        int64_t stop = at + STRIP < end ? at + STRIP : end, i = at;
        F s = set(0.0f), q = set(0.0f);
        for (; i + W <= stop; i += W) {
            F d = load(x + i) - centre;
            s = s + d;
            q = q + d * d;
        }
        double strip_sum = sum_lanes(s), strip_squares = sum_lanes(q);
        for (; i < stop; ++i) {
            float d = to_float(x[i]) - static_cast<float>(mean);
            strip_sum += d;
            strip_squares += static_cast<double>(d) * d;
        }
        *sum += strip_sum + static_cast<double>(static_cast<float>(mean)) * static_cast<double>(stop - at);
        *squares += strip_squares;
    }
}

void moments_any(Type type, const void* x, int64_t begin, int64_t end, double mean, double* sum, double* squares) {
    if (type == Type::BF16) moments_of(static_cast<const BF16*>(x), begin, end, mean, sum, squares);
    else moments_of(static_cast<const float*>(x), begin, end, mean, sum, squares);
}

template <class T>
void guide_elements(float* y, const T* cond, const T* uncond, int64_t begin, int64_t end, float scale) {
    F s = set(scale);
    int64_t i = begin;
    for (; i + W <= end; i += W) {
        F u = load(uncond + i);
        store(y + i, u + s * (load(cond + i) - u));
    }
    if (i < end) {
        F u = load_part(uncond + i, end - i);
        store_part(y + i, u + s * (load_part(cond + i, end - i) - u), end - i);
    }
}

void guide_any(Type type, float* y, const void* cond, const void* uncond, int64_t begin, int64_t end, float scale) {
    if (type == Type::BF16) {
        guide_elements(y, static_cast<const BF16*>(cond), static_cast<const BF16*>(uncond), begin, end, scale);
    } else {
        guide_elements(y, static_cast<const float*>(cond), static_cast<const float*>(uncond), begin, end, scale);
    }
}

template <class T>
int64_t count_nonfinite_of(const T* x, int64_t begin, int64_t end) {
    int64_t total = 0, i = begin;
    for (; i + W <= end; i += W) total += count_true_nonfinite(load(x + i));
    if (i < end) total += count_true_nonfinite(load_part(x + i, end - i));
    return total;
}

int64_t count_nonfinite_any(Type type, const void* x, int64_t begin, int64_t end) {
    if (type == Type::BF16) return count_nonfinite_of(static_cast<const BF16*>(x), begin, end);
    if (type == Type::F16) return count_nonfinite_of(static_cast<const F16*>(x), begin, end);
    return count_nonfinite_of(static_cast<const float*>(x), begin, end);
}

}  // namespace
}  // namespace dg
#endif
