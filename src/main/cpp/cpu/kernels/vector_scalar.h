// vector_scalar.h - four lanes of SSE4.1, part of every processor we build for: the fallback.
#ifndef DAGUERRE_CPU_VECTOR_H
#define DAGUERRE_CPU_VECTOR_H

#include <smmintrin.h>

#include "../number.h"

namespace dg {
namespace {

using F = __m128;
constexpr int W = 4;                    // lanes
constexpr int TILE_VECTORS = 2;         // vectors side by side in the register tile of attention
constexpr bool SCALES_TO_ZERO = false;  // scale_exponent below 2^-126
constexpr int TILE_ROWS = 4;

DG_INLINE F set(float value) { return _mm_set1_ps(value); }
DG_INLINE F load(const float* p) { return _mm_loadu_ps(p); }
DG_INLINE F load(const BF16* p) {
    return _mm_castsi128_ps(
        _mm_unpacklo_epi16(_mm_setzero_si128(), _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
}
DG_INLINE F load(const F16* p) { return _mm_setr_ps(to_float(p[0]), to_float(p[1]), to_float(p[2]), to_float(p[3])); }
DG_INLINE void store(float* p, F v) { _mm_storeu_ps(p, v); }
DG_INLINE __m128i round_bf16(F v) {  // in the low half of each lane
    __m128i bits = _mm_castps_si128(v);
    __m128i odd = _mm_and_si128(_mm_srli_epi32(bits, 16), _mm_set1_epi32(1));
    __m128i rounded = _mm_srli_epi32(_mm_add_epi32(bits, _mm_add_epi32(odd, _mm_set1_epi32(0x7fff))), 16);
    __m128i nan = _mm_castps_si128(_mm_cmpunord_ps(v, v));
    return _mm_blendv_epi8(rounded, _mm_set1_epi32(0x7fc0), nan);
}
DG_INLINE void store(BF16* p, F v) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi32(round_bf16(v), _mm_setzero_si128()));
}
DG_INLINE void store(F16* p, F v) {
    float lane[4];
    _mm_storeu_ps(lane, v);
    for (int i = 0; i < 4; ++i) from_float(lane[i], p[i]);
}
template <class T>
DG_INLINE F load_part(const T* p, int64_t n) {
    T lane[W] = {};
    for (int64_t i = 0; i < n; ++i) lane[i] = p[i];
    return load(lane);
}
template <class T>
DG_INLINE void store_part(T* p, F v, int64_t n) {
    T lane[W];
    store(lane, v);
    for (int64_t i = 0; i < n; ++i) p[i] = lane[i];
}
// Of a NaN and a number, the second argument counts: keep what may be NaN second.
DG_INLINE F vmax(F a, F b) { return _mm_max_ps(a, b); }
DG_INLINE F vmin(F a, F b) { return _mm_min_ps(a, b); }
DG_INLINE F round_even(F v) { return _mm_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
DG_INLINE F vfloor(F v) { return _mm_round_ps(v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
// x = n + f with integral n and 0 <= f < 1
DG_INLINE void split(F x, F& n, F& f) {
    n = vfloor(x);
    f = x - n;
}
// v * 2^n for integral n in -126..127
DG_INLINE F scale_exponent(F v, F n) {
    __m128i bits = _mm_slli_epi32(_mm_add_epi32(_mm_cvtps_epi32(n), _mm_set1_epi32(127)), 23);
    return v * _mm_castsi128_ps(bits);
}
DG_INLINE F reciprocal(F v) { return set(1.0f) / v; }
DG_INLINE F reciprocal_coarse(F v) { return reciprocal(v); }
DG_INLINE float sum_lanes(F v) {
    F pairs = v + _mm_movehl_ps(v, v);
    return _mm_cvtss_f32(pairs + _mm_shuffle_ps(pairs, pairs, 1));
}
DG_INLINE bool any_greater(F a, F b) { return _mm_movemask_ps(_mm_cmpgt_ps(a, b)) != 0; }
DG_INLINE int count_true_nonfinite(F v) {
    __m128i exponent = _mm_and_si128(_mm_castps_si128(v), _mm_set1_epi32(0x7f800000));
    return __builtin_popcount(static_cast<unsigned>(
        _mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(exponent, _mm_set1_epi32(0x7f800000))))));
}
// r[i][j] <-> r[j][i]
DG_INLINE void transpose(F (&r)[W]) { _MM_TRANSPOSE4_PS(r[0], r[1], r[2], r[3]); }

}  // namespace
}  // namespace dg
#endif
