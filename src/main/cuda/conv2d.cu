// conv2d.cu
// WHAT      y = act(conv(nearest(x | x2 -> UH x UW)) + bias + emb[n, o]) + residual, or act after the residual.
//           Implicit GEMM on tensor cores: y (N*OH*OW, O) = im2col(x) (N*OH*OW, K) * w (O, K)^T with
//           K = KH * KW * (C + C2). The columns of im2col are copied straight from the image (conv_loader.cuh): zeros
//           outside, upsampling and concatenation cost no memory.
// SHAPES    x [N, H, W, C]; x2 [N, H, W, C2] or absent; y, residual [N, OH, OW, O]; emb [.., O], one row per image;
//           w as packed by pack.cu. F16 or BF16, sums in F32, bias F32. Tensors 16-byte aligned.
// VARIANTS  id    name     when                                 grid (x, y)         block  shared
//           1     256x128  pick_tile (tile.cuh): the least      M/256 * O/128, 1    256    96 KiB
//           2     128x128    predicted time from the number     M/128 * O/128, 1    128    48 KiB
//           3     128x64     of blocks, the area of a tile      M/128 * O/64, 1     128    48 KiB
//           4     128x32     and 132 SMs                        M/128 * O/32, 1     128    40 KiB
//           5     64x64                                         M/64 * O/64, 1      128    32 KiB
//           6     64x32                                         M/64 * O/32, 1      128    24 KiB
//           7-12  split    tiles 1-6 where one image has too    the same, S         as 1-6; workspace S * M * O * 4
//                            few outputs: conv_splits > 1                           bytes; then a second phase
//           Channel counts that are no multiple of 8 (4, 3, 9, 5: the ends of the networks) take tile 5 with loads
//           element by element, split or not as asked. O may be anything; y is then written element by element.
//           Waves (predictions for 132 SMs, N = 2). The N tiles of one M tile have neighbouring numbers, so blocks that
//           run together share rows of x and walk through w in step.
//             SD 1.5, 512x512  64x64 320 -> 320: 320 blocks of 128x64, 396 run at once; 32x32 640: 320 of 64x64, 528;
//                              16x16 1280: 320 of 64x64 with S = 2; 8x8 1280: 280 of 64x64 with S = 7, unsplit 40.
//             SDXL, 1024x1024  128x128 320: 384 of 256x128, 132 at once; 64x64 640: 320 of 128x128, 264; 32x32 1280:
//                              320 of 128x64, 396.
// NUMERICS  Products are added in the order of k, 16 at a time, whatever the tile. S depends on the shape of one image
//           only, never on N, and the second phase adds its parts in order: a picture alone and in a batch has the same
//           bits. Everything after the sum is f32 and rounded once.
// LIMITS    N*H*W, N*OH*OW < 2^31 - 256; UH, UW, and OH, OW times stride < 2^15; UH >= H, UW >= W; no dilation, no
//           groups. Checked by the launcher.
// BUDGET    conv2d_kernel 240
// BUDGET    conv2d_reduce_kernel 64
// SOURCE    Chetlur et al. 2014, arXiv:1410.0759 (implicit GEMM); split-K and multistage pipelines are described in
//           NVIDIA's CUTLASS documentation.
// TEST      tests/native/gemm_test.cpp, Conv2dTest          BENCH  bench conv2d
#include <algorithm>

#include "conv_loader.cuh"
#include "epilogue.cuh"
#include "gemm_launchers.h"
#include "launch.h"

