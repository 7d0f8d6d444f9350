// vector_avx512.h - sixteen lanes of AVX-512 (F, BW, DQ, VL).
#ifndef DAGUERRE_CPU_VECTOR_H
#define DAGUERRE_CPU_VECTOR_H

#include <immintrin.h>

#include "../number.h"

namespace dg {
namespace {

using F = __m512;
constexpr int W = 16;
constexpr int TILE_VECTORS = 4;
constexpr bool SCALES_TO_ZERO = true;  // scale_exponent below 2^-126
constexpr int TILE_ROWS = 6;

DG_INLINE F set(float value) { return _mm512_set1_ps(value); }
DG_INLINE F load(const float* p) { return _mm512_loadu_ps(p); }
DG_INLINE F widen(__m256i bits) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16)); }
DG_INLINE F load(const BF16* p) { return widen(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
DG_INLINE F load(const F16* p) { return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
DG_INLINE void store(float* p, F v) { _mm512_storeu_ps(p, v); }
#if defined(__AVX512BF16__)
DG_INLINE __m256i narrow_bf16(F v) { return (__m256i)_mm512_cvtneps_pbh(v); }  // subnormal results become 0
#else
DG_INLINE __m256i narrow_bf16(F v) {
    __m512i bits = _mm512_castps_si512(v);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_srli_epi32(_mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff))), 16);
    __mmask16 nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    return _mm512_cvtepi32_epi16(_mm512_mask_mov_epi32(rounded, nan, _mm512_set1_epi32(0x7fc0)));
}
#endif
DG_INLINE void store(BF16* p, F v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), narrow_bf16(v)); }
DG_INLINE __m256i narrow_half(F v) { return _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
DG_INLINE void store(F16* p, F v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), narrow_half(v)); }
DG_INLINE __mmask16 first_lanes(int64_t n) { return static_cast<__mmask16>((1u << n) - 1u); }
DG_INLINE F load_part(const float* p, int64_t n) { return _mm512_maskz_loadu_ps(first_lanes(n), p); }
DG_INLINE F load_part(const BF16* p, int64_t n) { return widen(_mm256_maskz_loadu_epi16(first_lanes(n), p)); }
DG_INLINE F load_part(const F16* p, int64_t n) { return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first_lanes(n), p)); }
DG_INLINE void store_part(float* p, F v, int64_t n) { _mm512_mask_storeu_ps(p, first_lanes(n), v); }
DG_INLINE void store_part(BF16* p, F v, int64_t n) { _mm256_mask_storeu_epi16(p, first_lanes(n), narrow_bf16(v)); }
DG_INLINE void store_part(F16* p, F v, int64_t n) { _mm256_mask_storeu_epi16(p, first_lanes(n), narrow_half(v)); }
DG_INLINE F vmax(F a, F b) { return _mm512_max_ps(a, b); }
DG_INLINE F vmin(F a, F b) { return _mm512_min_ps(a, b); }
DG_INLINE F round_even(F v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
DG_INLINE F vfloor(F v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
// x = n + f with 0 <= f < 1, where scale_exponent takes the integral part of n itself
DG_INLINE void split(F x, F& n, F& f) {
    n = x;
    f = _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}
DG_INLINE F scale_exponent(F v, F n) { return _mm512_scalef_ps(v, n); }
// One Newton step on the 14-bit estimate.
DG_INLINE F reciprocal(F v) {
    F estimate = _mm512_rcp14_ps(v);
    return estimate * (set(2.0f) - v * estimate);
}
DG_INLINE F reciprocal_coarse(F v) { return _mm512_rcp14_ps(v); }
DG_INLINE float sum_lanes(F v) {
    __m256 half = _mm512_castps512_ps256(v) + _mm512_extractf32x8_ps(v, 1);
    __m128 quarter = _mm256_castps256_ps128(half) + _mm256_extractf128_ps(half, 1);
    __m128 pairs = quarter + _mm_movehl_ps(quarter, quarter);
    return _mm_cvtss_f32(pairs + _mm_shuffle_ps(pairs, pairs, 1));
}
DG_INLINE bool any_greater(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0; }
DG_INLINE int count_true_nonfinite(F v) {
    return __builtin_popcount(_mm512_fpclass_ps_mask(v, 0x01 | 0x08 | 0x10 | 0x80));
}
// r[i][j] <-> r[j][i]
DG_INLINE void transpose(F (&r)[W]) {
    F quad[W];  // quad[4 k + c], quarter h: column 4 h + c of rows 4 k .. 4 k + 3
#pragma GCC unroll 4
    for (int k = 0; k < W; k += 4) {
        __m512d low01 = _mm512_castps_pd(_mm512_unpacklo_ps(r[k], r[k + 1])),
                high01 = _mm512_castps_pd(_mm512_unpackhi_ps(r[k], r[k + 1]));
        __m512d low23 = _mm512_castps_pd(_mm512_unpacklo_ps(r[k + 2], r[k + 3]));
        __m512d high23 = _mm512_castps_pd(_mm512_unpackhi_ps(r[k + 2], r[k + 3]));
        quad[k] = _mm512_castpd_ps(_mm512_unpacklo_pd(low01, low23));
        quad[k + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low01, low23));
        quad[k + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high01, high23));
        quad[k + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high01, high23));
    }
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) {
        F a = _mm512_shuffle_f32x4(quad[c], quad[4 + c], 0x44), b = _mm512_shuffle_f32x4(quad[c], quad[4 + c], 0xee);
        F d = _mm512_shuffle_f32x4(quad[8 + c], quad[12 + c], 0x44),
          e = _mm512_shuffle_f32x4(quad[8 + c], quad[12 + c], 0xee);
        r[c] = _mm512_shuffle_f32x4(a, d, 0x88);
        r[4 + c] = _mm512_shuffle_f32x4(a, d, 0xdd);
        r[8 + c] = _mm512_shuffle_f32x4(b, e, 0x88);
        r[12 + c] = _mm512_shuffle_f32x4(b, e, 0xdd);
    }
}

}  // namespace
}  // namespace dg
#endif
