// linear.cu
// WHAT      y = act(x w^T + bias) + residual, or act after the residual; GEGLU: y = (x wv^T + bv) * gelu(x wg^T + bg)
//           with the exact (erf) gelu, value and gate computed side by side as neighbouring columns. The main loop of
//           conv2d.cu with a dense loader. Fused Q, K, V: one weight of 3 * C rows; attention reads the parts by their
//           row stride.
// SHAPES    x [ROWS, K]; y, residual [ROWS, O] (GEGLU: [ROWS, O / 2]); w [O, K] as packed by pack.cu. F16 or BF16, sums
//           in F32, bias F32. Tensors 16-byte aligned.
// VARIANTS  id  name     when                                 grid               block  shared
//           1   256x128  pick_tile (tile.cuh): the least      ROWS/256 * O/128   256    96 KiB
//           2   128x128    predicted time from the number     ROWS/128 * O/128   128    48 KiB
//           3   128x64     of blocks, the area of a tile      ROWS/128 * O/64    128    48 KiB
//           4   128x32     and 132 SMs                        ROWS/128 * O/32    128    40 KiB
//           5   64x64                                         ROWS/64 * O/64     128    32 KiB
//           6   64x32                                         ROWS/64 * O/32     128    24 KiB
//           K that is no multiple of 8 takes tile 5 with loads element by element whatever was asked. No split-K: the
//           number of rows is all that is known here, and bits may not depend on it.
//           Waves (predictions for 132 SMs, N = 2). SDXL 64x64 level, 8192 rows: QKV 640 -> 1920 480 blocks of 256x128,
//           3.6 per SM; GEGLU 640 -> 5120 1280 blocks, 9.7 per SM. 32x32 level, 2048 rows: 1280 -> 1280 320 blocks of
//           128x64, of which 396 run at once; 80 of 256x128 would leave 52 SMs idle. SD 1.5 8x8 level, 128 rows: 80
//           blocks of 64x32.
// NUMERICS  Products are added in the order of k, 16 at a time, whatever the tile: a row's bits depend neither on the
//           variant nor on the other rows. Everything after the sum is f32 and rounded once.
// LIMITS    ROWS < 2^31 - 256; GEGLU: O even, no activation. Checked by the launcher.
// BUDGET    linear_kernel 240
// SOURCE    Shazeer 2020, arXiv:2002.05202 (GEGLU); Hendrycks & Gimpel 2016, arXiv:1606.08415 (GELU).
// TEST      tests/native/gemm_test.cpp, LinearTest          BENCH  bench linear
#include "epilogue.cuh"
#include "gemm_launchers.h"
#include "launch.h"
#include "mainloop.cuh"

namespace dg {
namespace {

// Rows m0.. of a dense matrix [ROWS][K]; zeros outside. ALIGNED: K is a multiple of 8.
template <class T, class Shape, bool ALIGNED>
struct DenseLoader {
    const T* source;  // this thread's chunk in its first row
    int64_t row_step;
    int rows_left, columns_left;  // from there to the ends of the matrix

    __device__ DenseLoader(const T* x, int rows, int k, int m0) {
        int row = m0 + threadIdx.x / ROW_CHUNKS, first = threadIdx.x % ROW_CHUNKS * CHUNK;
        rows_left = rows - row;
        columns_left = k - first;
        row_step = int64_t(Shape::LOAD_ROWS) * k;
        source = x + int64_t(rows_left > 0 ? row : 0) * k + first;
    }

