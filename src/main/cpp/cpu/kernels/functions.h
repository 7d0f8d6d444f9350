// functions.h - exponential and activation functions on vectors F (see vector_*.h). Relative error about 2^-22; with
// COARSE, for results that will be rounded to bf16, below 1e-4 (a twentieth of that rounding).
#ifndef DAGUERRE_CPU_FUNCTIONS_H
#define DAGUERRE_CPU_FUNCTIONS_H

#include "../../kernels.h"

namespace dg {
namespace {

// 2^x; x is cut to -126..127.
DG_INLINE F vexp2(F x) {
    x = vmin(set(127.0f), vmax(set(-126.0f), x));
    F n = round_even(x);
    F f = x - n;  // -0.5..0.5
    F p = set(0.000153458122f);
    p = p * f + set(0.00133999315f);
    p = p * f + set(0.00961848896f);
    p = p * f + set(0.0555032878f);
    p = p * f + set(0.240226469f);
    p = p * f + set(0.693147206f);
    p = p * f + set(1.0f);
    return scale_exponent(p, n);
}

// e^x, with the product x log2(e) in two parts so that large |x| keep their accuracy.
DG_INLINE F vexp(F x) {
    x = vmin(set(88.0f), vmax(set(-87.0f), x));
    F n = round_even(x * set(1.44269504f));
    F f = x - n * set(0.693145752f);  // high part of ln 2, exact for |n| < 2^11
    f = f - n * set(1.42860677e-6f);
    F p = set(0.00138888889f);
    p = p * f + set(0.00833333333f);
    p = p * f + set(0.0416666667f);
    p = p * f + set(0.166666667f);
    p = p * f + set(0.5f);
    p = p * f + set(1.0f);
    p = p * f + set(1.0f);
    return scale_exponent(p, n);
}

// 2^x for x <= 127; where the processor scales by 2^n itself, any smaller x becomes 0, else 2^-126.
DG_INLINE F vexp2_coarse(F x) {
    if constexpr (!SCALES_TO_ZERO) x = vmax(set(-126.0f), x);
    F n, f;
    split(x, n, f);
    F p = set(0.078024525f);
    p = p * f + set(0.226067177f);
    p = p * f + set(0.695833519f);
    p = p * f + set(0.999925222f);
    return scale_exponent(p, n);
}

template <bool COARSE>
DG_INLINE F vsigmoid(F x) {
    if constexpr (COARSE) return reciprocal_coarse(set(1.0f) + vexp2_coarse(vmin(set(110.0f), set(-1.44269504f) * x)));
    return reciprocal(set(1.0f) + vexp(vmin(set(80.0f), set(0.0f) - x)));
}

DG_INLINE F vtanh(F x) {
    F limited = vmin(set(15.0f), vmax(set(-15.0f), x));
    return set(1.0f) - set(2.0f) * reciprocal(set(1.0f) + vexp(limited + limited));
}

// x Phi(x) = max(x, 0) - |x| Phi(-|x|). Phi(-a) = exp(-a^2 / 2) r(1 / (1 + c a)) with a polynomial r fitted to a
// relative error of 1e-7 (COARSE: 5e-5), so that the tail of negative x keeps its digits.
template <bool COARSE>
DG_INLINE F vgelu(F x) {
    F a = vmin(set(100.0f), vmax(set(0.0f) - x, x));  // Phi(-100) is 0; keeps infinity out of 0 * infinity
    F tail;
    if constexpr (COARSE) {
        F t = reciprocal_coarse(set(1.0f) + set(0.25f) * a);
        F p = set(0.241996268f);
        p = p * t + set(-0.104847284f);
        p = p * t + set(0.181229483f);
        p = p * t + set(0.0802173146f);
        p = p * t + set(0.101386668f);
        tail = p * t * vexp2_coarse(set(-0.721347520f) * a * a);
    } else {
        F t = reciprocal(set(1.0f) + set(0.3f) * a);
        F p = set(0.0361947224f);
        p = p * t + set(-0.159377749f);
        p = p * t + set(0.210117417f);
        p = p * t + set(-0.0571664615f);
        p = p * t + set(0.130415974f);
        p = p * t + set(0.0993472702f);
        p = p * t + set(0.120845507f);
        p = p * t + set(0.119623264f);
        tail = p * t * vexp(set(-0.5f) * a * a);
    }
    return vmax(set(0.0f), x) - a * tail;
}

DG_INLINE F vlog1p_exp(F x) {  // softplus; rare, so lane by lane
    float lane[W];
    store(lane, x);
    for (int i = 0; i < W; ++i) {
        float a = lane[i] < 0.0f ? lane[i] : -lane[i];
        lane[i] = (lane[i] > 0.0f ? lane[i] : lane[i] < 0.0f ? 0.0f : lane[i]) + __builtin_log1pf(__builtin_expf(a));
    }
    return load(lane);
}

// tanh(softplus(x)) = (e^2 + 2 e) / (e^2 + 2 e + 2) with e = exp(x); 1 in f32 from x = 20 on.
DG_INLINE F vmish(F x) {
    F e = vexp(vmin(set(20.0f), x));
    F n = e * e + set(2.0f) * e;
    return x * n * reciprocal(n + set(2.0f));
}

template <int ACTIVATION, bool COARSE>
DG_INLINE F activate(F x) {
    if constexpr (ACTIVATION == DG_ACT_SILU) return x * vsigmoid<COARSE>(x);
    if constexpr (ACTIVATION == DG_ACT_GELU) return vgelu<COARSE>(x);
    if constexpr (ACTIVATION == DG_ACT_QUICK_GELU) return x * vsigmoid<COARSE>(set(1.702f) * x);
    if constexpr (ACTIVATION == DG_ACT_RELU) return vmax(set(0.0f), x);
    if constexpr (ACTIVATION == DG_ACT_LEAKY_RELU) return vmax(set(0.2f) * x, x);
    if constexpr (ACTIVATION == DG_ACT_TANH) return vtanh(x);
    if constexpr (ACTIVATION == DG_ACT_SIGMOID) return vsigmoid<COARSE>(x);
    if constexpr (ACTIVATION == DG_ACT_SOFT_CLAMP_3) return set(3.0f) * vtanh(x * set(1.0f / 3.0f));
    if constexpr (ACTIVATION == DG_ACT_ELU) return vmax(set(0.0f), x) + (vexp(vmin(set(0.0f), x)) - set(1.0f));
    if constexpr (ACTIVATION == DG_ACT_LEAKY_RELU_01) return vmax(set(0.01f) * x, x);
    if constexpr (ACTIVATION == DG_ACT_SOFTPLUS) return vlog1p_exp(x);
    if constexpr (ACTIVATION == DG_ACT_MISH) return vmish(x);
    return x;
}

}  // namespace
}  // namespace dg
#endif
