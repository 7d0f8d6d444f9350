// group_norm.cu
// WHAT      y = act((x - mean) / sqrt(var + eps) * weight[c] + bias[c]); mean and var over one group of channels and
//           all pixels of one image; act none, SiLU or ReLU. x may come as two tensors, concatenated on channels; a
//           group may span both.
// SHAPES    x [N, P, C], x2 [N, P, C2] or absent, y [N, P, C + C2]; weight, bias [C + C2] F32. F16 or BF16, sums in
//           F32.
// VARIANTS  id  name     when                                  grid                     block  shared
//           1   fused    P <= 32 pixels per thread             (C/tile, 1, N)           256    17 KiB
//           2   split    else: two launches, statistics and    (C/tile, S, N) twice     256    17 and 0.5 KiB,
//                        normalisation                                                         workspace N*S*G*8 B
//           3   simple   channels that 8 does not divide, or   (G, N)                   256    32 B
//                        groups of more than 256 vectors
//           A tile is the least number of whole groups that starts and ends at a multiple of 8 channels, repeated to at
//           least 128 bytes; a thread keeps one column of 8 channels and walks over pixels. S = parts of the pixels, 8
//           per thread, at most 512: it depends on P and C only. SD 1.5, 64x64, 320 channels: tile 80, P = 4096, 25
//           pixel rows per block, S = 21: 84 blocks per image; the VAE's 512x512, 128 channels: tile 64, S = 512: 1024
//           blocks.
// NUMERICS  moments.cuh: exact to F32 rounding for any mean. Fixed order, independent of N.
// LIMITS    N <= 65535; (C + C2) % G == 0; P < 2^31 - 2^22; simple: less than 2^31 values per group.
// BUDGET    statistics_kernel 64
// BUDGET    normalise_kernel 80
// BUDGET    fused_kernel 96
// BUDGET    simple_norm_kernel 40
// SOURCE    Wu & He 2018, arXiv:1803.08494, section 3.1; Chan, Golub & LeVeque 1979 (joining of moments).
// TEST      tests/native/ops_test.cpp, GroupNormTest          BENCH  bench group_norm
#include <algorithm>
#include <numeric>

#include "launch.h"
#include "launchers.h"
#include "moments.cuh"

namespace dg {
namespace {

constexpr int THREADS = 256, WARPS = THREADS / WARP, VEC = 8;
constexpr int TILE_VECTORS = 8;       // least width of a tile: 128 bytes
constexpr int PIXELS_PER_THREAD = 8;  // split
constexpr int FUSED_PIXELS_PER_THREAD = 32;
constexpr int MOST_PARTS = 512;
constexpr int MOST_GROUPS = 64;  // in a tile: 8 vectors of 8 groups of one channel

template <class T>
struct Args {
    T* y;
    const T *x, *x2;
    const float *weight, *bias;
    float2* partial;  // [N, S, G]: mean and m2 of one part of the pixels
    int c, c2, pixels, groups, activation;
    float eps;
    int tile, rows;          // vectors per tile; pixel rows per block = THREADS / tile
    int parts, part_pixels;  // S; pixels per part, fewer in the last

    __device__ __forceinline__ int channels() const { return c + c2; }
    __device__ __forceinline__ int group_channels() const { return (c + c2) / groups; }
    // Pixels of one part: first to first of the next.
    __device__ __forceinline__ int first_pixel(int part) const { return min(part * part_pixels, pixels); }
};

__device__ __forceinline__ float norm_activation(float x, int kind) {
    return kind == DG_ACT_SILU ? silu(x) : kind == DG_ACT_RELU && x < 0.f ? 0.f : x;
}

// The column of 8 channels that a thread keeps, in the source that holds it.
template <class T>
struct Column {
    const T* x;
    int64_t stride;
    int row, channel;
    bool active;

    __device__ __forceinline__ Column(const Args<T>& a, int tile, int image) {
        row = threadIdx.x / a.tile;
        channel = (tile * a.tile + static_cast<int>(threadIdx.x) % a.tile) * VEC;
        active = row < a.rows && channel < a.channels();
        bool second = channel >= a.c;
        stride = second ? a.c2 : a.c;
        x = (second ? a.x2 + channel - a.c : a.x + channel) + int64_t{image} * a.pixels * stride;
    }
};

// Moments of the threads' values, per channel: (rows, tile * 8), with a float left out after every 32. Eight floats per
// thread would meet in four banks otherwise.
struct ThreadMoments {
    static constexpr int FLOATS = THREADS * VEC / 32 * 33;
    float mean[FLOATS], m2[FLOATS];

