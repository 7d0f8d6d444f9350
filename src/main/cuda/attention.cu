// attention.cu
// WHAT      y = softmax(scale * q k^T) v for each head, the scores never leaving the chip. Self, cross and causal
//           attention.
// SHAPES    q, y [N, LQ, heads, D], k, v [N, LK, heads, D] as views with row strides, so slices of a fused QKV work.
//           F16 or BF16; scores, softmax and sums in F32; the weights of v are rounded to the storage type.
// VARIANTS  id  name     when                                 grid                       block  shared
//           1   flash    D % 8 == 0, D <= 512, 16-byte        (LQ/BQ, heads, N)          128    see below
//                        aligned rows
//                        D <= 32   BQ 128, 64 keys, 3 stages                                    30 KiB
//                        D <= 40   BQ 128, 64 keys, 2 stages                                    26 KiB
//                        D <= 64   BQ 128, 64 keys, 2 stages                                    32 KiB
//                        D <= 80   BQ 128, 32 keys, 2 stages                                    44 KiB
//                        D <= 160  BQ  64, 32 keys, 2 stages                                    42 KiB
//                        D <= 512  attention_wide.cu
//           2   simple   D <= 512                             (LQ/4, heads, N)           128    512 B
//           Head sizes are not padded to the next template's: 40 costs 48 columns in the score product (steps of 16)
//           and 40 in the value product (steps of 8). Sizes between the templates run in the next larger one with
//           zeros.
// NUMERICS  flash: one warp owns 16 or 32 queries and walks over all keys with the running maximum m and sum l of each
//           query; a query's result does not depend on what else is in its tile, nor on N. Exponentials are 2^(scale/ln
//           2 * (s - m)).
// LIMITS    scale > 0; heads, N <= 65535; LQ == LK for causal.
// BUDGET    flash_kernel 255
// BUDGET    simple_attention_kernel 128
// SOURCE    Dao 2023, arXiv:2307.08691, algorithm 1; Milakov & Gimelshein 2018, arXiv:1805.02867 (online softmax).
// TEST      tests/native/ops_test.cpp, AttentionTest          BENCH  bench attention
#include "attention.cuh"

