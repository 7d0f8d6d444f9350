// layout.cu
// WHAT      y[n, p, c] = x[n, c, p] (nchw_to_nhwc) and back, with a change of type: the edges of the network.
// SHAPES    [N, C, P] and [N, P, C], P = H * W; F32, F16 or BF16 on both sides.
// VARIANTS  id  name   when     grid                   block   shared
//           1   tile   always   (P/32 * C/32, N)       32x8    4.1 KiB
//           A tile of 32 x 32 goes through shared memory, so that both sides are read and written along their rows.
// NUMERICS  one rounding to the type of y.
// LIMITS    N <= 65535.
// BUDGET    transpose_kernel 40
// SOURCE    -
// TEST      tests/native/ops_test.cpp, LayoutTest          BENCH  none (once per picture)
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int TILE = 32, TILE_ROWS = 8, PITCH = TILE + 1;

// x [N, ROWS, COLS] -> y [N, COLS, ROWS]
__global__ void __launch_bounds__(TILE* TILE_ROWS)
    transpose_kernel(void* __restrict__ y, int y_type, const void* __restrict__ x, int x_type, int64_t rows,
                     int64_t cols, int64_t tiles_x) {
    SHARED_ARRAY(float, s_tile, TILE* PITCH);  // (TILE, TILE + 1)
    int64_t col0 = blockIdx.x % tiles_x * TILE, row0 = blockIdx.x / tiles_x * TILE, image = blockIdx.y * rows * cols;
    for (int r = threadIdx.y; r < TILE; r += TILE_ROWS) {
        int64_t row = row0 + r, col = col0 + threadIdx.x;
        if (row < rows && col < cols) s_tile[r * PITCH + threadIdx.x] = load_any(x, x_type, image + row * cols + col);
    }
    __syncthreads();
    for (int c = threadIdx.y; c < TILE; c += TILE_ROWS) {
        int64_t row = row0 + threadIdx.x, col = col0 + c;
        if (row < rows && col < cols) store_any(y, y_type, image + col * rows + row, s_tile[threadIdx.x * PITCH + c]);
    }
}

void transpose(Stream& stream, const char* name, int y_type, void* y, int x_type, const void* x, int n, int64_t rows,
               int64_t cols) {
    expect(n <= 65535, name, ": expected at most 65535 images, found ", n);
    int64_t tiles_x = ceil_div<int64_t>(cols, TILE), tiles_y = ceil_div<int64_t>(rows, TILE);
    for_float_type(y_type, name, [](auto) {});
    for_float_type(x_type, name, [](auto) {});
    launch(stream, name, dim3(grid_blocks(tiles_x * tiles_y, 1, name), n), dim3(TILE, TILE_ROWS), 0, transpose_kernel,
           y, y_type, x, x_type, rows, cols, tiles_x);
}

}  // namespace

void nchw_to_nhwc(Stream& stream, int y_type, void* y, int x_type, const void* x, int n, int c, int64_t pixels) {
    transpose(stream, "nchw_to_nhwc", y_type, y, x_type, x, n, c, pixels);
}

void nhwc_to_nchw(Stream& stream, int y_type, void* y, int x_type, const void* x, int n, int c, int64_t pixels) {
    transpose(stream, "nhwc_to_nchw", y_type, y, x_type, x, n, pixels, c);
}

}  // namespace dg
