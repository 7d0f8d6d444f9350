// guidance.cu
// WHAT      y = u + scale (c - u); with rescale r > 0: y <- y (r std(c) / std(y) + 1 - r), std over each row.
// SHAPES    c, u [N, COUNT] F32, F16 or BF16; y [N, COUNT] F32.
// VARIANTS  id  name      when          grid                 block  shared
//           1   plain     rescale 0     (COUNT/2048, N)      256    -
//               two       rescale > 0   (COUNT/2048, N)      256    workspace N * COUNT/2048 * 16 B
//               phases                  twice
// NUMERICS  moments.cuh; the parts of a row are joined in a fixed order, independent of N. Where y is constant it is
//           left as it is.
// LIMITS    N <= 65535.
// BUDGET    guidance_kernel 64
// BUDGET    guidance_statistics_kernel 64
// SOURCE    Ho & Salimans 2022, arXiv:2207.12598, equation 6; Lin et al. 2023, arXiv:2305.08891, section 3.4.
// TEST      tests/native/ops_test.cpp, GuidanceTest          BENCH  none (0.3 MB per step)
#include "launch.h"
#include "launchers.h"
#include "moments.cuh"

namespace dg {
namespace {

constexpr int THREADS = 256, WARPS = THREADS / WARP, VEC = 8, BLOCK_VALUES = THREADS * VEC;

struct Part {
    float c_mean, c_m2, y_mean, y_m2;
};

__device__ __forceinline__ float guide(float c, float u, float scale) { return fmaf(scale, c - u, u); }

// Joins the moments of all threads; the result is valid in the first warp.
__device__ Moments block_join(Moments part, Moments* s_parts) {
    int warp = threadIdx.x / WARP, lane = threadIdx.x % WARP;
    Moments joined = warp_join(part);
    if (lane == 0) s_parts[warp] = joined;
    __syncthreads();
    if (warp == 0) joined = warp_join(lane < WARPS ? s_parts[lane] : Moments{0.f, 0.f, 0.f});
    __syncthreads();
    return joined;
}

// Moments of c and of the unscaled y over one stretch of BLOCK_VALUES values of a row.
template <class T>
__global__ void __launch_bounds__(THREADS)
    guidance_statistics_kernel(Part* __restrict__ parts, const T* __restrict__ c, const T* __restrict__ u,
                               int64_t count, float scale) {
    SHARED_ARRAY(Moments, s_parts, WARPS);
    int64_t row = int64_t{blockIdx.y} * count, first = int64_t{blockIdx.x} * BLOCK_VALUES + threadIdx.x;
    PivotSums c_sums, y_sums;
    float seen = 0.f;
    for (int j = 0; j < VEC; j++) {
        int64_t i = first + j * THREADS;
        if (i >= count) break;
        float cv = to_float(c[row + i]), yv = guide(cv, to_float(u[row + i]), scale);
        if (j == 0) {
            c_sums.pivot = cv;
            y_sums.pivot = yv;
        }
        c_sums.add(cv);
        y_sums.add(yv);
        seen += 1.f;
    }
    Moments c_all = block_join(c_sums.moments(seen), s_parts), y_all = block_join(y_sums.moments(seen), s_parts);
    if (threadIdx.x == 0)
        parts[int64_t{blockIdx.y} * gridDim.x + blockIdx.x] = {c_all.mean, c_all.m2, y_all.mean, y_all.m2};
}

// The factor of one row from its parts; all threads of the block get it.
__device__ float row_factor(const Part* parts, int64_t count, float rescale, float* s_factor) {
    int blocks = static_cast<int>(gridDim.x);
    if (threadIdx.x < WARP) {
        Moments c_all = {0.f, 0.f, 0.f}, y_all = {0.f, 0.f, 0.f};
        for (int first = 0; first < blocks; first += WARP) {
            int i = first + static_cast<int>(threadIdx.x);
            int64_t left = count - int64_t{i} * BLOCK_VALUES;
            float n = i < blocks ? static_cast<float>(left < BLOCK_VALUES ? left : BLOCK_VALUES) : 0.f;
            Part part = i < blocks ? parts[i] : Part{};
            Moments c_next = warp_join({n, part.c_mean, part.c_m2}), y_next = warp_join({n, part.y_mean, part.y_m2});
            // lane 0 carries what was joined before, lane 1 the next 32 parts
            bool old = threadIdx.x == 0, fresh = threadIdx.x == 1;
            c_all = first == 0 ? c_next : warp_join(old ? c_all : fresh ? c_next : Moments{0.f, 0.f, 0.f});
            y_all = first == 0 ? y_next : warp_join(old ? y_all : fresh ? y_next : Moments{0.f, 0.f, 0.f});
        }
        float ratio = y_all.m2 == 0.f ? 1.f : sqrtf(c_all.m2 / y_all.m2);
        if (threadIdx.x == 0) s_factor[0] = rescale * ratio + (1.f - rescale);
    }
    __syncthreads();
    return s_factor[0];
}

// parts: null without rescaling.
template <class T>
__global__ void __launch_bounds__(THREADS)
    guidance_kernel(float* y, const T* c, const T* u, const Part* parts, int64_t count, float scale, float rescale) {
    SHARED_ARRAY(float, s_factor, 1);
    int64_t row = int64_t{blockIdx.y} * count, first = int64_t{blockIdx.x} * BLOCK_VALUES + threadIdx.x;
    float factor =
        parts != nullptr ? row_factor(parts + int64_t{blockIdx.y} * gridDim.x, count, rescale, s_factor) : 1.f;
    for (int j = 0; j < VEC; j++) {
        int64_t i = first + j * THREADS;
        if (i < count) y[row + i] = factor * guide(to_float(c[row + i]), to_float(u[row + i]), scale);
    }
}

}  // namespace

size_t guidance_workspace(int n, int64_t count, float rescale) {
    return rescale > 0 ? static_cast<size_t>(n) * ceil_div<int64_t>(count, BLOCK_VALUES) * sizeof(Part) : 0;
}

void guidance(Stream& stream, int dtype, float* y, const void* cond, const void* uncond, int n, int64_t count,
              float scale, float rescale, float* workspace) {
    expect(n <= 65535, "guidance: expected at most 65535 rows, found ", n);
    for_float_type(dtype, "guidance", [&](auto tag) {
        using T = typename decltype(tag)::type;
        dim3 grid(grid_blocks(count, BLOCK_VALUES, "guidance"), n);
        const T *c = static_cast<const T*>(cond), *u = static_cast<const T*>(uncond);
        Part* parts = rescale > 0 ? reinterpret_cast<Part*>(workspace) : nullptr;
        if (parts != nullptr) {
            launch(stream, "guidance (statistics)", grid, dim3(THREADS), 0, guidance_statistics_kernel<T>, parts, c, u,
                   count, scale);
        }
        launch(stream, "guidance", grid, dim3(THREADS), 0, guidance_kernel<T>, y, c, u, parts, count, scale, rescale);
    });
}

}  // namespace dg