namespace dg {
namespace {

constexpr int THREADS = 128, WARPS = THREADS / WARP;

// ---- flash ----------------------------------------------------------------------------------------------------------

// Tiles for head sizes up to D: MI times 16 queries per warp, BKV keys per stage.
template <int D_, int MI_, int BKV_, int STAGES_>
struct Plan {
    static constexpr int D = D_, MI = MI_, BKV = BKV_, STAGES = STAGES_;
    static constexpr int BQ = WARPS * 16 * MI;
    static constexpr int K_STEPS = ceil_div(D, 16), QK_CHUNKS = 2 * K_STEPS;  // score product: steps of 16
    static constexpr int V_TILES = D / 8;                                     // value product: columns by 8
    using QTile = ChunkTile<QK_CHUNKS>;
    using KTile = ChunkTile<QK_CHUNKS>;
    using VTile = ChunkTile<V_TILES>;
    static constexpr int K_ELEMENTS = KTile::elements(BKV), STAGE_ELEMENTS = K_ELEMENTS + VTile::elements(BKV);
    static constexpr int Q_ELEMENTS = QTile::elements(BQ);
    // q shares the place of the last stage, which is filled only after q went to registers.
    static constexpr int ELEMENTS =
        (STAGES - 1) * STAGE_ELEMENTS + (Q_ELEMENTS > STAGE_ELEMENTS ? Q_ELEMENTS : STAGE_ELEMENTS);
};

template <class P, class T>
__device__ __forceinline__ void load_stage(T* s_stages, const AttentionArgs<T>& a, int t) {
    T* stage = s_stages + t % P::STAGES * P::STAGE_ELEMENTS;
    load_rows<P::BKV, P::QK_CHUNKS, THREADS>(stage, a.k, t * P::BKV, a.lk, a.ldk, a.d);
    load_rows<P::BKV, P::V_TILES, THREADS>(stage + P::K_ELEMENTS, a.v, t * P::BKV, a.lk, a.ldv, a.d);
}

// s (16 MI, BKV) = q k^T of one warp; q in registers, k in shared memory.
template <class P, class T>
__device__ __forceinline__ void score_product(float (&s)[P::MI][P::BKV / 8][4],
                                              const uint32_t (&q)[P::K_STEPS][P::MI][4], const T* s_k) {
    int lane = threadIdx.x % WARP;
#pragma unroll
    for (int step = 0; step < P::K_STEPS; step++) {
        const void* rows[P::BKV / 16];
#pragma unroll
        for (int j = 0; j < P::BKV / 16; j++) {
            rows[j] = s_k + P::KTile::at(j * 16 + lane % 8 + lane / 16 * 8, step * 2 + lane / 8 % 2);
        }
        uint32_t k[P::BKV / 8][2];
        ptx::load_b(k, rows);
        ptx::mma_tile<T>(s, q[step], k);
    }
}

// Minus infinity where the key is past the end, or, if causal, after the query.
template <class P, class T>
__device__ __forceinline__ void mask(float (&s)[P::MI][P::BKV / 8][4], const AttentionArgs<T>& a, int first_query,
                                     int first_key) {
    int lane = threadIdx.x % WARP;
#pragma unroll
    for (int i = 0; i < P::MI; i++) {
#pragma unroll
        for (int j = 0; j < P::BKV / 8; j++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                int key = first_key + j * 8 + lane % 4 * 2 + e % 2, query = first_query + i * 16 + lane / 4 + e / 2 * 8;
                if (key >= a.lk || (a.causal && key > query)) s[i][j][e] = -INFINITY;
            }
        }
    }
}

// One step of the online softmax: s becomes 2^(scale (s - m)); m, l and the output so far follow the new maximum. A
// query's values lie in the four lanes of a quad; l is the lane's own part of the sum.
template <class P>
__device__ __forceinline__ void softmax_step(float (&s)[P::MI][P::BKV / 8][4], float (&m)[P::MI][2],
                                             float (&l)[P::MI][2], float (&acc)[P::MI][P::V_TILES][4],
                                             float scale_log2) {
#pragma unroll
    for (int i = 0; i < P::MI; i++) {
#pragma unroll
        for (int r = 0; r < 2; r++) {
            float highest = m[i][r];
#pragma unroll
            for (int j = 0; j < P::BKV / 8; j++) highest = fmaxf(highest, fmaxf(s[i][j][2 * r], s[i][j][2 * r + 1]));
            highest = fmaxf(highest, __shfl_xor_sync(ALL_LANES, highest, 1));
            highest = fmaxf(highest, __shfl_xor_sync(ALL_LANES, highest, 2));
            float factor = ptx::exp2((m[i][r] - highest) * scale_log2), shift = highest * scale_log2, sum = 0.f;
            m[i][r] = highest;
#pragma unroll
            for (int j = 0; j < P::BKV / 8; j++) {
#pragma unroll
                for (int e = 2 * r; e < 2 * r + 2; e++) {
                    s[i][j][e] = ptx::exp2(fmaf(s[i][j][e], scale_log2, -shift));
                    sum += s[i][j][e];
                }
            }
            l[i][r] = l[i][r] * factor + sum;
#pragma unroll
            for (int j = 0; j < P::V_TILES; j++) {
                acc[i][j][2 * r] *= factor;
                acc[i][j][2 * r + 1] *= factor;
            }
        }
    }
}

// acc (16 MI, D) += s v. The accumulators of the score product already lie as the A fragments of this one.
template <class P, class T>
__device__ __forceinline__ void value_product(float (&acc)[P::MI][P::V_TILES][4],
                                              const float (&s)[P::MI][P::BKV / 8][4], const T* s_v) {
    constexpr int PAIRS = P::V_TILES / 2;
    int lane = threadIdx.x % WARP;
#pragma unroll
    for (int step = 0; step < P::BKV / 16; step++) {
        uint32_t weights[P::MI][4], v[P::V_TILES][2];
#pragma unroll
        for (int i = 0; i < P::MI; i++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                const float* pair = &s[i][2 * step + e / 2][e % 2 * 2];
                weights[i][e] = ptx::pack<T>(pair[0], pair[1]);
            }
        }
        const void* rows[PAIRS];
#pragma unroll
        for (int j = 0; j < PAIRS; j++) rows[j] = s_v + P::VTile::at(step * 16 + lane % 16, j * 2 + lane / 16);
        ptx::load_b<true>(reinterpret_cast<uint32_t (&)[2 * PAIRS][2]>(v), rows);
        if constexpr (P::V_TILES % 2 == 1) {
            ptx::ldmatrix<true>(v[P::V_TILES - 1], s_v + P::VTile::at(step * 16 + lane % 16, P::V_TILES - 1));
        }
        ptx::mma_tile<T>(acc, weights, v);
    }
}

