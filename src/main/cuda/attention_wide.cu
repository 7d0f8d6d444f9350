// attention_wide.cu
// WHAT      attention.cu's function for head sizes above 160: the single head of 512 in the VAE's middle block.
// SHAPES    as in attention.cu; D % 8 == 0, D <= 512.
// VARIANTS  id  name   when                     grid                  block  shared
//           1   wide   attention's variant 1    (LQ/32, heads, N)     256    86.6 KiB
//                      with D > 160
//           One block owns 32 queries and walks over the keys in tiles of 32. Its 8 warps divide the score product by
//           quarters of D and halves of the keys, so that each warp keeps its part of q in registers and the block
//           needs no q tile; the four partial sums meet in shared memory. They divide the value product by 64 columns
//           each. k and v have one tile each: the next one is on its way while the other product runs.
// NUMERICS  a score is the sum of four partial sums in a fixed order; else as attention.cu.
// LIMITS    fits the 99 KiB of sm_86, sm_89 and sm_120; one block per multiprocessor.
// BUDGET    wide_kernel 255
// SOURCE    Dao 2023, arXiv:2307.08691, algorithm 1.
// TEST      tests/native/ops_test.cpp, AttentionTest          BENCH  bench attention
#include "attention.cuh"

namespace dg {
namespace {

constexpr int THREADS = 256, WARPS = THREADS / WARP;
constexpr int D = 512, BQ = 32, BKV = 32;
constexpr int CHUNKS = D / 8;
constexpr int QUARTERS = 4, QUARTER_STEPS = D / 16 / QUARTERS;  // score product: quarter of D, in steps of 16
constexpr int HALF_KEYS = BKV / 2;                              // and half of the keys
constexpr int WARP_COLS = D / WARPS;                            // value product
constexpr int ROW_THREADS = THREADS / BQ,
              KEYS_PER_THREAD = BKV / ROW_THREADS;  // softmax: 8 threads per query, 4 keys each
constexpr int SCORE_PITCH = 40;                     // floats: rows 8 banks apart
using Tile = ChunkTile<CHUNKS>;
using WeightTile = ChunkTile<BKV / 8>;

template <class T>
struct Shared {
    T k[Tile::elements(BKV)];                 // (BKV, D); q passes through it first
    T v[Tile::elements(BKV)];                 // (BKV, D)
    float scores[QUARTERS][BQ][SCORE_PITCH];  // (4, BQ, BKV)
    T weights[WeightTile::elements(BQ)];      // (BQ, BKV)
    float factor[BQ];
};

// The online softmax of one query, held by 8 neighbouring threads; each keeps its own part of the sum l.
struct SoftmaxRow {
    float m = -INFINITY, l = 0.f;
    int row, part;

    __device__ SoftmaxRow() : row(threadIdx.x / ROW_THREADS), part(threadIdx.x % ROW_THREADS) {}

    template <class T>
    __device__ __forceinline__ void step(Shared<T>& shared, const AttentionArgs<T>& a, int query, int first_key) {
        float s[KEYS_PER_THREAD] = {};
#pragma unroll
        for (int quarter = 0; quarter < QUARTERS; quarter++) {
            float4 partial = *reinterpret_cast<const float4*>(&shared.scores[quarter][row][part * KEYS_PER_THREAD]);
            s[0] += partial.x;
            s[1] += partial.y;
            s[2] += partial.z;
            s[3] += partial.w;
        }
        float highest = m;
#pragma unroll
        for (int j = 0; j < KEYS_PER_THREAD; j++) {
            int key = first_key + part * KEYS_PER_THREAD + j;
            if (key >= a.lk || (a.causal && key > query)) s[j] = -INFINITY;
            highest = fmaxf(highest, s[j]);
        }
#pragma unroll
        for (int lanes = 1; lanes < ROW_THREADS; lanes *= 2)
            highest = fmaxf(highest, __shfl_xor_sync(ALL_LANES, highest, lanes));
        float factor = ptx::exp2((m - highest) * a.scale_log2), shift = highest * a.scale_log2;
        m = highest;
        l *= factor;
#pragma unroll
        for (int j = 0; j < KEYS_PER_THREAD; j++) {
            s[j] = ptx::exp2(fmaf(s[j], a.scale_log2, -shift));
            l += s[j];
        }
        uint2* to =
            reinterpret_cast<uint2*>(shared.weights + WeightTile::at(row, part / 2) + part % 2 * KEYS_PER_THREAD);
        *to = make_uint2(ptx::pack<T>(s[0], s[1]), ptx::pack<T>(s[2], s[3]));
        if (part == 0) shared.factor[row] = factor;
    }

    __device__ __forceinline__ float total() const {
        float sum = l;
#pragma unroll
        for (int lanes = 1; lanes < ROW_THREADS; lanes *= 2) sum += __shfl_xor_sync(ALL_LANES, sum, lanes);
        return sum;
    }
};

// This warp's quarter of D and half of the keys: partial scores (32, 16) to shared memory.
template <class T>
__device__ __forceinline__ void score_product(Shared<T>& shared, const uint32_t (&q)[QUARTER_STEPS][2][4], int quarter,
                                              int half) {
    int lane = threadIdx.x % WARP;
    float s[2][2][4] = {};
#pragma unroll
    for (int step = 0; step < QUARTER_STEPS; step++) {
        uint32_t k[2][2];
        const void* rows[1] = {shared.k + Tile::at(half * HALF_KEYS + lane % 8 + lane / 16 * 8,
                                                   (quarter * QUARTER_STEPS + step) * 2 + lane / 8 % 2)};
        ptx::load_b(k, rows);
        ptx::mma_tile<T>(s, q[step], k);
    }
#pragma unroll
    for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int j = 0; j < 2; j++) {
#pragma unroll
            for (int r = 0; r < 2; r++) {
                float* to = &shared.scores[quarter][i * 16 + r * 8 + lane / 4][half * HALF_KEYS + j * 8 + lane % 4 * 2];
                *reinterpret_cast<float2*>(to) = make_float2(s[i][j][2 * r], s[i][j][2 * r + 1]);
            }
        }
    }
}

