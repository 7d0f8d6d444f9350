// The arithmetic of mma on a warp tile, apart from who holds which element.
#pragma once

#include <cstdint>

namespace simt {

constexpr int MAX_N_TILES = 64;

// One m16 row of tiles at a time. In lane order, register r of a fragment is an 8x8 matrix in row order: lane 4 g + t
// holds columns 2 t and 2 t + 1 of row g.
struct MatrixScratch {
    alignas(64) uint32_t a_bits[4][32];  // one m16 tile: a0..a3 of each lane
    alignas(64) uint32_t b_bits[MAX_N_TILES][2][32];
    alignas(64) float a[16][16];                       // (m, k)
    alignas(64) float b[MAX_N_TILES / 2][16][16];      // pair of n8 tiles, (k, n)
    alignas(64) float products[MAX_N_TILES][2][8][8];  // n8 tile, upper or lower 8 rows, (row, n)
};

void convert_a(MatrixScratch& s, bool bf16, int k);
void convert_b(MatrixScratch& s, bool bf16, int ni, int k);
// products = a * b for ni tiles.
void multiply(MatrixScratch& s, int ni, int k);

}  // namespace simt