    __device__ __forceinline__ void load(T* s_a) {
        T* target = s_a + swizzled(threadIdx.x / ROW_CHUNKS, threadIdx.x % ROW_CHUNKS);
#pragma unroll
        for (int i = 0; i < Shape::A_LOADS; i++) {
            bool valid = i * Shape::LOAD_ROWS < rows_left && columns_left > 0;
            const T* chunk = source + (valid ? i * row_step : 0);
            T* to = target + i * Shape::LOAD_ROWS * TILE_K;
            if constexpr (ALIGNED) {
                ptx::cp_async<16>(to, chunk, valid);
            } else {
                gather_chunk(to, chunk, valid ? columns_left : 0);
            }
        }
        source += TILE_K;
        columns_left -= TILE_K;
    }
};

template <class T, class Shape, bool ALIGNED>
__global__ void __launch_bounds__(Shape::THREADS, Shape::BLOCKS)
    linear_kernel(const T* __restrict__ x, const T* __restrict__ w, int k, int o, int k_pad, int tiles_o,
                  const __grid_constant__ Epilogue<T> out) {
    DYNAMIC_SHARED(T, s_tiles);
    int m0 = static_cast<int>(blockIdx.x) / tiles_o * Shape::BM,
        n0 = static_cast<int>(blockIdx.x) % tiles_o * Shape::BN;
    float acc[Shape::MI][Shape::NI][4] = {};
    {
        DenseLoader<T, Shape, ALIGNED> a(x, out.rows, k, m0);
        WeightLoader<T, Shape> b(w, o, k_pad, n0, 0);
        multiply<T, Shape>(acc, s_tiles, a, b, k_pad / TILE_K);
    }
    store_tile<T, Shape>(out, acc, reinterpret_cast<float*>(s_tiles), m0, n0, 0);
}

void check_arguments(const LinearParams& p, int dtype, int variant) {
    const PackedWeights& w = p.weights;
    expect(variant >= 0 && variant <= linear_variants(), "linear: expected variant 0 to ", linear_variants(),
           ", found ", variant);
    expect(w.w && w.dtype == dtype, "linear: expected weights packed for ", type_name(dtype), ", found ",
           type_name(w.dtype));
    expect(w.c2 == 0 && w.kh == 1 && w.kw == 1, "linear: expected weights of a linear layer, found a convolution ",
           w.kh, "x", w.kw);
    expect(p.y && p.x, "linear: expected input and output, found a null address");
    expect(!w.aligned() || on_16_bytes(p.x), "linear: expected an input aligned to 16 bytes, found ", p.x);
    expect((w.geglu ? w.o / 2 : w.o) % 8 != 0 || (on_16_bytes(p.y) && on_16_bytes(p.residual)),
           "linear: expected output and residual aligned to 16 bytes, found ", p.y, " and ", p.residual);
    expect(p.rows > 0 && p.rows <= 2147483647 - 256, "linear: expected 1 to 2^31 - 257 rows, found ", p.rows);
    expect(!w.geglu || p.activation == DG_ACT_NONE, "linear: expected no activation after GEGLU, found ", p.activation);
}

template <class T>
Epilogue<T> epilogue_of(const LinearParams& p) {
    Epilogue<T> out;
    out.y = static_cast<T*>(p.y);
    out.bias = p.weights.bias;
    out.emb = nullptr;
    out.residual = static_cast<const T*>(p.residual);
    out.partial = nullptr;
    out.emb_stride = 0;
    out.rows = static_cast<int>(p.rows);
    out.columns = p.weights.geglu ? p.weights.o / 2 : p.weights.o;
    out.rows_per_image = 1;
    out.partial_columns = 0;
    out.activation = p.activation;
    out.geglu = p.weights.geglu;
    out.vectors = out.columns % 8 == 0;
    return out;
}

template <class T, class Shape, bool ALIGNED>
void launch_tile(Stream& stream, const LinearParams& p) {
    const PackedWeights& w = p.weights;
    int tiles_o = ceil_div(w.o, Shape::BN);
    unsigned blocks = grid_blocks(ceil_div<int64_t>(p.rows, Shape::BM) * tiles_o, 1, "linear");
    launch(stream, "linear", dim3(blocks), dim3(Shape::THREADS), Shape::SHARED_BYTES, linear_kernel<T, Shape, ALIGNED>,
           static_cast<const T*>(p.x), static_cast<const T*>(w.w), w.c, w.o, w.k_pad(), tiles_o, epilogue_of<T>(p));
}

}  // namespace

int linear_variants() { return TILE_COUNT; }

int linear_variant(const LinearParams& p, int variant) {
    if (variant != 0) return variant;
    return p.weights.aligned() ? pick_tile(p.rows, p.weights.o, 1) : GATHER_TILE;
}

void linear(Stream& stream, int dtype, int variant, const LinearParams& params) {
    check_arguments(params, dtype, variant);
    for_half_type(dtype, "linear", [&](auto tag) {
        using T = typename decltype(tag)::type;
        if (!params.weights.aligned()) return launch_tile<T, Tile64x64, false>(stream, params);
        for_tile(linear_variant(params, variant),
                 [&](auto shape) { launch_tile<T, decltype(shape), true>(stream, params); });
    });
}

}  // namespace dg