    static __device__ __forceinline__ int at(int i) { return i + i / 32; }
};

// Mean and m2 of each group of the tile over pixels first..end, to s_group. Needs the whole block.
template <class T>
__device__ void tile_moments(float2* s_group, const Args<T>& a, const Column<T>& column, int first, int end) {
    SHARED_ARRAY(ThreadMoments, s_threads, 1);
    ThreadMoments& s = s_threads[0];
    PivotSums sums[VEC];
    float values[VEC];
    int count = 0;
    if (column.active) {
        for (int p = first + column.row; p < end; p += a.rows, count++) {
            load8(values, column.x + p * column.stride);
#pragma unroll
            for (int j = 0; j < VEC; j++) {
                if (count == 0) sums[j].pivot = values[j];
                sums[j].add(values[j]);
            }
        }
    }
    int width = a.tile * VEC, group_channels = a.group_channels();
#pragma unroll
    for (int j = 0; j < VEC; j++) {
        Moments part = sums[j].moments(static_cast<float>(count));
        int at = ThreadMoments::at(static_cast<int>(threadIdx.x) * VEC + j);
        s.mean[at] = part.mean;
        s.m2[at] = part.m2;
    }
    __syncthreads();
    int warp = threadIdx.x / WARP, lane = threadIdx.x % WARP, tile_groups = width / group_channels;
    for (int g = warp; g < tile_groups; g += WARPS) {
        // A lane joins its entries (pixel rows x channels of the group), then the warp its lanes.
        float pivot = s.mean[ThreadMoments::at(g * group_channels)], entries = 0.f, shift = 0.f, m2 = 0.f;
        for (int i = lane; i < a.rows * group_channels; i += WARP) {
            int row = i / group_channels, at = ThreadMoments::at(row * width + g * group_channels + i % group_channels);
            float n = static_cast<float>(end - first > row ? (end - first - row - 1) / a.rows + 1 : 0);
            entries += n;
            if (n > 0.f) shift += n * (s.mean[at] - pivot);
        }
        float mean = pivot + warp_sum(shift) / warp_sum(entries);
        for (int i = lane; i < a.rows * group_channels; i += WARP) {
            int row = i / group_channels, at = ThreadMoments::at(row * width + g * group_channels + i % group_channels);
            float n = static_cast<float>(end - first > row ? (end - first - row - 1) / a.rows + 1 : 0),
                  difference = s.mean[at] - mean;
            if (n > 0.f) m2 += fmaf(n * difference, difference, s.m2[at]);
        }
        m2 = warp_sum(m2);
        if (lane == 0) s_group[g] = make_float2(mean, m2);
    }
    __syncthreads();
}

// Normalises pixels first..end of the thread's column with the groups' mean and m2.
template <class T>
__device__ void normalise(const float2* s_group, const Args<T>& a, const Column<T>& column, int tile, int image,
                          int first, int end) {
    if (!column.active) return;
    int group_channels = a.group_channels(), tile_channel = column.channel - tile * a.tile * VEC;
    float total = static_cast<float>(a.pixels) * group_channels;
    float mean[VEC], weight[VEC], bias[VEC], values[VEC];
#pragma unroll
    for (int j = 0; j < VEC; j++) {
        float2 group = s_group[(tile_channel + j) / group_channels];
        mean[j] = group.x;
        weight[j] = rsqrtf(group.y / total + a.eps) * a.weight[column.channel + j];
        bias[j] = a.bias[column.channel + j];
    }
    T* y = a.y + int64_t{image} * a.pixels * a.channels() + column.channel;
    for (int p = first + column.row; p < end; p += a.rows) {
        load8(values, column.x + p * column.stride);
#pragma unroll
        for (int j = 0; j < VEC; j++)
            values[j] = norm_activation(fmaf(values[j] - mean[j], weight[j], bias[j]), a.activation);
        store8(y + int64_t{p} * a.channels(), values);
    }
}

template <class T>
__global__ void __launch_bounds__(THREADS) fused_kernel(const __grid_constant__ Args<T> a) {
    SHARED_ARRAY(float2, s_group, MOST_GROUPS);  // mean, m2
    int tile = blockIdx.x, image = blockIdx.z;
    Column<T> column(a, tile, image);
    tile_moments(s_group, a, column, 0, a.pixels);
    normalise(s_group, a, column, tile, image, 0, a.pixels);
}

// First phase of split: one part of the pixels.
template <class T>
__global__ void __launch_bounds__(THREADS) statistics_kernel(const __grid_constant__ Args<T> a) {
    SHARED_ARRAY(float2, s_group, MOST_GROUPS);  // mean, m2
    int tile = blockIdx.x, part = blockIdx.y, image = blockIdx.z;
    Column<T> column(a, tile, image);
    tile_moments(s_group, a, column, a.first_pixel(part), a.first_pixel(part + 1));
    int tile_groups = a.tile * VEC / a.group_channels(), first_group = tile * tile_groups;
    for (int g = threadIdx.x; g < tile_groups && first_group + g < a.groups; g += THREADS) {
        a.partial[(int64_t{image} * a.parts + part) * a.groups + first_group + g] = s_group[g];
    }
}

// Second phase: joins the parts of the tile's groups, then normalises one part.
template <class T>
__global__ void __launch_bounds__(THREADS) normalise_kernel(const __grid_constant__ Args<T> a) {
    SHARED_ARRAY(float2, s_group, MOST_GROUPS);  // mean, m2
    int tile = blockIdx.x, part = blockIdx.y, image = blockIdx.z, warp = threadIdx.x / WARP, lane = threadIdx.x % WARP;
    int group_channels = a.group_channels(), tile_groups = a.tile * VEC / group_channels,
        first_group = tile * tile_groups;
    for (int g = warp; g < tile_groups && first_group + g < a.groups; g += WARPS) {
        const float2* of_group = a.partial + int64_t{image} * a.parts * a.groups + first_group + g;
        float pivot = of_group[0].x, shift = 0.f, m2 = 0.f;
        auto values = [&](int i) {
            return static_cast<float>(a.first_pixel(i + 1) - a.first_pixel(i)) * group_channels;
        };
        for (int i = lane; i < a.parts; i += WARP) shift += values(i) * (of_group[int64_t{i} * a.groups].x - pivot);
        float mean = pivot + warp_sum(shift) / (static_cast<float>(a.pixels) * group_channels);
        for (int i = lane; i < a.parts; i += WARP) {
            float2 moments = of_group[int64_t{i} * a.groups];
            m2 += fmaf(values(i) * (moments.x - mean), moments.x - mean, moments.y);
        }
        m2 = warp_sum(m2);
        if (lane == 0) s_group[g] = make_float2(mean, m2);
    }
    __syncthreads();
    Column<T> column(a, tile, image);
    normalise(s_group, a, column, tile, image, a.first_pixel(part), a.first_pixel(part + 1));
}

// One block per group, one value at a time, any channel count.
template <class T>
__global__ void __launch_bounds__(THREADS) simple_norm_kernel(const __grid_constant__ Args<T> a) {
    SHARED_ARRAY(float, s_partial, WARPS);
    int group = blockIdx.x, image = blockIdx.y, group_channels = a.group_channels(), first = group * group_channels;
    int count = a.pixels * group_channels;
    int64_t pixel0 = int64_t{image} * a.pixels;
    auto value = [&](int i) {
        int64_t pixel = pixel0 + i / group_channels;
        int channel = first + i % group_channels;
        return to_float(channel < a.c ? a.x[pixel * a.c + channel] : a.x2[pixel * a.c2 + channel - a.c]);
    };
    float pivot = value(0), sum = 0.f, squares = 0.f;
    for (int i = threadIdx.x; i < count; i += THREADS) sum += value(i) - pivot;
    float mean = pivot + block_sum(sum, s_partial) / static_cast<float>(count);
    for (int i = threadIdx.x; i < count; i += THREADS) squares += (value(i) - mean) * (value(i) - mean);
    float inverse = rsqrtf(block_sum(squares, s_partial) / static_cast<float>(count) + a.eps);
    for (int i = threadIdx.x; i < count; i += THREADS) {
        int channel = first + i % group_channels;
        float normal = fmaf((value(i) - mean) * inverse, a.weight[channel], a.bias[channel]);
        a.y[(pixel0 + i / group_channels) * a.channels() + channel] =
            from_float<T>(norm_activation(normal, a.activation));
    }
}

// ---- choice ---------------------------------------------------------------------------------------------------------

enum Variant { FUSED = 1, SPLIT = 2, SIMPLE = 3 };

struct Plan {
    int variant, tile, tiles, rows, parts, part_pixels;
};

bool fits_vectors(const GroupNormParams& p, int unit) {
    return p.c % VEC == 0 && p.c2 % VEC == 0 && unit <= THREADS && aligned16(p.y, p.x, p.x2);
}

Plan make_plan(const GroupNormParams& p, int variant) {
    int channels = p.c + p.c2, group_channels = channels / p.groups;
    int unit = std::lcm(static_cast<int64_t>(group_channels), int64_t{VEC}) / VEC;  // vectors that hold whole groups
    bool vectors = fits_vectors(p, unit);
    if (!vectors && (variant == FUSED || variant == SPLIT)) {
        fail(DG_ERROR_UNSUPPORTED,
             "group_norm: variants 1 and 2 expect channels that 8 divides, aligned addresses and groups of at most "
             "256 vectors, found ",
             p.c, " + ", p.c2, " channels in ", p.groups, " groups");
    }
    if (!vectors || variant == SIMPLE) {
        expect(p.pixels * group_channels <= INT32_MAX - THREADS,
               "group_norm: expected groups of less than 2^31 values, found ", p.pixels * group_channels);
        return {SIMPLE, 0, 0, 0, 0, 0};
    }
    int tile = unit * ceil_div(std::min(TILE_VECTORS, channels / VEC), unit), rows = THREADS / tile;
    int part_pixels =
        static_cast<int>(std::max<int64_t>(rows * PIXELS_PER_THREAD, ceil_div<int64_t>(p.pixels, MOST_PARTS)));
    int parts = static_cast<int>(ceil_div<int64_t>(p.pixels, part_pixels));
    if (variant == 0) variant = p.pixels <= int64_t{rows} * FUSED_PIXELS_PER_THREAD ? FUSED : SPLIT;
    return {variant, tile, ceil_div(channels / VEC, tile), rows, parts, part_pixels};
}

}  // namespace

int group_norm_variants() { return SIMPLE; }

size_t group_norm_workspace(const GroupNormParams& params, int variant) {
    Plan plan = make_plan(params, variant);
    return plan.variant == SPLIT ? static_cast<size_t>(params.n) * plan.parts * params.groups * sizeof(float2) : 0;
}

void group_norm(Stream& stream, int dtype, int variant, const GroupNormParams& p) {
    expect(p.n <= 65535, "group_norm: expected at most 65535 images, found ", p.n);
    expect(p.pixels <= INT32_MAX - (1 << 22), "group_norm: expected less than 2^31 - 2^22 pixels, found ", p.pixels);
    Plan plan = make_plan(p, variant);
    for_half_type(dtype, "group_norm", [&](auto tag) {
        using T = typename decltype(tag)::type;
        Args<T> a = {static_cast<T*>(p.y),
                     static_cast<const T*>(p.x),
                     static_cast<const T*>(p.x2),
                     p.weight,
                     p.bias,
                     reinterpret_cast<float2*>(p.workspace),
                     p.c,
                     p.c2,
                     static_cast<int>(p.pixels),
                     p.groups,
                     p.activation,
                     p.eps,
                     plan.tile,
                     plan.rows,
                     plan.parts,
                     plan.part_pixels};
        dim3 block(THREADS), grid(plan.tiles, plan.parts, p.n);
        if (plan.variant == FUSED) {
            launch(stream, "group_norm", dim3(plan.tiles, 1, p.n), block, 0, fused_kernel<T>, a);
        } else if (plan.variant == SPLIT) {
            launch(stream, "group_norm (statistics)", grid, block, 0, statistics_kernel<T>, a);
            launch(stream, "group_norm (normalise)", grid, block, 0, normalise_kernel<T>, a);
        } else {
            launch(stream, "group_norm", dim3(p.groups, p.n), block, 0, simple_norm_kernel<T>, a);
        }
    });
}

}  // namespace dg