namespace dg {
namespace {

constexpr int REDUCE_THREADS = 256;

template <class T, class Shape, bool ALIGNED>
__global__ void __launch_bounds__(Shape::THREADS, Shape::BLOCKS)
    conv2d_kernel(const __grid_constant__ ConvInput<T> in, const T* __restrict__ w, int o, int k_pad, int tiles_o,
                  const __grid_constant__ Epilogue<T> out) {
    DYNAMIC_SHARED(T, s_tiles);
    int m0 = static_cast<int>(blockIdx.x) / tiles_o * Shape::BM,
        n0 = static_cast<int>(blockIdx.x) % tiles_o * Shape::BN;
    int64_t tiles_k = k_pad / TILE_K;
    int first = static_cast<int>(tiles_k * blockIdx.y / gridDim.y),
        last = static_cast<int>(tiles_k * (blockIdx.y + 1) / gridDim.y);
    float acc[Shape::MI][Shape::NI][4] = {};
    {
        ConvLoader<T, Shape, ALIGNED> a(in, m0, first);
        WeightLoader<T, Shape> b(w, o, k_pad, n0, first);
        multiply<T, Shape>(acc, s_tiles, a, b, last - first);
    }
    store_tile<T, Shape>(out, acc, reinterpret_cast<float*>(s_tiles), m0, n0, blockIdx.y);
}

// Second phase: adds the parts [S][rows][partial_columns] in order; a thread finishes eight columns of a row.
template <class T>
__global__ void __launch_bounds__(REDUCE_THREADS)
    conv2d_reduce_kernel(const __grid_constant__ Epilogue<T> out, int splits) {
    int64_t at = int64_t(blockIdx.x) * REDUCE_THREADS + threadIdx.x;
    int chunks = out.partial_columns / 8;
    int row = static_cast<int>(at / chunks), column = static_cast<int>(at % chunks) * 8;
    if (row >= out.rows) return;
    const float* part = out.partial + int64_t(row) * out.partial_columns;
    int64_t step = int64_t(out.rows) * out.partial_columns;
    float v[8], next[8];
    load_partial(v, part, out.partial_columns, column);
#pragma unroll 2
    for (int s = 1; s < splits; s++) {
        load_partial(next, part + s * step, out.partial_columns, column);
#pragma unroll
        for (int e = 0; e < 8; e++) v[e] += next[e];
    }
    add8(v, out.bias + column);
    finish8(out, v, row, column);
}

// Parts of the sum for images of so many output pixels: enough blocks of 64x64 for a pair of images (guidance) to fill
// a GPU, but at least 16 K tiles for each. A function of one image's shape.
int conv_splits(int64_t pixels, int o, int k_tiles) {
    int64_t blocks = ceil_div<int64_t>(pixels, 64) * ceil_div(o, 64);
    int64_t wanted = ceil_div<int64_t>(128, blocks);
    return static_cast<int>(std::max<int64_t>(1, std::min<int64_t>({wanted, 16, k_tiles / 16})));
}

int64_t output_rows(const ConvParams& p) { return int64_t(p.n) * p.oh * p.ow; }

// Splits of a concrete variant. One that splits, asked for where the rule would not split, makes three parts: tests
// reach it so.
int splits_of(const ConvParams& p, int variant) {
    if (variant <= TILE_COUNT) return 1;
    int k_tiles = p.weights.k_pad() / TILE_K, splits = conv_splits(int64_t(p.oh) * p.ow, p.weights.o, k_tiles);
    return splits > 1 ? splits : std::min(3, k_tiles);
}

void check_arguments(const ConvParams& p, int dtype, int variant) {
    const PackedWeights& w = p.weights;
    expect(variant >= 0 && variant <= conv2d_variants(), "conv2d: expected variant 0 to ", conv2d_variants(),
           ", found ", variant);
    expect(w.w && w.dtype == dtype, "conv2d: expected weights packed for ", type_name(dtype), ", found ",
           type_name(w.dtype));
    expect(!w.geglu, "conv2d: expected weights of a convolution, found GEGLU weights");
    expect(p.y && p.x && (p.x2 != nullptr) == (w.c2 > 0), "conv2d: expected ", w.c2 > 0 ? "two sources" : "one source",
           " for weights with ", w.c, " + ", w.c2, " channels");
    expect(!w.aligned() || (on_16_bytes(p.x) && on_16_bytes(p.x2)),
           "conv2d: expected sources aligned to 16 bytes, found ", p.x, " and ", p.x2);
    expect(w.o % 8 != 0 || (on_16_bytes(p.y) && on_16_bytes(p.residual)),
           "conv2d: expected output and residual aligned to 16 bytes, found ", p.y, " and ", p.residual);
    expect(p.n > 0 && p.h > 0 && p.w > 0 && p.oh > 0 && p.ow > 0, "conv2d: expected positive sizes, found n ", p.n,
           ", input ", p.h, "x", p.w, ", output ", p.oh, "x", p.ow);
    expect(p.uh >= p.h && p.uw >= p.w, "conv2d: expected upsampling from ", p.h, "x", p.w, ", found ", p.uh, "x", p.uw);
    expect(p.stride > 0 && p.pad_top >= 0 && p.pad_left >= 0 && p.pad_top < 1024 && p.pad_left < 1024 && w.kh < 1024 &&
               w.kw < 1024,
           "conv2d: expected stride > 0, kernel and padding below 1024, found stride ", p.stride, ", padding ",
           p.pad_top, " ", p.pad_left);
    expect(int64_t(p.oh) * p.stride < 32768 && int64_t(p.ow) * p.stride < 32768 && p.uh < 32768 && p.uw < 32768,
           "conv2d: expected sides below 32768, found ", p.uh, "x", p.uw, " to ", p.oh, "x", p.ow, " with stride ",
           p.stride);
    constexpr int64_t LIMIT = 2147483647 - 256;
    expect(int64_t(p.n) * p.h * p.w <= LIMIT && output_rows(p) <= LIMIT,
           "conv2d: expected fewer than 2^31 - 256 pixels, found ", p.n, "x", p.h, "x", p.w, " to ", p.n, "x", p.oh,
           "x", p.ow);
}

uint32_t scale_of(int from, int to) {
    return from == to ? 0u : static_cast<uint32_t>(((uint64_t(from) << 32) + uint64_t(to) - 1) / uint64_t(to));
}

template <class T>
ConvInput<T> input_of(const ConvParams& p) {
    const PackedWeights& w = p.weights;
    ConvInput<T> in;
    in.x = static_cast<const T*>(p.x);
    in.x2 = static_cast<const T*>(p.x2);
    in.c = w.c;
    in.c2 = w.c2;
    in.c_pad = w.c_pad();
    in.channels = w.c_pad() + w.c2_pad();
    in.kh = w.kh;
    in.kw = w.kw;
    in.stride = p.stride;
    in.pad_top = p.pad_top;
    in.pad_left = p.pad_left;
    in.h = p.h;
    in.w = p.w;
    in.uh = p.uh;
    in.uw = p.uw;
    in.oh = p.oh;
    in.ow = p.ow;
    in.rows = static_cast<int>(output_rows(p));
    in.scale_h = scale_of(p.h, p.uh);
    in.scale_w = scale_of(p.w, p.uw);
    return in;
}

template <class T>
Epilogue<T> epilogue_of(const ConvParams& p) {
    Epilogue<T> out;
    out.y = static_cast<T*>(p.y);
    out.bias = p.weights.bias;
    out.emb = static_cast<const T*>(p.emb);
    out.residual = static_cast<const T*>(p.residual);
    out.partial = nullptr;
    out.emb_stride = p.emb_stride;
    out.rows = static_cast<int>(output_rows(p));
    out.columns = p.weights.o;
    out.rows_per_image = p.oh * p.ow;
    out.partial_columns = ceil_div(p.weights.o, 8) * 8;
    out.activation = p.activation;
    out.geglu = false;
    out.vectors = p.weights.o % 8 == 0 && (!p.emb || (on_16_bytes(p.emb) && p.emb_stride % 8 == 0));
    return out;
}

template <class T, class Shape, bool ALIGNED>
void launch_tile(Stream& stream, const ConvParams& p, const Epilogue<T>& out, int splits) {
    int tiles_o = ceil_div(p.weights.o, Shape::BN);
    unsigned blocks = grid_blocks(ceil_div<int64_t>(out.rows, Shape::BM) * tiles_o, 1, "conv2d");
    launch(stream, "conv2d", dim3(blocks, static_cast<unsigned>(splits)), dim3(Shape::THREADS), Shape::SHARED_BYTES,
           conv2d_kernel<T, Shape, ALIGNED>, input_of<T>(p), static_cast<const T*>(p.weights.w), p.weights.o,
           p.weights.k_pad(), tiles_o, out);
}

template <class T>
void run(Stream& stream, int variant, const ConvParams& p) {
    int splits = splits_of(p, variant);
    Epilogue<T> out = epilogue_of<T>(p);
    if (splits > 1) {
        expect(p.workspace != nullptr, "conv2d: expected a workspace of ", conv2d_workspace(p, variant),
               " bytes, found none");
        out.partial = p.workspace;
    }
    if (p.weights.aligned()) {
        for_tile((variant - 1) % TILE_COUNT + 1,
                 [&](auto shape) { launch_tile<T, decltype(shape), true>(stream, p, out, splits); });
    } else {
        launch_tile<T, Tile64x64, false>(stream, p, out, splits);
    }
    if (splits > 1) {
        unsigned blocks = grid_blocks(int64_t(out.rows) * (out.partial_columns / 8), REDUCE_THREADS, "conv2d");
        launch(stream, "conv2d (second phase)", dim3(blocks), dim3(REDUCE_THREADS), 0, conv2d_reduce_kernel<T>, out,
               splits);
    }
}

}  // namespace

int conv2d_variants() { return 2 * TILE_COUNT; }

int conv2d_variant(const ConvParams& p, int variant) {
    if (variant != 0) return variant;
    int splits = conv_splits(int64_t(p.oh) * p.ow, p.weights.o, p.weights.k_pad() / TILE_K);
    int tile = p.weights.aligned() ? pick_tile(output_rows(p), p.weights.o, splits) : GATHER_TILE;
    return splits > 1 ? tile + TILE_COUNT : tile;
}

size_t conv2d_workspace(const ConvParams& p, int variant) {
    int splits = splits_of(p, conv2d_variant(p, variant));
    return splits == 1 ? 0
                       : size_t(splits) * size_t(output_rows(p)) * size_t(ceil_div(p.weights.o, 8) * 8) * sizeof(float);
}

void conv2d(Stream& stream, int dtype, int variant, const ConvParams& params) {
    check_arguments(params, dtype, variant);
    for_half_type(dtype, "conv2d", [&](auto tag) {
        run<typename decltype(tag)::type>(stream, conv2d_variant(params, variant), params);
    });
}

}  // namespace dg