template <class P, class T>
__device__ __forceinline__ void store_rows(const float (&acc)[P::MI][P::V_TILES][4], const float (&l)[P::MI][2],
                                           const AttentionArgs<T>& a, int first_query) {
    int lane = threadIdx.x % WARP;
#pragma unroll
    for (int i = 0; i < P::MI; i++) {
#pragma unroll
        for (int r = 0; r < 2; r++) {
            float sum = l[i][r] + __shfl_xor_sync(ALL_LANES, l[i][r], 1);
            sum += __shfl_xor_sync(ALL_LANES, sum, 2);
            int query = first_query + i * 16 + lane / 4 + r * 8;
            bool valid = query < a.lq;
            T* row = a.y + query * a.ldy;
            auto packed = [&](int j) { return ptx::pack<T>(acc[i][j][2 * r] / sum, acc[i][j][2 * r + 1] / sum); };
#pragma unroll
            for (int j = 0; j + 1 < P::V_TILES; j += 2) {
                store_tile_pair(row, j * 8, a.d, packed(j), packed(j + 1), valid);
            }
            if constexpr (P::V_TILES % 2 == 1) {
                int col = (P::V_TILES - 1) * 8 + lane % 4 * 2;
                if (valid && col < a.d) *reinterpret_cast<uint32_t*>(row + col) = packed(P::V_TILES - 1);
            }
        }
    }
}

template <class P, class T>
__global__ void __launch_bounds__(THREADS) flash_kernel(AttentionArgs<T> a) {
    DYNAMIC_SHARED(T, s_stages);                              // (STAGES, K_ELEMENTS + V elements)
    T* s_q = s_stages + (P::STAGES - 1) * P::STAGE_ELEMENTS;  // (BQ, QK_CHUNKS * 8)
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    int block_query = static_cast<int>(blockIdx.x) * P::BQ, warp_query = block_query + warp * 16 * P::MI;
    a.select(blockIdx.y, blockIdx.z);
    int keys = a.causal ? min(a.lk, block_query + P::BQ) : a.lk, tiles = ceil_div(keys, P::BKV);

    load_rows<P::BQ, P::QK_CHUNKS, THREADS>(s_q, a.q, block_query, a.lq, a.ldq, a.d);
    ptx::cp_async_commit();
#pragma unroll
    for (int t = 0; t < P::STAGES - 1; t++) {
        if (t < tiles) load_stage<P>(s_stages, a, t);
        ptx::cp_async_commit();
    }
    ptx::cp_async_wait<P::STAGES - 1>();
    __syncthreads();
    uint32_t q[P::K_STEPS][P::MI][4];
#pragma unroll
    for (int step = 0; step < P::K_STEPS; step++) {
        const void* rows[P::MI];
#pragma unroll
        for (int i = 0; i < P::MI; i++) {
            rows[i] = s_q + P::QTile::at((warp * P::MI + i) * 16 + lane % 16, step * 2 + lane / 16);
        }
        ptx::load_a(q[step], rows);
    }

    float acc[P::MI][P::V_TILES][4] = {}, m[P::MI][2], l[P::MI][2] = {};
#pragma unroll
    for (int i = 0; i < P::MI; i++) m[i][0] = m[i][1] = -INFINITY;
    for (int t = 0; t < tiles; t++) {
        ptx::cp_async_wait<P::STAGES - 2>();
        __syncthreads();  // tile t is there for all, and all are done with the stage that is filled next
        if (t + P::STAGES - 1 < tiles) load_stage<P>(s_stages, a, t + P::STAGES - 1);
        ptx::cp_async_commit();
        const T* s_k = s_stages + t % P::STAGES * P::STAGE_ELEMENTS;
        float s[P::MI][P::BKV / 8][4] = {};
        score_product<P>(s, q, s_k);
        int last_key = (t + 1) * P::BKV - 1;
        if (last_key >= a.lk || (a.causal && last_key > warp_query)) mask<P>(s, a, warp_query, t * P::BKV);
        softmax_step<P>(s, m, l, acc, a.scale_log2);
        value_product<P>(acc, s, s_k + P::K_ELEMENTS);
    }
    ptx::cp_async_wait<0>();
    store_rows<P>(acc, l, a, warp_query);
}

template <class P, class T>
void launch_flash(Stream& stream, const AttentionParams& p) {
    dim3 grid(ceil_div(p.lq, P::BQ), p.heads, p.n);
    launch(stream, "attention", grid, dim3(THREADS), P::ELEMENTS * sizeof(T), flash_kernel<P, T>, attention_args<T>(p));
}

