// combine.cu
// WHAT      y = sum_i c_i x_i, elementwise, 1 to 8 terms: every step of a sampler is one call.
// SHAPES    y, x_i [COUNT], each F32, F16 or BF16; sum in F32. y may be one of the x_i.
// VARIANTS  id  name     when                           grid             block  shared
//           1   vector   always; 16-byte transfers      (COUNT/2048)     256    0
//                        where all addresses allow
// NUMERICS  terms are added in order with fused multiply-add.
// LIMITS    COUNT <= 2^42.
// BUDGET    combine_kernel 64
// SOURCE    the linear multistep form of the samplers, Karras et al. 2022, arXiv:2206.00364, and Lu et al. 2022,
//           arXiv:2211.01095.
// TEST      tests/native/ops_test.cpp, CombineTest          BENCH  bench combine
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256, VEC = 8;

__device__ __forceinline__ void load_typed(float (&r)[VEC], const void* p, int type, int64_t i) {
    if (type == DG_F16) {
        load8(r, static_cast<const __half*>(p) + i);
    } else if (type == DG_BF16) {
        load8(r, static_cast<const __nv_bfloat16*>(p) + i);
    } else {
        load8(r, static_cast<const float*>(p) + i);
    }
}

__device__ __forceinline__ void store_typed(void* p, int type, int64_t i, const float (&r)[VEC]) {
    if (type == DG_F16) {
        store8(static_cast<__half*>(p) + i, r);
    } else if (type == DG_BF16) {
        store8(static_cast<__nv_bfloat16*>(p) + i, r);
    } else {
        store8(static_cast<float*>(p) + i, r);
    }
}

__global__ void __launch_bounds__(THREADS) combine_kernel(const __grid_constant__ CombineParams p, bool aligned) {
    int64_t first = (int64_t{blockIdx.x} * THREADS + threadIdx.x) * VEC;
    if (first >= p.count) return;
    if (aligned && first + VEC <= p.count) {
        float sum[VEC] = {}, value[VEC];
        for (int t = 0; t < p.terms; t++) {
            load_typed(value, p.x[t], p.x_types[t], first);
#pragma unroll
            for (int j = 0; j < VEC; j++) sum[j] = fmaf(p.c[t], value[j], sum[j]);
        }
        store_typed(p.y, p.y_type, first, sum);
        return;
    }
    for (int64_t i = first; i < first + VEC && i < p.count; i++) {
        float sum = 0.f;
        for (int t = 0; t < p.terms; t++) sum = fmaf(p.c[t], load_any(p.x[t], p.x_types[t], i), sum);
        store_any(p.y, p.y_type, i, sum);
    }
}

}  // namespace

void combine(Stream& stream, const CombineParams& params) {
    bool aligned = aligned16(params.y);
    for (int i = 0; i < params.terms; i++) aligned = aligned && aligned16(params.x[i]);
    launch(stream, "combine", dim3(grid_blocks(params.count, THREADS * VEC, "combine")), dim3(THREADS), 0,
           combine_kernel, params, aligned);
}

}  // namespace dg
