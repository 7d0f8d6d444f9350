// mainloop.cuh - the pipelined product of a block tile, shared by conv2d.cu and linear.cu.
//
// acc (BM, BN) = A (BM, K) * W (BN, K)^T over a range of K tiles. A loader copies its part of one K tile per call of
// load(stage) and then moves on to the next tile. STAGES - 1 tiles are in flight while one is multiplied:
//     wait for the oldest | barrier | start the copy into the stage that was read last | ldmatrix + mma
// One barrier per tile is enough: it follows the wait (the tile is visible to all) and precedes the copy into a stage
// which every warp has left one round ago.
#ifndef DAGUERRE_MAINLOOP_CUH
#define DAGUERRE_MAINLOOP_CUH

#include "tile.cuh"

namespace dg {

// Rows n0.. of packed weights [O][K_PAD]; zeros beyond row O.
template <class T, class Shape>
struct WeightLoader {
    const T* source;   // this thread's chunk in its first row
    int64_t row_step;  // elements from one of its rows to the next
    int rows_left;     // rows from its first one to the end of the matrix

    __device__ WeightLoader(const T* w, int o, int k_pad, int n0, int first_tile) {
        int row = n0 + threadIdx.x / ROW_CHUNKS;
        rows_left = o - row;
        row_step = int64_t(Shape::LOAD_ROWS) * k_pad;
        source = w + int64_t(rows_left > 0 ? row : 0) * k_pad + first_tile * TILE_K + threadIdx.x % ROW_CHUNKS * CHUNK;
    }

    __device__ __forceinline__ void load(T* s_b) {
        T* target = s_b + swizzled(threadIdx.x / ROW_CHUNKS, threadIdx.x % ROW_CHUNKS);
#pragma unroll
        for (int i = 0; i < Shape::B_LOADS; i++) {
            bool valid = i * Shape::LOAD_ROWS < rows_left;
            ptx::cp_async<16>(target + i * Shape::LOAD_ROWS * TILE_K, source + (valid ? i * row_step : 0), valid);
        }
        source += TILE_K;
    }
};

// Eight elements of a row whose length is no multiple of 8: read one by one, stored as one chunk. Elements from `count`
// on are zero.
template <class T>
__device__ __forceinline__ void gather_chunk(T* target, const T* source, int count) {
    float values[CHUNK];
#pragma unroll
    for (int e = 0; e < CHUNK; e++) values[e] = e < count ? to_float(source[e]) : 0.f;
    store8(target, values);
}

// One K tile: every warp multiplies its WM x WN part.
template <class T, class Shape>
__device__ __forceinline__ void multiply_tile(float (&acc)[Shape::MI][Shape::NI][4], const T* s_a, const T* s_b) {
    constexpr int MI = Shape::MI, NI = Shape::NI;
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    int row_a = warp / Shape::WARPS_N * Shape::WM + lane % 16;
    int row_b = warp % Shape::WARPS_N * Shape::WN + lane % 8 + lane / 16 * 8;
    int offset_a = swizzled(row_a, lane / 16), offset_b = swizzled(row_b, lane / 8 % 2);
#pragma unroll
    for (int k = 0; k < TILE_K; k += 16) {  // 16 elements further in K is bit 4 of the offset, whatever the swizzle did
        const void* rows_a[MI];
        const void* rows_b[NI / 2];
#pragma unroll
        for (int i = 0; i < MI; i++) rows_a[i] = s_a + (offset_a ^ k) + i * 16 * TILE_K;
#pragma unroll
        for (int j = 0; j < NI / 2; j++) rows_b[j] = s_b + (offset_b ^ k) + j * 16 * TILE_K;
        uint32_t a[MI][4], b[NI][2];
        ptx::load_a(a, rows_a);
        ptx::load_b(b, rows_b);
        ptx::mma_tile<T>(acc, a, b);
    }
}

// After the call all copies have landed and every warp has left the loop: the shared memory is free.
template <class T, class Shape, class Loader>
__device__ __forceinline__ void multiply(float (&acc)[Shape::MI][Shape::NI][4], T* s_tiles, Loader& a,
                                         WeightLoader<T, Shape>& b, int tiles) {
    constexpr int STAGES = Shape::STAGES, SIZE_A = Shape::BM * TILE_K, SIZE_B = Shape::BN * TILE_K;
    T* s_a = s_tiles;                    // [STAGES][BM][TILE_K]
    T* s_b = s_tiles + STAGES * SIZE_A;  // [STAGES][BN][TILE_K]
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
        if (s < tiles) {
            a.load(s_a + s * SIZE_A);
            b.load(s_b + s * SIZE_B);
        }
        ptx::cp_async_commit();
    }
    int reading = 0, writing = STAGES - 1;
    for (int t = 0; t < tiles; t++) {
        ptx::cp_async_wait<STAGES - 2>();
        __syncthreads();
        if (t + STAGES - 1 < tiles) {
            a.load(s_a + writing * SIZE_A);
            b.load(s_b + writing * SIZE_B);
        }
        ptx::cp_async_commit();  // empty at the end, so that the count of the wait stays right
        multiply_tile<T, Shape>(acc, s_a + reading * SIZE_A, s_b + reading * SIZE_B);
        reading = reading + 1 == STAGES ? 0 : reading + 1;
        writing = writing + 1 == STAGES ? 0 : writing + 1;
    }
    ptx::cp_async_wait<0>();
    __syncthreads();
}

}  // namespace dg
#endif