// This warp's 64 columns: acc (32, 64) = acc * factor + weights v.
template <class T>
__device__ __forceinline__ void value_product(float (&acc)[2][WARP_COLS / 8][4], const Shared<T>& shared, int warp) {
    int lane = threadIdx.x % WARP;
#pragma unroll
    for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int r = 0; r < 2; r++) {
            float factor = shared.factor[i * 16 + r * 8 + lane / 4];
#pragma unroll
            for (int j = 0; j < WARP_COLS / 8; j++) {
                acc[i][j][2 * r] *= factor;
                acc[i][j][2 * r + 1] *= factor;
            }
        }
    }
#pragma unroll
    for (int step = 0; step < BKV / 16; step++) {
        uint32_t weights[2][4], v[WARP_COLS / 8][2];
        const void *weight_rows[2], *v_rows[WARP_COLS / 16];
#pragma unroll
        for (int i = 0; i < 2; i++)
            weight_rows[i] = shared.weights + WeightTile::at(i * 16 + lane % 16, step * 2 + lane / 16);
#pragma unroll
        for (int j = 0; j < WARP_COLS / 16; j++) {
            v_rows[j] = shared.v + Tile::at(step * 16 + lane % 16, warp * WARP_COLS / 8 + j * 2 + lane / 16);
        }
        ptx::load_a(weights, weight_rows);
        ptx::load_b<true>(v, v_rows);
        ptx::mma_tile<T>(acc, weights, v);
    }
}

template <class T>
__global__ void __launch_bounds__(THREADS) wide_kernel(AttentionArgs<T> a) {
    DYNAMIC_SHARED(Shared<T>, pool);
    Shared<T>& shared = *pool;
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP, quarter = warp / 2, half = warp % 2;
    int block_query = static_cast<int>(blockIdx.x) * BQ;
    a.select(blockIdx.y, blockIdx.z);
    int keys = a.causal ? min(a.lk, block_query + BQ) : a.lk, tiles = ceil_div(keys, BKV);

    load_rows<BQ, CHUNKS, THREADS>(shared.k, a.q, block_query, a.lq, a.ldq, a.d);
    ptx::cp_async_commit();
    ptx::cp_async_wait<0>();
    __syncthreads();
    uint32_t q[QUARTER_STEPS][2][4];
#pragma unroll
    for (int step = 0; step < QUARTER_STEPS; step++) {
        const void* rows[2];
#pragma unroll
        for (int i = 0; i < 2; i++) {
            rows[i] = shared.k + Tile::at(i * 16 + lane % 16, (quarter * QUARTER_STEPS + step) * 2 + lane / 16);
        }
        ptx::load_a(q[step], rows);
    }
    __syncthreads();  // q is in registers: its place is k's now
    load_rows<BKV, CHUNKS, THREADS>(shared.k, a.k, 0, a.lk, a.ldk, a.d);
    ptx::cp_async_commit();

    SoftmaxRow softmax;
    float acc[2][WARP_COLS / 8][4] = {};
    for (int t = 0; t < tiles; t++) {
        ptx::cp_async_wait<0>();
        __syncthreads();  // k is there; v of the tile before is done with
        load_rows<BKV, CHUNKS, THREADS>(shared.v, a.v, t * BKV, a.lk, a.ldv, a.d);
        ptx::cp_async_commit();
        score_product(shared, q, quarter, half);
        __syncthreads();  // scores are there; k is done with
        if (t + 1 < tiles) load_rows<BKV, CHUNKS, THREADS>(shared.k, a.k, (t + 1) * BKV, a.lk, a.ldk, a.d);
        ptx::cp_async_commit();
        softmax.step(shared, a, block_query + softmax.row, t * BKV);
        ptx::cp_async_wait<1>();
        __syncthreads();  // weights and v are there
        value_product(acc, shared, warp);
    }
    ptx::cp_async_wait<0>();
    float total = softmax.total();
    __syncthreads();  // the last value product has read the factors
    if (softmax.part == 0) shared.factor[softmax.row] = total;
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int r = 0; r < 2; r++) {
            int row = i * 16 + r * 8 + lane / 4, query = block_query + row;
            float sum = shared.factor[row];
            auto packed = [&](int j) { return ptx::pack<T>(acc[i][j][2 * r] / sum, acc[i][j][2 * r + 1] / sum); };
#pragma unroll
            for (int j = 0; j < WARP_COLS / 8; j += 2) {
                store_tile_pair(a.y + query * a.ldy, warp * WARP_COLS + j * 8, a.d, packed(j), packed(j + 1),
                                query < a.lq);
            }
        }
    }
}

}  // namespace

void attention_wide(Stream& stream, int dtype, const AttentionParams& p) {
    for_half_type(dtype, "attention", [&](auto tag) {
        using T = typename decltype(tag)::type;
        static_assert(sizeof(Shared<T>) <= SHARED_LIMIT, "must fit every architecture");
        launch(stream, "attention", dim3(ceil_div(p.lq, BQ), p.heads, p.n), dim3(THREADS), sizeof(Shared<T>),
               wide_kernel<T>, attention_args<T>(p));
    });
}

}  // namespace dg
