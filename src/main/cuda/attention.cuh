// attention.cuh - what the attention kernels share: parameters, tiles in shared memory, loading of rows.
#ifndef DAGUERRE_ATTENTION_CUH
#define DAGUERRE_ATTENTION_CUH

#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {

// Kernel arguments: addresses of the first element, row strides in elements, sizes of one sequence.
template <class T>
struct AttentionArgs {
    T* y;
    const T *q, *k, *v;
    int64_t ldy, ldq, ldk, ldv;
    int lq, lk, d;
    float scale_log2;  // scale / ln 2: the exponentials are powers of two
    bool causal;

    // Moves the addresses to one head of one sequence.
    __device__ __forceinline__ void select(int head, int sequence) {
        y += int64_t{sequence} * lq * ldy + int64_t{head} * d;
        q += int64_t{sequence} * lq * ldq + int64_t{head} * d;
        k += int64_t{sequence} * lk * ldk + int64_t{head} * d;
        v += int64_t{sequence} * lk * ldv + int64_t{head} * d;
    }
};

template <class T>
AttentionArgs<T> attention_args(const AttentionParams& p) {
    constexpr float LOG2_E = 1.44269504088896341f;
    return {static_cast<T*>(p.y),
            static_cast<const T*>(p.q),
            static_cast<const T*>(p.k),
            static_cast<const T*>(p.v),
            p.ldy,
            p.ldq,
            p.ldk,
            p.ldv,
            p.lq,
            p.lk,
            p.d,
            p.scale * LOG2_E,
            p.causal};
}

// Rows of CHUNKS 16-byte chunks in shared memory, so placed that ldmatrix, which reads one chunk of 8 consecutive rows
// at once, meets 8 different groups of banks: by an exclusive-or of the row where CHUNKS is a multiple of 8, else by an
// odd pitch.
template <int CHUNKS>
struct ChunkTile {
    static constexpr bool SWIZZLED = CHUNKS % 8 == 0;
    static constexpr int PITCH = SWIZZLED ? CHUNKS : CHUNKS | 1;

    static constexpr int elements(int rows) { return rows * PITCH * 8; }
    static __device__ __forceinline__ int at(int row, int chunk) {
        return (row * PITCH + (SWIZZLED ? chunk ^ (row & 7) : chunk)) * 8;
    }
};

// Starts the copy of rows first..first+ROWS-1 of `from` (row stride ld) to a tile. Rows from `rows` on and columns from
// d on become zero.
template <int ROWS, int CHUNKS, int THREADS, class T>
__device__ __forceinline__ void load_rows(T* tile, const T* from, int first, int rows, int64_t ld, int d) {
    for (int i = threadIdx.x; i < ROWS * CHUNKS; i += THREADS) {
        int row = i / CHUNKS, chunk = i % CHUNKS;
        bool valid = first + row < rows && chunk * 8 < d;
        ptx::cp_async<16>(tile + ChunkTile<CHUNKS>::at(row, chunk),
                          valid ? from + (first + row) * ld + chunk * 8 : from, valid);
    }
}

// Stores one row's values of two neighbouring n8 tiles, col being the first column of the first: lane pairs swap halves,
// so that a quad writes 32 bytes side by side. low and high: this lane's two columns of the first and second tile.
template <class T>
__device__ __forceinline__ void store_tile_pair(T* row, int col, int d, uint32_t low, uint32_t high, bool valid) {
    bool odd = threadIdx.x % 2 == 1;
    uint32_t other = __shfl_xor_sync(ALL_LANES, odd ? low : high, 1);
    int first = col + (odd ? 8 : 0) + static_cast<int>(threadIdx.x) % 4 / 2 * 4;
    if (valid && first < d) *reinterpret_cast<uint2*>(row + first) = odd ? make_uint2(other, high) : make_uint2(low, other);
}

// Launches attention_wide.cu's kernel: head sizes above 160.
void attention_wide(Stream& stream, int dtype, const AttentionParams& params);

}  // namespace dg
#endif
