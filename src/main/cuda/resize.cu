// resize.cu
// WHAT      y = x at another height and width. Mode 0: nearest, source = floor(o * H / OH). Mode 1: bilinear,
//           half-pixel centres, source = max(0, (o + 1/2) H / OH - 1/2). Mode 2: bilinear, corners aligned, source = o
//           (H - 1) / (OH - 1).
// SHAPES    x [N, H, W, C], y [N, OH, OW, C]; F32, F16 or BF16, interpolation in F32.
// VARIANTS  id  name     when                       grid                   block  shared
//           1   vector   C % 8 == 0 and aligned     (N*OH*OW*C/2048)       256    0
//           2   scalar   else                       (N*OH*OW*C/256)        256    0
// NUMERICS  as PyTorch's interpolate without antialiasing: source coordinates in F32, rows are blended before columns.
// LIMITS    2^39 elements.
// BUDGET    resize_kernel 80
// SOURCE    PyTorch documentation of torch.nn.functional.interpolate.
// TEST      tests/native/ops_test.cpp, ResizeTest          BENCH  none (MiDaS only)
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256;

struct Line {
    int first, second;
    float weight;  // of second
};

__device__ __forceinline__ Line source_of(int o, int in, int out, int mode) {
    if (mode == 0) {
        int nearest = static_cast<int>(int64_t{o} * in / out);
        return {nearest, nearest, 0.f};
    }
    float at;
    if (mode == 2) {
        at = out > 1 ? static_cast<float>(in - 1) / (out - 1) * o : 0.f;
    } else {
        at = fmaxf(static_cast<float>(in) / out * (o + 0.5f) - 0.5f, 0.f);
    }
    int first = min(static_cast<int>(at), in - 1);
    return {first, min(first + 1, in - 1), at - first};
}

template <int VEC>
__device__ __forceinline__ void mix(float (&a)[VEC], const float (&b)[VEC], float weight) {
#pragma unroll
    for (int j = 0; j < VEC; j++) a[j] = (1.f - weight) * a[j] + weight * b[j];
}

template <class T, int VEC>
__global__ void __launch_bounds__(THREADS) resize_kernel(T* __restrict__ y, const T* __restrict__ x, int64_t items,
                                                         int h, int w, int c, int oh, int ow, int mode) {
    int64_t i = int64_t{blockIdx.x} * THREADS + threadIdx.x;
    if (i >= items) return;
    int per_pixel = c / VEC, col = static_cast<int>(i % per_pixel) * VEC;
    int64_t pixel = i / per_pixel, image = pixel / ow / oh;
    Line row = source_of(static_cast<int>(pixel / ow % oh), h, oh, mode),
         column = source_of(static_cast<int>(pixel % ow), w, ow, mode);
    x += image * h * w * c + col;
    auto at = [&](int r, int k) { return x + (int64_t{r} * w + k) * c; };
    float top[VEC], bottom[VEC], other[VEC];
    load_vector(top, at(row.first, column.first));
    if (mode != 0) {
        load_vector(other, at(row.first, column.second));
        mix(top, other, column.weight);
        load_vector(bottom, at(row.second, column.first));
        load_vector(other, at(row.second, column.second));
        mix(bottom, other, column.weight);
        mix(top, bottom, row.weight);
    }
    store_vector(y + pixel * c + col, top);
}

}  // namespace

void resize(Stream& stream, int dtype, void* y, const void* x, int n, int h, int w, int c, int oh, int ow, int mode) {
    for_float_type(dtype, "resize", [&](auto tag) {
        using T = typename decltype(tag)::type;
        bool vectors = c % 8 == 0 && aligned16(y, x);
        int64_t items = int64_t{n} * oh * ow * (vectors ? c / 8 : c);
        launch(stream, "resize", dim3(grid_blocks(items, THREADS, "resize")), dim3(THREADS), 0,
               vectors ? resize_kernel<T, 8> : resize_kernel<T, 1>, static_cast<T*>(y), static_cast<const T*>(x), items,
               h, w, c, oh, ow, mode);
    });
}

}  // namespace dg
