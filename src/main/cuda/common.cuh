// common.cuh - what several kernels share: type conversion, 16-byte loads, warp and block reductions, pointwise
// functions, and the host-side choice of a template by dg_type code.
#ifndef DAGUERRE_COMMON_CUH
#define DAGUERRE_COMMON_CUH

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "gpu/error.h"
#include "ptx.cuh"

namespace dg {

constexpr int WARP = 32;
constexpr unsigned ALL_LANES = 0xffffffffu;

template <class Int>
__host__ __device__ constexpr Int ceil_div(Int a, Int b) {
    return (a + b - 1) / b;
}

// ---- storage types --------------------------------------------------------------------------------------------------

__device__ __forceinline__ float to_float(float x) { return x; }
__device__ __forceinline__ float to_float(__half x) { return __half2float(x); }
__device__ __forceinline__ float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }

template <class T>
__device__ __forceinline__ T from_float(float x);
template <>
__device__ __forceinline__ float from_float<float>(float x) {
    return x;
}
template <>
__device__ __forceinline__ __half from_float<__half>(float x) {
    return __float2half_rn(x);
}
template <>
__device__ __forceinline__ __nv_bfloat16 from_float<__nv_bfloat16>(float x) {
    return __float2bfloat16_rn(x);
}

// The two values of a 32-bit register, lower half first (the inverse of ptx::pack).
template <class T>
__device__ __forceinline__ float2 unpack_pair(uint32_t bits);
template <>
__device__ __forceinline__ float2 unpack_pair<__half>(uint32_t bits) {
    __half2 pair;
    memcpy(&pair, &bits, 4);
    return __half22float2(pair);
}
template <>
__device__ __forceinline__ float2 unpack_pair<__nv_bfloat16>(uint32_t bits) {
    __nv_bfloat162 pair;
    memcpy(&pair, &bits, 4);
    return __bfloat1622float2(pair);
}

// Eight consecutive values by 16-byte transfers; p must be 16-byte aligned.
template <class T>
__device__ __forceinline__ void load8(float (&r)[8], const T* p) {
    uint4 bits = *reinterpret_cast<const uint4*>(p);
    uint32_t words[4] = {bits.x, bits.y, bits.z, bits.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
        float2 pair = unpack_pair<T>(words[i]);
        r[2 * i] = pair.x;
        r[2 * i + 1] = pair.y;
    }
}
template <>
__device__ __forceinline__ void load8<float>(float (&r)[8], const float* p) {
    float4 a = reinterpret_cast<const float4*>(p)[0], b = reinterpret_cast<const float4*>(p)[1];
    r[0] = a.x;
    r[1] = a.y;
    r[2] = a.z;
    r[3] = a.w;
    r[4] = b.x;
    r[5] = b.y;
    r[6] = b.z;
    r[7] = b.w;
}

template <class T>
__device__ __forceinline__ void store8(T* p, const float (&r)[8]) {
    *reinterpret_cast<uint4*>(p) = make_uint4(ptx::pack<T>(r[0], r[1]), ptx::pack<T>(r[2], r[3]),
                                              ptx::pack<T>(r[4], r[5]), ptx::pack<T>(r[6], r[7]));
}
template <>
__device__ __forceinline__ void store8<float>(float* p, const float (&r)[8]) {
    reinterpret_cast<float4*>(p)[0] = make_float4(r[0], r[1], r[2], r[3]);
    reinterpret_cast<float4*>(p)[1] = make_float4(r[4], r[5], r[6], r[7]);
}

// VEC consecutive values: 16-byte transfers for 8 (p aligned to 16 bytes), plain ones for 1.
template <class T>
__device__ __forceinline__ void load_vector(float (&r)[8], const T* p) {
    load8(r, p);
}
template <class T>
__device__ __forceinline__ void load_vector(float (&r)[1], const T* p) {
    r[0] = to_float(*p);
}
template <class T>
__device__ __forceinline__ void store_vector(T* p, const float (&r)[8]) {
    store8(p, r);
}
template <class T>
__device__ __forceinline__ void store_vector(T* p, const float (&r)[1]) {
    *p = from_float<T>(r[0]);
}

// Values p[i..], or `missing` where p is null.
template <class T, int VEC>
__device__ __forceinline__ void load_vector_or(float (&r)[VEC], const T* p, int64_t i, float missing) {
    if (p != nullptr) {
        load_vector(r, p + i);
    } else {
#pragma unroll
        for (int j = 0; j < VEC; j++) r[j] = missing;
    }
}

