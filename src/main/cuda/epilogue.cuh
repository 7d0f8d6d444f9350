// epilogue.cuh - from sums to stored outputs, shared by conv2d.cu, linear.cu and the second phase of split-K.
//
// y = act(sum + bias + emb) + residual, or act(sum + bias + emb + residual); GEGLU: y = (v + bias) * gelu(g + bias),
// where v and g are neighbouring columns of the product. All in f32, rounded once.
// Fragments have two columns of a row per register pair; a warp turns 16 rows at a time through shared memory (no block
// barrier), so that a lane then holds eight neighbouring columns and reads bias, emb and residual and writes y 16 bytes
// at a time.
#ifndef DAGUERRE_EPILOGUE_CUH
#define DAGUERRE_EPILOGUE_CUH

#include "tile.cuh"

namespace dg {

template <class T>
struct Epilogue {
    T* y;               // [rows][columns]
    const float* bias;  // one per column of the product, padded to a multiple of 16
    const T* emb;       // or null: value of column c for image n at emb[n * emb_stride + c]
    const T* residual;  // or null: [rows][columns]
    float* partial;     // or null: the sums go to partial [split][rows][partial_columns] instead (store_partial)
    int64_t emb_stride;
    int rows, columns;  // of y
    int rows_per_image;
    int partial_columns;
    int activation;  // dg_activation
    bool geglu;
    bool vectors;  // rows of y, emb and residual are 16-byte aligned
};

// v[e] <- activate(v[e]). The values rotate through one copy of the code, which is eight times smaller than an unrolled
// loop.
__device__ __forceinline__ void activate8(float (&v)[8], int kind) {
    if (kind == DG_ACT_NONE) return;
#pragma unroll 1
    for (int e = 0; e < 8; e++) {
        float first = activate(v[0], kind);
#pragma unroll
        for (int i = 0; i < 7; i++) v[i] = v[i + 1];
        v[7] = first;
    }
}

template <class T>
__device__ __forceinline__ void add8(float (&v)[8], const T* p) {
    float other[8];
    load8(other, p);
#pragma unroll
    for (int e = 0; e < 8; e++) v[e] += other[e];
}

// Adds p[0..count-1], one element at a time.
template <class T>
__device__ __forceinline__ void add_some(float (&v)[8], const T* p, int count) {
#pragma unroll
    for (int e = 0; e < 8; e++) {
        if (e < count) v[e] += to_float(p[e]);
    }
}

// Finishes and stores columns column..column+7 of a row, as far as they exist. v holds the sums with bias.
template <class T>
__device__ __forceinline__ void finish8(const Epilogue<T>& p, float (&v)[8], int row, int column) {
    int64_t at = int64_t(row) * p.columns + column;
    int count = p.columns - column;
    bool residual_first = (p.activation & DG_ACT_AFTER_RESIDUAL) != 0;
    if (p.emb) {
        const T* emb = p.emb + row / p.rows_per_image * p.emb_stride + column;
        p.vectors ? add8(v, emb) : add_some(v, emb, count);
    }
    if (p.residual && residual_first) p.vectors ? add8(v, p.residual + at) : add_some(v, p.residual + at, count);
    activate8(v, p.activation & ~DG_ACT_AFTER_RESIDUAL);
    if (p.residual && !residual_first) p.vectors ? add8(v, p.residual + at) : add_some(v, p.residual + at, count);
    if (p.vectors) {
        store8(p.y + at, v);
    } else {
#pragma unroll
        for (int e = 0; e < 8; e++) {
            if (e < count) p.y[at + e] = from_float<T>(v[e]);
        }
    }
}

// Lanes read eight floats as two 16-byte halves; those for which this holds read the second half first.
__host__ __device__ constexpr bool second_half_first(int row, int column) { return ((row ^ (column >> 5)) & 1) != 0; }

// Proof that neither side of the staging waits for banks: half a warp writes 16 pairs of floats into 16 pairs of banks,
// a quarter of a warp reads eight halves from the eight 16-byte groups of banks.
template <class Shape>
__host__ __device__ constexpr bool conflict_free_staging() {
    int pairs = 0;
    for (int lane = 0; lane < 16; lane++) pairs |= 1 << (lane / 4 * Shape::PITCH + lane % 4 * 2) / 2 % 16;
    bool free = pairs == 0xffff;
    for (int quarter = 0; quarter < 4; quarter++) {
        int groups = 0;
        for (int q = quarter * 8; q < quarter * 8 + 8; q++) {
            int row = q / (Shape::WN / 8), column = q % (Shape::WN / 8) * 8;
            groups |= 1 << (row * Shape::PITCH + column + (second_half_first(row, column) ? 4 : 0)) / 4 % 8;
        }
        free = free && groups == 0xff;
    }
    return free;
}

__device__ __forceinline__ void read8(float (&v)[8], const float* s, bool swap) {
    float4 a = *reinterpret_cast<const float4*>(s + (swap ? 4 : 0));
    float4 b = *reinterpret_cast<const float4*>(s + (swap ? 0 : 4));
    v[0] = swap ? b.x : a.x;
    v[1] = swap ? b.y : a.y;
    v[2] = swap ? b.z : a.z;
    v[3] = swap ? b.w : a.w;
    v[4] = swap ? a.x : b.x;
    v[5] = swap ? a.y : b.y;
    v[6] = swap ? a.z : b.z;
    v[7] = swap ? a.w : b.w;
}

// The same for GEGLU, where a lane reads sixteen floats in two calls of read8; q counts the lanes' pieces.
template <int WN>
__host__ __device__ constexpr bool second_half_first_geglu(int q) {
    return (q >> (WN == 64 ? 1 : 2) & 1) != 0;
}

template <class Shape>
__host__ __device__ constexpr bool conflict_free_geglu() {
    bool free = true;
    for (int quarter = 0; quarter < 4; quarter++) {
        int groups = 0;
        for (int q = quarter * 8; q < quarter * 8 + 8; q++) {
            int row = q / (Shape::WN / 16), column = q % (Shape::WN / 16) * 16;
            groups |= 1 << (row * Shape::PITCH + column + (second_half_first_geglu<Shape::WN>(q) ? 4 : 0)) / 4 % 8;
        }
        free = free && groups == 0xff;
    }
    return free;
}

// Parts of a split sum: a row holds the first halves of its chunks of eight columns, then the second halves, so that
// lanes side by side write and read 16 bytes side by side.
__device__ __forceinline__ void store_partial(float* row, int columns, int column, const float (&v)[8]) {
    *reinterpret_cast<float4*>(row + column / 2) = make_float4(v[0], v[1], v[2], v[3]);
    *reinterpret_cast<float4*>(row + columns / 2 + column / 2) = make_float4(v[4], v[5], v[6], v[7]);
}

__device__ __forceinline__ void load_partial(float (&v)[8], const float* row, int columns, int column) {
    float4 a = *reinterpret_cast<const float4*>(row + column / 2);
    float4 b = *reinterpret_cast<const float4*>(row + columns / 2 + column / 2);
    v[0] = a.x;
    v[1] = a.y;
    v[2] = a.z;
    v[3] = a.w;
    v[4] = b.x;
    v[5] = b.y;
    v[6] = b.z;
    v[7] = b.w;
}

// The staged rows of one warp: row0 is the first one's row in y, n0 the column of the product of s[0].
template <class T, class Shape>
__device__ __forceinline__ void store_staged(const Epilogue<T>& p, const float* s, int row0, int n0, int split) {
    constexpr int PITCH = Shape::PITCH, WN = Shape::WN;
    int lane = threadIdx.x % WARP;
    if (p.geglu) {
#pragma unroll 1
        for (int q = lane; q < STAGED_ROWS * WN / 16; q += WARP) {
            int r = q / (WN / 16), c = q % (WN / 16) * 16, row = row0 + r, column = (n0 + c) / 2;
            if (row >= p.rows || column >= p.columns) continue;
            float v[8], pairs[8];
#pragma unroll
            for (int half = 0; half < 2; half++) {
                read8(pairs, s + r * PITCH + c + half * 8, second_half_first_geglu<WN>(q));
                add8(pairs, p.bias + n0 + c + half * 8);
#pragma unroll
                for (int e = 0; e < 4; e++) v[half * 4 + e] = pairs[2 * e] * gelu(pairs[2 * e + 1]);
            }
            finish8(p, v, row, column);
        }
        return;
    }
#pragma unroll 1
    for (int q = lane; q < STAGED_ROWS * WN / 8; q += WARP) {
        int r = q / (WN / 8), c = q % (WN / 8) * 8, row = row0 + r, column = n0 + c;
        if (row >= p.rows || column >= p.columns) continue;
        float v[8];
        read8(v, s + r * PITCH + c, second_half_first(r, c));
        if (p.partial) {
            store_partial(p.partial + (int64_t(split) * p.rows + row) * p.partial_columns, p.partial_columns, column,
                          v);
        } else {
            add8(v, p.bias + column);
            finish8(p, v, row, column);
        }
    }
}

// Stores a block's tile, whose first element is row m0, column n0 of the product. s_stage: Shape::STAGING_BYTES.
template <class T, class Shape>
__device__ __forceinline__ void store_tile(const Epilogue<T>& p, const float (&acc)[Shape::MI][Shape::NI][4],
                                           float* s_stage, int m0, int n0, int split) {
    constexpr int PITCH = Shape::PITCH;
    static_assert(conflict_free_staging<Shape>() && conflict_free_geglu<Shape>(), "the epilogue would wait for banks");
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    float* s_warp = s_stage + warp * STAGED_ROWS * PITCH;  // [16][PITCH]
    float* s_lane = s_warp + lane / 4 * PITCH + lane % 4 * 2;
    int row0 = m0 + warp / Shape::WARPS_N * Shape::WM, column0 = n0 + warp % Shape::WARPS_N * Shape::WN;
    // Registers need constant indices, so the copy out of them is unrolled; the code after it exists once.
#pragma unroll 1
    for (int part = 0; part < Shape::MI; part++) {
#pragma unroll
        for (int i = 0; i < Shape::MI; i++) {
            if (i != part) continue;
#pragma unroll
            for (int j = 0; j < Shape::NI; j++) {
                *reinterpret_cast<float2*>(s_lane + j * 8) = make_float2(acc[i][j][0], acc[i][j][1]);
                *reinterpret_cast<float2*>(s_lane + 8 * PITCH + j * 8) = make_float2(acc[i][j][2], acc[i][j][3]);
            }
        }
        __syncwarp();
        store_staged<T, Shape>(p, s_warp, row0 + part * STAGED_ROWS, column0, split);
        __syncwarp();
    }
}

}  // namespace dg
#endif
