// tile.cuh - the block tiles of the tensor-core products (conv2d.cu, linear.cu) and the order of their shared memory.
//
// A block of 32 * WARPS_M * WARPS_N threads computes BM rows x BN columns; a warp WM x WN of them. K advances by TILE_K
// per pipeline stage, the same for every tile: all tiles add the products of an element in the same order, so the
// choice of a tile never changes a bit of the result.
//
//   tile      warps  warp tile  stages  shared   accumulators/thread
//   256x128   4 x 2  64x64      4       96 KiB   128
//   128x128   2 x 2  64x64      3       48 KiB   128
//   128x64    2 x 2  64x32      4       48 KiB   64
//   128x32    4 x 1  32x32      4       40 KiB   32
//   64x64     2 x 2  32x32      4       32 KiB   32
//   64x32     2 x 2  32x16      4       24 KiB   16
//
// Why these: per 16 of K a 64x64 warp tile reads 4 KiB of shared memory for 65536 products, 64x32 3 KiB for 32768;
// shared memory delivers 128 bytes per clock, so on an SM with 1024 (A100) or more products per clock only the first
// keeps the tensor cores busy. A 128x128 block tile loads 16 KiB per 2^19 products, 256x128 24 KiB per 2^20: the larger
// one needs a quarter less from L2. Three stages for 128x128 so that two blocks fit in the 100 KiB of sm_86, 89, 120.
#ifndef DAGUERRE_TILE_CUH
#define DAGUERRE_TILE_CUH

#include <cstddef>

#include "common.cuh"

namespace dg {

constexpr int TILE_K = 32;  // elements of K per stage: rows of 64 bytes
constexpr int CHUNK = 8;    // elements per 16-byte copy
constexpr int ROW_CHUNKS = TILE_K / CHUNK;
constexpr int STAGED_ROWS = 16;  // rows of a warp tile that the epilogue stages at a time

template <int BM_, int BN_, int WARPS_M_, int WARPS_N_, int STAGES_, int BLOCKS_>
struct Tile {
    static constexpr int BM = BM_, BN = BN_, WARPS_M = WARPS_M_, WARPS_N = WARPS_N_, STAGES = STAGES_;
    static constexpr int BLOCKS = BLOCKS_;  // blocks per SM that the registers must allow
    static constexpr int WARPS = WARPS_M * WARPS_N, THREADS = WARP * WARPS;
    static constexpr int WM = BM / WARPS_M, WN = BN / WARPS_N, MI = WM / 16, NI = WN / 8;
    static constexpr int LOAD_ROWS = THREADS / ROW_CHUNKS;  // rows that all threads together copy at once
    static constexpr int A_LOADS = BM / LOAD_ROWS, B_LOADS = BN / LOAD_ROWS;
    static constexpr int PITCH = WN + 8;  // floats per staged row: four rows apart fall in different banks
    static constexpr size_t PIPELINE_BYTES = size_t(STAGES) * (BM + BN) * TILE_K * 2;
    static constexpr size_t STAGING_BYTES = size_t(WARPS) * STAGED_ROWS * PITCH * 4;
    static constexpr size_t SHARED_BYTES = PIPELINE_BYTES > STAGING_BYTES ? PIPELINE_BYTES : STAGING_BYTES;
    static_assert(STAGES >= 3 && BM % LOAD_ROWS == 0 && BN % LOAD_ROWS == 0 && NI % 2 == 0, "shape of a tile");
    static_assert(SHARED_BYTES <= 99 * 1024, "more shared memory than sm_86, 89 and 120 have");
};

using Tile256x128 = Tile<256, 128, 4, 2, 4, 1>;
using Tile128x128 = Tile<128, 128, 2, 2, 3, 2>;
using Tile128x64 = Tile<128, 64, 2, 2, 4, 3>;
using Tile128x32 = Tile<128, 32, 4, 1, 4, 4>;
using Tile64x64 = Tile<64, 64, 2, 2, 4, 4>;
using Tile64x32 = Tile<64, 32, 2, 2, 4, 6>;

constexpr int TILE_COUNT = 6;   // tile ids are 1..TILE_COUNT, in the order above
constexpr int GATHER_TILE = 5;  // 64x64: the tile of the loaders for channel counts that are no multiple of 8

// Calls body(Shape()) for a tile id.
template <class Body>
void for_tile(int id, Body&& body) {
    switch (id) {
        case 1: return body(Tile256x128());
        case 2: return body(Tile128x128());
        case 3: return body(Tile128x64());
        case 4: return body(Tile128x32());
        case 5: return body(Tile64x64());
        default: return body(Tile64x32());
    }
}

// Element offset of a 16-byte chunk in a [rows][TILE_K] tile. XOR with bits 1..2 of the row spreads the same chunk of
// eight neighbouring rows over all 32 banks, so neither ldmatrix nor the copies conflict. Rows 16 apart have the same
// pattern.
__host__ __device__ constexpr int swizzled(int row, int chunk) {
    return row * TILE_K + ((chunk ^ (row >> 1 & 3)) * CHUNK);
}

// Proof: eight rows of one chunk column, as ldmatrix reads them, fall in the eight 16-byte groups of banks.
constexpr bool conflict_free_rows() {
    for (int chunk = 0; chunk < ROW_CHUNKS; chunk++) {
        int groups = 0;
        for (int row = 0; row < 8; row++) groups |= 1 << swizzled(row, chunk) / CHUNK % 8;
        if (groups != 0xff) return false;
    }
    return true;
}
static_assert(conflict_free_rows(), "ldmatrix would wait for banks");

// Whether 16-byte accesses may start at p; a null address counts as one.
inline bool on_16_bytes(const void* p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }

// The tile with the shortest predicted time for ROWS x COLUMNS outputs. blocks per SM (rounded up) times the area of
// the tile over the part of the peak it reaches; a lone block of four warps hides latency badly. Predictions, not
// measurements; SMs of an H100.
inline int pick_tile(int64_t rows, int64_t columns, int splits) {
    struct Candidate {
        int bm, bn;
        double efficiency, alone;
    };
    static constexpr Candidate candidates[TILE_COUNT] = {{256, 128, 0.95, 1.00}, {128, 128, 0.92, 0.65},
                                                         {128, 64, 0.75, 0.65},  {128, 32, 0.50, 0.65},
                                                         {64, 64, 0.60, 0.65},   {64, 32, 0.40, 0.65}};
    constexpr int64_t SMS = 132;
    int best = 0;
    double best_time = 0;
    for (int i = 0; i < TILE_COUNT; i++) {
        const Candidate& c = candidates[i];
        int64_t blocks = ceil_div<int64_t>(rows, c.bm) * ceil_div<int64_t>(columns, c.bn) * splits;
        int64_t per_sm = ceil_div<int64_t>(blocks, SMS);
        double time = double(per_sm) * c.bm * c.bn / (c.efficiency * (per_sm == 1 ? c.alone : 1.0));
        if (best == 0 || time < best_time) {
            best = i + 1;
            best_time = time;
        }
    }
    return best;
}

}  // namespace dg
#endif