// One value of a tensor whose type is known at run time only.
__device__ __forceinline__ float load_any(const void* p, int type, int64_t i) {
    if (type == DG_F16) return to_float(static_cast<const __half*>(p)[i]);
    if (type == DG_BF16) return to_float(static_cast<const __nv_bfloat16*>(p)[i]);
    return static_cast<const float*>(p)[i];
}
__device__ __forceinline__ void store_any(void* p, int type, int64_t i, float value) {
    if (type == DG_F16) {
        static_cast<__half*>(p)[i] = from_float<__half>(value);
    } else if (type == DG_BF16) {
        static_cast<__nv_bfloat16*>(p)[i] = from_float<__nv_bfloat16>(value);
    } else {
        static_cast<float*>(p)[i] = value;
    }
}

// Whether all addresses are multiples of 16 bytes (null is).
template <class... Pointers>
bool aligned16(const Pointers*... p) {
    return ((reinterpret_cast<uintptr_t>(p) % 16 == 0) && ...);
}

// ---- reductions -----------------------------------------------------------------------------------------------------
// Every lane gets the result. The order is fixed, so equal inputs give equal bits.

__device__ __forceinline__ float warp_sum(float v) {
#pragma unroll
    for (int offset = WARP / 2; offset > 0; offset /= 2) v += __shfl_xor_sync(ALL_LANES, v, offset);
    return v;
}

__device__ __forceinline__ float warp_max(float v) {
#pragma unroll
    for (int offset = WARP / 2; offset > 0; offset /= 2) v = fmaxf(v, __shfl_xor_sync(ALL_LANES, v, offset));
    return v;
}

// Sum over a block of whole warps (at most 1024 threads); s_partial holds one float per warp and may be reused after
// the call.
__device__ __forceinline__ float block_sum(float v, float* s_partial) {
    v = warp_sum(v);
    if (threadIdx.x % WARP == 0) s_partial[threadIdx.x / WARP] = v;
    __syncthreads();
    float sum = 0.f;
    for (unsigned i = 0; i < blockDim.x / WARP; i++) sum += s_partial[i];
    __syncthreads();
    return sum;
}

// ---- pointwise functions --------------------------------------------------------------------------------------------

__device__ __forceinline__ float sigmoid(float x) { return 1.f / (1.f + __expf(-x)); }
__device__ __forceinline__ float silu(float x) { return x / (1.f + __expf(-x)); }
__device__ __forceinline__ float gelu(float x) { return 0.5f * x * (1.f + erff(x * 0.70710678118654752f)); }
__device__ __forceinline__ float softplus(float x) { return x > 20.f ? x : log1pf(expf(x)); }

// kind: a dg_activation code without DG_ACT_AFTER_RESIDUAL. The switch is uniform over the grid.
__device__ __forceinline__ float activate(float x, int kind) {
    switch (kind) {
        case DG_ACT_SILU:
            return silu(x);
        case DG_ACT_GELU:
            return gelu(x);
        case DG_ACT_QUICK_GELU:
            return x * sigmoid(1.702f * x);
        case DG_ACT_RELU:
            return x < 0.f ? 0.f : x;  // keeps NaN
        case DG_ACT_LEAKY_RELU:
            return x < 0.f ? 0.2f * x : x;
        case DG_ACT_TANH:
            return tanhf(x);
        case DG_ACT_SIGMOID:
            return sigmoid(x);
        case DG_ACT_SOFT_CLAMP_3:
            return 3.f * tanhf(x * (1.f / 3.f));
        case DG_ACT_ELU:
            return x > 0.f ? x : expm1f(x);
        case DG_ACT_LEAKY_RELU_01:
            return x < 0.f ? 0.01f * x : x;
        case DG_ACT_SOFTPLUS:
            return softplus(x);
        case DG_ACT_MISH:
            return x * tanhf(softplus(x));
        default:
            return x;
    }
}

// ---- choice of the template by type code (host) ---------------------------------------------------------------------

template <class T>
struct Tag {
    using type = T;
};

inline const char* type_name(int dtype) {
    static const char* const names[] = {"f32", "f16", "bf16", "i32"};
    return dtype >= 0 && dtype <= DG_I32 ? names[dtype] : "an unknown type";
}

// Calls body(Tag<T>()) for f16 and bf16; the network operations have no f32 kernels.
template <class Body>
void for_half_type(int dtype, const char* operation, Body&& body) {
    if (dtype == DG_F16) return body(Tag<__half>());
    if (dtype == DG_BF16) return body(Tag<__nv_bfloat16>());
    fail(dtype == DG_F32 ? DG_ERROR_UNSUPPORTED : DG_ERROR_ARGUMENT, operation,
         ": expected activations of type f16 or bf16, found ", type_name(dtype));
}

// Calls body(Tag<T>()) for f32, f16 and bf16.
template <class Body>
void for_float_type(int dtype, const char* operation, Body&& body) {
    if (dtype == DG_F32) return body(Tag<float>());
    if (dtype == DG_F16) return body(Tag<__half>());
    if (dtype == DG_BF16) return body(Tag<__nv_bfloat16>());
    fail(DG_ERROR_ARGUMENT, operation, ": expected f32, f16 or bf16, found ", type_name(dtype));
}

}  // namespace dg
#endif
