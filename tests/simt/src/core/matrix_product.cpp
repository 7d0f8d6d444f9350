#include "matrix_product.h"

#include <immintrin.h>

#include <cstring>

namespace simt {
namespace {

typedef float Row16 __attribute__((vector_size(64)));

__m256 load8(const uint32_t* bits, bool bf16) {
    __m128i halves = _mm_load_si128(reinterpret_cast<const __m128i*>(bits));
    return bf16 ? _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16)) : _mm256_cvtph_ps(halves);
}

// 8 rows of 8 floats, given as halves in row order, stored as columns with a pitch of 16 floats.
void store_transposed(float* to, const uint32_t* bits, bool bf16) {
    __m256 r[8], t[8];
    for (int i = 0; i < 8; i++) {
        r[i] = load8(bits + 4 * i, bf16);
    }
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        _mm256_store_ps(to + 16 * i, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
        _mm256_store_ps(to + 16 * (i + 4), _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
    }
}

}  // namespace

void convert_a(MatrixScratch& s, bool bf16, int k) {
    for (int r = 0; r < k / 4; r++) {
        for (int row = 0; row < 8; row++) {
            _mm256_store_ps(&s.a[r % 2 * 8 + row][r / 2 * 8], load8(&s.a_bits[r][4 * row], bf16));
        }
    }
}

void convert_b(MatrixScratch& s, bool bf16, int ni, int k) {
    for (int j = 0; j < ni; j++) {
        for (int r = 0; r < k / 8; r++) {
            store_transposed(&s.b[j / 2][8 * r][j % 2 * 8], s.b_bits[j][r], bf16);
        }
    }
    if (ni % 2) {
        for (int row = 0; row < k; row++) {
            memset(&s.b[ni / 2][row][8], 0, 8 * sizeof(float));
        }
    }
}

// Compiled twice; the loader picks by CPU. With AVX-512 a Row16 is one register.
__attribute__((target_clones("default", "arch=x86-64-v4"))) void multiply(MatrixScratch& s, int ni, int k) {
    constexpr int ROWS = 4;
    for (int pair = 0; pair < (ni + 1) / 2; pair++) {
        for (int row = 0; row < 16; row += ROWS) {
            Row16 sum[ROWS] = {};
            for (int i = 0; i < k; i++) {
                Row16 b = *reinterpret_cast<const Row16*>(s.b[pair][i]);
                for (int r = 0; r < ROWS; r++) {
                    sum[r] += s.a[row + r][i] * b;
                }
            }
            for (int r = 0; r < ROWS; r++) {
                const auto* halves = reinterpret_cast<const char*>(&sum[r]);
                memcpy(s.products[2 * pair][row / 8][row % 8 + r], halves, 32);
                memcpy(s.products[2 * pair + 1][row / 8][row % 8 + r], halves + 32, 32);
            }
        }
    }
}

}  // namespace simt
