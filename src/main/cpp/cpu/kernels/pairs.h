// pairs.h - words of two bf16, the operand format of vdpbf16ps and tdpbf16ps: the lower half belongs to the even index.
#ifndef DAGUERRE_CPU_PAIRS_H
#define DAGUERRE_CPU_PAIRS_H

#include "attention_block.h"

namespace dg {
namespace {

using Word32 = uint32_t;

struct PairFormat {
    DG_INLINE F exp2(F x) { return vexp2_coarse(x); }
    // Two rows of probabilities (finite, not negative) become one row of pairs.
    DG_INLINE void store_pair(float* s, int64_t pair, int64_t stride, int64_t column, F even, F odd) {
        store_words(reinterpret_cast<Word32*>(s) + pair * stride + column, even, odd);
    }
#if defined(__AVX512BW__)
    DG_INLINE void store_words(Word32* p, F even, F odd) {
        __m512i half = _mm512_set1_epi32(0x8000);
        __m512i low = _mm512_srli_epi32(_mm512_add_epi32(_mm512_castps_si512(even), half), 16);
        __m512i high = _mm512_add_epi32(_mm512_castps_si512(odd), half);
        // low | (high & 0xffff0000)
        _mm512_storeu_si512(
            p, _mm512_ternarylogic_epi32(low, high, _mm512_set1_epi32(static_cast<int>(0xffff0000u)), 0xf8));
    }
#else
    DG_INLINE void store_words(Word32* p, F even, F odd) {
        __m256i half = _mm256_set1_epi32(0x8000);
        __m256i low = _mm256_srli_epi32(_mm256_add_epi32(_mm256_castps_si256(even), half), 16);
        __m256i high = _mm256_add_epi32(_mm256_castps_si256(odd), half);
        __m256i top = _mm256_and_si256(high, _mm256_set1_epi32(static_cast<int>(0xffff0000u)));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_or_si256(low, top));
    }
#endif
};

// One row of d elements as `words` words, zeros after the end.
DG_INLINE void pack_row(Word32* out, const BF16* row, int64_t d, int64_t words) {
    __builtin_memcpy(out, row, static_cast<size_t>(d) * 2);
    if (d % 2 != 0) out[d / 2] = row[d - 1].bits;
    for (int64_t w = (d + 1) / 2; w < words; ++w) out[w] = 0;
}

// out[j] = (even[j], odd[j]); odd may be absent.
DG_INLINE void interleave_rows(Word32* out, const BF16* even, const BF16* odd, int64_t d) {
    if (odd == nullptr) {
        for (int64_t j = 0; j < d; ++j) out[j] = even[j].bits;
    } else {
        for (int64_t j = 0; j < d; ++j) out[j] = even[j].bits | (Word32{odd[j].bits} << 16);
    }
}

// q [words][columns]: word w of query i; absent queries and elements are zero.
DG_INLINE void pack_query_pairs(Word32* q, int64_t columns, const BF16* source, int64_t ldq, int64_t queries, int64_t d,
                                int64_t words, bool negate) {
    float* out = reinterpret_cast<float*>(q);  // the bits pass through unchanged
    transpose_words(out, columns, queries, words, [&](int64_t row, int64_t word, int64_t) {
        const BF16* p = source + row * ldq + 2 * word;
        BF16 padded[2 * W] = {};
        int64_t present = d - 2 * word;
        if (present < 2 * W && present > 0) __builtin_memcpy(padded, p, static_cast<size_t>(present) * 2);
        return load(reinterpret_cast<const float*>(present < 2 * W ? padded : p));
    });
    for (int64_t i = 0; negate && i < words * columns; ++i) q[i] ^= 0x80008000u;
}

}  // namespace
}  // namespace dg
#endif
