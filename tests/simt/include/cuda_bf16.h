// Emulated <cuda_bf16.h>: the upper half of a float, rounded to nearest even.
#pragma once

#include <cuda_runtime.h>

struct __nv_bfloat16 {
    unsigned short bits;
    __nv_bfloat16() = default;
    __nv_bfloat16(float x) : bits(round_bits(x)) {}
    operator float() const { return simt_bits<float>(static_cast<unsigned>(bits) << 16); }

    static __forceinline__ unsigned short round_bits(float x) {
        unsigned u = simt_bits<unsigned>(x);
        if (x != x) {
            return 0x7fff;  // CUDA's canonical NaN
        }
        return static_cast<unsigned short>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
    }
};
struct __align__(4) __nv_bfloat162 {
    __nv_bfloat16 x, y;
    __nv_bfloat162() = default;
    __nv_bfloat162(__nv_bfloat16 x_, __nv_bfloat16 y_) : x(x_), y(y_) {}
};
typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

__forceinline__ float __bfloat162float(__nv_bfloat16 x) { return static_cast<float>(x); }
__forceinline__ __nv_bfloat16 __float2bfloat16(float x) { return __nv_bfloat16(x); }
__forceinline__ __nv_bfloat16 __float2bfloat16_rn(float x) { return __nv_bfloat16(x); }
__forceinline__ unsigned short __bfloat16_as_ushort(__nv_bfloat16 x) { return x.bits; }
__forceinline__ __nv_bfloat16 __ushort_as_bfloat16(unsigned short x) {
    __nv_bfloat16 r;
    r.bits = x;
    return r;
}

__forceinline__ __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return {__nv_bfloat16(x), __nv_bfloat16(y)}; }
__forceinline__ __nv_bfloat162 __float22bfloat162_rn(float2 v) { return {__nv_bfloat16(v.x), __nv_bfloat16(v.y)}; }
__forceinline__ __nv_bfloat162 __float2bfloat162_rn(float x) { return {__nv_bfloat16(x), __nv_bfloat16(x)}; }
__forceinline__ float2 __bfloat1622float2(__nv_bfloat162 v) {
    return {static_cast<float>(v.x), static_cast<float>(v.y)};
}
__forceinline__ __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 x) { return {x, x}; }
__forceinline__ __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return {x, y}; }
__forceinline__ __nv_bfloat162 make_bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return {x, y}; }
__forceinline__ __nv_bfloat16 __low2bfloat16(__nv_bfloat162 v) { return v.x; }
__forceinline__ __nv_bfloat16 __high2bfloat16(__nv_bfloat162 v) { return v.y; }
__forceinline__ float __low2float(__nv_bfloat162 v) { return static_cast<float>(v.x); }
__forceinline__ float __high2float(__nv_bfloat162 v) { return static_cast<float>(v.y); }

__forceinline__ __nv_bfloat16 __hadd(__nv_bfloat16 x, __nv_bfloat16 y) {
    return {static_cast<float>(x) + static_cast<float>(y)};
}
__forceinline__ __nv_bfloat16 __hmul(__nv_bfloat16 x, __nv_bfloat16 y) {
    return {static_cast<float>(x) * static_cast<float>(y)};
}
