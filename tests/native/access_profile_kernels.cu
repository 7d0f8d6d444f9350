// One warp, one request each: the patterns by which the counter of access_profile.cpp is tested.
#include "access_profile_kernels.h"

#include "ptx.cuh"

__global__ void __launch_bounds__(32) probe_shared(float*, int stride) {
    SHARED_ARRAY(float, s, 32 * 33);
    s[threadIdx.x * stride] = 1.f;
}

__global__ void __launch_bounds__(32) probe_wide(float* data, int stride) {
    SHARED_ARRAY(float, s, 32 * 32);
    *reinterpret_cast<float4*>(s + threadIdx.x * stride) = *reinterpret_cast<float4*>(data + threadIdx.x * stride);
}

__global__ void __launch_bounds__(32) probe_halves(float* data, int stride) {
    SHARED_ARRAY(uint16_t, s, 32);
    s[threadIdx.x] = reinterpret_cast<uint16_t*>(data)[threadIdx.x * stride];
}

__global__ void __launch_bounds__(32) probe_matrix(float*, int stride) {
    SHARED_ARRAY(uint16_t, s, 32 * 72);
    for (int i = threadIdx.x; i < 32 * 72; i += 32) s[i] = 0;
    __syncthreads();
    uint32_t r[4];
    ptx::ldmatrix(r, s + threadIdx.x * stride);
}

__global__ void __launch_bounds__(32) probe_async(float* data, int stride) {
    SHARED_ARRAY(float, s, 32 * 4);
    ptx::cp_async<16>(s + threadIdx.x * stride, data + threadIdx.x * stride);
    ptx::cp_async_commit();
    ptx::cp_async_wait<0>();
}
