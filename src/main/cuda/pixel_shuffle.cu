// pixel_shuffle.cu
// WHAT      pixel_unshuffle: y[n, oy, ox, c R R + dy R + dx] = x[n, oy R + dy, ox R + dx, c]; pixel_shuffle is its
//           inverse.
// SHAPES    small [N, H, W, C], deep [N, H/R, W/R, C*R*R]; elements of 2 or 4 bytes.
// VARIANTS  id  name     when     grid                 block  shared
//           1   simple   always   (N*H*W*C/256)        256    0
// NUMERICS  a copy.
// LIMITS    2^39 elements.
// BUDGET    pixel_shuffle_kernel 48
// SOURCE    Shi et al. 2016, arXiv:1609.05158, equation 4.
// TEST      tests/native/ops_test.cpp, PixelShuffleTest          BENCH  none (ends of ESRGAN and adapters only)
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256;

// Copies between wide [N, H, W, C] and deep [N, H/R, W/R, C*R*R]; i runs over deep.
template <class T, bool TO_DEEP>
__global__ void __launch_bounds__(THREADS)
    pixel_shuffle_kernel(T* __restrict__ y, const T* __restrict__ x, int64_t count, int h, int w, int c, int r) {
    int64_t i = int64_t{blockIdx.x} * THREADS + threadIdx.x;
    if (i >= count) return;
    int dx = static_cast<int>(i % r), dy = static_cast<int>(i / r % r);
    int64_t rest = i / r / r;
    int channel = static_cast<int>(rest % c);
    rest /= c;
    int ox = static_cast<int>(rest % (w / r));
    rest /= w / r;
    int64_t row = (rest / (h / r)) * h + rest % (h / r) * r + dy;
    int64_t wide = (row * w + ox * r + dx) * c + channel;
    if (TO_DEEP) {
        y[i] = x[wide];
    } else {
        y[wide] = x[i];
    }
}

// h, w, c: of the wide side.
template <bool TO_DEEP>
void shuffle(Stream& stream, const char* name, int element_bytes, void* y, const void* x, int n, int h, int w, int c,
             int r) {
    int64_t count = int64_t{n} * h * w * c;
    dim3 grid(grid_blocks(count, THREADS, name));
    if (element_bytes == 2) {
        launch(stream, name, grid, dim3(THREADS), 0, pixel_shuffle_kernel<uint16_t, TO_DEEP>, static_cast<uint16_t*>(y),
               static_cast<const uint16_t*>(x), count, h, w, c, r);
    } else {
        launch(stream, name, grid, dim3(THREADS), 0, pixel_shuffle_kernel<uint32_t, TO_DEEP>, static_cast<uint32_t*>(y),
               static_cast<const uint32_t*>(x), count, h, w, c, r);
    }
}

}  // namespace

void pixel_unshuffle(Stream& stream, int element_bytes, void* y, const void* x, int n, int h, int w, int c, int r) {
    shuffle<true>(stream, "pixel_unshuffle", element_bytes, y, x, n, h, w, c, r);
}

void pixel_shuffle(Stream& stream, int element_bytes, void* y, const void* x, int n, int h, int w, int c, int r) {
    int64_t height = int64_t{h} * r, width = int64_t{w} * r;
    expect(height <= INT32_MAX && width <= INT32_MAX, "pixel_shuffle: expected sizes below 2^31, found ", height, " x ",
           width);
    shuffle<false>(stream, "pixel_shuffle", element_bytes, y, x, n, static_cast<int>(height), static_cast<int>(width),
                   c / (r * r), r);
}

}  // namespace dg