void flash(Stream& stream, int dtype, const AttentionParams& p) {
    if (p.d > 160) return attention_wide(stream, dtype, p);
    for_half_type(dtype, "attention", [&](auto tag) {
        using T = typename decltype(tag)::type;
        if (p.d <= 32) {
            launch_flash<Plan<32, 2, 64, 3>, T>(stream, p);
        } else if (p.d <= 40) {
            launch_flash<Plan<40, 2, 64, 2>, T>(stream, p);
        } else if (p.d <= 64) {
            launch_flash<Plan<64, 2, 64, 2>, T>(stream, p);
        } else if (p.d <= 80) {
            launch_flash<Plan<80, 2, 32, 2>, T>(stream, p);
        } else {
            launch_flash<Plan<160, 1, 32, 2>, T>(stream, p);
        }
    });
}

// ---- simple ---------------------------------------------------------------------------------------------------------

constexpr int SIMPLE_D = 512;

// One warp per query, 32 keys at a time: lane j scores key j, then each lane sums its columns over the 32 keys.
template <class T>
__global__ void __launch_bounds__(THREADS) simple_attention_kernel(AttentionArgs<T> a) {
    SHARED_ARRAY(float, s_weights, THREADS);  // (WARPS, 32)
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP, query = static_cast<int>(blockIdx.x) * WARPS + warp;
    if (query >= a.lq) return;  // whole warps
    a.select(blockIdx.y, blockIdx.z);
    const T* q = a.q + query * a.ldq;
    float* s_own = s_weights + warp * WARP;
    float acc[SIMPLE_D / WARP] = {}, m = -INFINITY, l = 0.f;
    int keys = a.causal ? query + 1 : a.lk;
    for (int first = 0; first < keys; first += WARP) {
        int key = first + lane;
        float score = -INFINITY;
        if (key < keys) {
            const T* k = a.k + key * a.ldk;
            score = 0.f;
            for (int i = 0; i < a.d; i++) score = fmaf(to_float(q[i]), to_float(k[i]), score);
        }
        float highest = fmaxf(m, warp_max(score)), factor = ptx::exp2((m - highest) * a.scale_log2);
        float weight = key < keys ? ptx::exp2((score - highest) * a.scale_log2) : 0.f;
        m = highest;
        l = l * factor + weight;
        __syncwarp();
        s_own[lane] = weight;
        __syncwarp();
#pragma unroll
        for (int c = 0; c < SIMPLE_D / WARP; c++) acc[c] *= factor;
        for (int j = 0; j < WARP && first + j < keys; j++) {
            const T* v = a.v + (first + j) * a.ldv;
#pragma unroll
            for (int c = 0; c < SIMPLE_D / WARP; c++) {
                int col = c * WARP + lane;
                if (col < a.d) acc[c] = fmaf(s_own[j], to_float(v[col]), acc[c]);
            }
        }
    }
    float sum = warp_sum(l);
#pragma unroll
    for (int c = 0; c < SIMPLE_D / WARP; c++) {
        int col = c * WARP + lane;
        if (col < a.d) a.y[query * a.ldy + col] = from_float<T>(acc[c] / sum);
    }
}

void simple(Stream& stream, int dtype, const AttentionParams& p) {
    for_half_type(dtype, "attention", [&](auto tag) {
        using T = typename decltype(tag)::type;
        launch(stream, "attention", dim3(ceil_div(p.lq, WARPS), p.heads, p.n), dim3(THREADS), 0,
               simple_attention_kernel<T>, attention_args<T>(p));
    });
}

bool fits_flash(const AttentionParams& p) {
    bool strides = p.ldy % 8 == 0 && p.ldq % 8 == 0 && p.ldk % 8 == 0 && p.ldv % 8 == 0;
    return p.d % 8 == 0 && strides && aligned16(p.y, p.q, p.k, p.v);
}

int pick_variant(const AttentionParams& p) { return fits_flash(p) ? 1 : 2; }

}  // namespace

int attention_variants() { return 2; }

void attention(Stream& stream, int dtype, int variant, const AttentionParams& params) {
    expect(params.heads <= 65535 && params.n <= 65535, "attention: expected at most 65535 heads and sequences, found ",
           params.heads, " and ", params.n);
    if (params.d > SIMPLE_D)
        fail(DG_ERROR_UNSUPPORTED, "attention: expected a head size of at most 512, found ", params.d);
    if (variant == 0) variant = pick_variant(params);
    if (variant == 1) {
        if (!fits_flash(params)) {
            fail(DG_ERROR_UNSUPPORTED,
                 "attention: variant 1 expects a head size and row strides that 8 divides and addresses that 16 "
                 "divides, found head size ",
                 params.d);
        }
        flash(stream, dtype, params);
    } else {
        simple(stream, dtype, params);
    }
}

}  // namespace dg
