// pointwise.cu
// WHAT      activation: y = act(x).  blend: y = a + mask (b - a).  copy_columns: y[r, j] = x[r, j] between tensors of
//           different width.
// SHAPES    activation: x, y [COUNT] F32, F16 or BF16; y may be x.
//           blend: y, a, b [N, P, C] F32, mask [N, P] or [1, P] F32; y may be a or b.
//           copy_columns: x, y of ROWS rows, ldx and ldy elements apart, COLS columns of 2 or 4 bytes each.
// VARIANTS  id  name                    when                                    grid               block  shared
//           1   activation              16-byte transfers where aligned         (COUNT/2048)       256    0
//           1   blend                   always                                  (N*P*C/256)        256    0
//           1   copy_columns 16 bytes   rows and addresses multiples of 16 B    (bytes/4096)       256    0
//           2   copy_columns element    else                                    (ROWS*COLS/256)    256    0
// NUMERICS  F32 arithmetic, one rounding.
// LIMITS    2^39 elements.
// BUDGET    activation_kernel 64
// BUDGET    blend_kernel 40
// BUDGET    copy_columns_kernel 40
// SOURCE    the formulas in kernels.h; GELU: Hendrycks & Gimpel 2016, arXiv:1606.08415.
// TEST      tests/native/ops_test.cpp, ActivationTest, BlendTest, CopyColumnsTest      BENCH  none
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256;

template <class T, int VEC>
__global__ void __launch_bounds__(THREADS) activation_kernel(T* y, const T* x, int64_t count, int kind) {
    int64_t first = (int64_t{blockIdx.x} * THREADS + threadIdx.x) * VEC;
    if (first + VEC <= count) {
        float values[VEC];
        load_vector(values, x + first);
#pragma unroll
        for (int j = 0; j < VEC; j++) values[j] = activate(values[j], kind);
        store_vector(y + first, values);
    } else {
        for (int64_t i = first; i < count; i++) y[i] = from_float<T>(activate(to_float(x[i]), kind));
    }
}

__global__ void __launch_bounds__(THREADS)
    blend_kernel(float* y, const float* a, const float* b, const float* __restrict__ mask, int64_t count,
                 int64_t mask_count, int c) {
    int64_t i = int64_t{blockIdx.x} * THREADS + threadIdx.x;
    if (i >= count) return;
    y[i] = fmaf(mask[i / c % mask_count], b[i] - a[i], a[i]);
}

template <class T>
__global__ void __launch_bounds__(THREADS) copy_columns_kernel(T* __restrict__ y, int64_t ldy, const T* __restrict__ x,
                                                               int64_t ldx, int64_t count, int64_t cols) {
    int64_t i = int64_t{blockIdx.x} * THREADS + threadIdx.x;
    if (i >= count) return;
    int64_t row = i / cols, col = i % cols;
    y[row * ldy + col] = x[row * ldx + col];
}

template <class T>
void copy_as(Stream& stream, int element_bytes, void* y, int64_t ldy, const void* x, int64_t ldx, int64_t rows,
             int64_t cols) {
    int64_t per_item = static_cast<int64_t>(sizeof(T)) / element_bytes, items = cols / per_item;
    launch(stream, "copy_columns", dim3(grid_blocks(rows * items, THREADS, "copy_columns")), dim3(THREADS), 0,
           copy_columns_kernel<T>, static_cast<T*>(y), ldy / per_item, static_cast<const T*>(x), ldx / per_item,
           rows * items, items);
}

}  // namespace

void activation_forward(Stream& stream, int dtype, void* y, const void* x, int64_t count, int activation) {
    for_float_type(dtype, "activation", [&](auto tag) {
        using T = typename decltype(tag)::type;
        bool vectors = aligned16(y, x);
        launch(stream, "activation", dim3(grid_blocks(count, THREADS * (vectors ? 8 : 1), "activation")), dim3(THREADS),
               0, vectors ? activation_kernel<T, 8> : activation_kernel<T, 1>, static_cast<T*>(y),
               static_cast<const T*>(x), count, activation);
    });
}

void blend(Stream& stream, float* y, const float* a, const float* b, const float* mask, int mask_n, int n,
           int64_t pixels, int c) {
    int64_t count = n * pixels * c;
    launch(stream, "blend", dim3(grid_blocks(count, THREADS, "blend")), dim3(THREADS), 0, blend_kernel, y, a, b, mask,
           count, mask_n * pixels, c);
}

void copy_columns(Stream& stream, int element_bytes, void* y, int64_t ldy, const void* x, int64_t ldx, int64_t rows,
                  int64_t cols) {
    bool vectors = aligned16(y, x) && ldy * element_bytes % 16 == 0 && ldx * element_bytes % 16 == 0 &&
                   cols * element_bytes % 16 == 0;
    if (vectors) {
        copy_as<uint4>(stream, element_bytes, y, ldy, x, ldx, rows, cols);
    } else if (element_bytes == 2) {
        copy_as<uint16_t>(stream, element_bytes, y, ldy, x, ldx, rows, cols);
    } else {
        copy_as<uint32_t>(stream, element_bytes, y, ldy, x, ldx, rows, cols);
    }
}

}  // namespace dg
