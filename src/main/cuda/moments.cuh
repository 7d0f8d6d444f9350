// moments.cuh - mean and sum of squared deviations without cancellation: values are taken relative to the first one
// seen, and parts are joined by weighted means. Used by group_norm.cu and guidance.cu.
#ifndef DAGUERRE_MOMENTS_CUH
#define DAGUERRE_MOMENTS_CUH

#include "common.cuh"

namespace dg {

struct Moments {
    float count, mean, m2;  // m2: sum of (x - mean)^2
};

// Sums of values relative to a pivot, the thread's first value: their size is that of the deviations, however large the
// mean is.
struct PivotSums {
    float pivot = 0.f, sum = 0.f, squares = 0.f;

    __device__ __forceinline__ void add(float x) {
        float difference = x - pivot;
        sum += difference;
        squares = fmaf(difference, difference, squares);
    }
    __device__ __forceinline__ Moments moments(float count) const {
        if (count == 0.f) return {0.f, 0.f, 0.f};
        float offset = sum / count;
        return {count, pivot + offset, fmaxf(squares - sum * offset, 0.f)};
    }
};

// Joins the moments of the 32 lanes, in a fixed order; every lane gets the result. Two passes: the mean first, then the
// deviations.
__device__ __forceinline__ Moments warp_join(Moments part) {
    float count = warp_sum(part.count), pivot = __shfl_sync(ALL_LANES, part.mean, 0);
    float mean = pivot + warp_sum(part.count > 0.f ? part.count * (part.mean - pivot) : 0.f) / count;
    float difference = part.mean - mean;
    return {count, mean, warp_sum(part.count > 0.f ? fmaf(part.count * difference, difference, part.m2) : 0.f)};
}

}  // namespace dg
#endif
