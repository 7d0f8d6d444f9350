// vector_avx2.h - eight lanes of AVX2 with FMA and F16C.
#ifndef DAGUERRE_CPU_VECTOR_H
#define DAGUERRE_CPU_VECTOR_H

#include <immintrin.h>

#include "../number.h"

namespace dg {
namespace {

using F = __m256;
constexpr int W = 8;
constexpr int TILE_VECTORS = 2;
constexpr bool SCALES_TO_ZERO = false;  // scale_exponent below 2^-126
constexpr int TILE_ROWS = 6;

DG_INLINE F set(float value) { return _mm256_set1_ps(value); }
DG_INLINE F load(const float* p) { return _mm256_loadu_ps(p); }
DG_INLINE F load(const BF16* p) {
    __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}
DG_INLINE F load(const F16* p) { return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
DG_INLINE void store(float* p, F v) { _mm256_storeu_ps(p, v); }
DG_INLINE __m256i round_bf16(F v) {
    __m256i bits = _mm256_castps_si256(v);
    __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    __m256i rounded = _mm256_srli_epi32(_mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff))), 16);
    __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    return _mm256_blendv_epi8(rounded, _mm256_set1_epi32(0x7fc0), nan);
}
DG_INLINE void store(BF16* p, F v) {
    __m256i wide = round_bf16(v);
    __m128i narrow = _mm_packus_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), narrow);
}
DG_INLINE void store(F16* p, F v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
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
DG_INLINE F vmax(F a, F b) { return _mm256_max_ps(a, b); }
DG_INLINE F vmin(F a, F b) { return _mm256_min_ps(a, b); }
DG_INLINE F round_even(F v) { return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
DG_INLINE F vfloor(F v) { return _mm256_round_ps(v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
// x = n + f with integral n and 0 <= f < 1
DG_INLINE void split(F x, F& n, F& f) {
    n = vfloor(x);
    f = x - n;
}
DG_INLINE F scale_exponent(F v, F n) {
    __m256i bits = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return v * _mm256_castsi256_ps(bits);
}
DG_INLINE F reciprocal(F v) { return set(1.0f) / v; }
DG_INLINE F reciprocal_coarse(F v) { return reciprocal(v); }
DG_INLINE float sum_lanes(F v) {
    __m128 half = _mm256_castps256_ps128(v) + _mm256_extractf128_ps(v, 1);
    __m128 pairs = half + _mm_movehl_ps(half, half);
    return _mm_cvtss_f32(pairs + _mm_shuffle_ps(pairs, pairs, 1));
}
DG_INLINE bool any_greater(F a, F b) { return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)) != 0; }
DG_INLINE int count_true_nonfinite(F v) {
    __m256i exponent = _mm256_and_si256(_mm256_castps_si256(v), _mm256_set1_epi32(0x7f800000));
    return __builtin_popcount(static_cast<unsigned>(
        _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(exponent, _mm256_set1_epi32(0x7f800000))))));
}
// r[i][j] <-> r[j][i]
DG_INLINE void transpose(F (&r)[W]) {
    F quad[W];  // quad[4 k + c], half h: column 4 h + c of rows 4 k .. 4 k + 3
#pragma GCC unroll 2
    for (int k = 0; k < W; k += 4) {
        __m256d low01 = _mm256_castps_pd(_mm256_unpacklo_ps(r[k], r[k + 1])),
                high01 = _mm256_castps_pd(_mm256_unpackhi_ps(r[k], r[k + 1]));
        __m256d low23 = _mm256_castps_pd(_mm256_unpacklo_ps(r[k + 2], r[k + 3]));
        __m256d high23 = _mm256_castps_pd(_mm256_unpackhi_ps(r[k + 2], r[k + 3]));
        quad[k] = _mm256_castpd_ps(_mm256_unpacklo_pd(low01, low23));
        quad[k + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(low01, low23));
        quad[k + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(high01, high23));
        quad[k + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(high01, high23));
    }
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) {
        r[c] = _mm256_permute2f128_ps(quad[c], quad[4 + c], 0x20);
        r[4 + c] = _mm256_permute2f128_ps(quad[c], quad[4 + c], 0x31);
    }
}

}  // namespace
}  // namespace dg
#endif
