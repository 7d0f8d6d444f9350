// Emulated <cuda_fp16.h>: IEEE half on _Float16. Arithmetic rounds once per operation, as the hardware does.
#pragma once

#include <cuda_runtime.h>

struct __half {
    _Float16 value;
    __half() = default;
    __half(float x) : value(static_cast<_Float16>(x)) {}
    explicit __half(_Float16 x) : value(x) {}
    operator float() const { return static_cast<float>(value); }
};
struct __align__(4) __half2 {
    __half x, y;
    __half2() = default;
    __half2(__half x_, __half y_) : x(x_), y(y_) {}
};
typedef __half half;
typedef __half2 half2;

__forceinline__ float __half2float(__half x) { return static_cast<float>(x.value); }
__forceinline__ __half __float2half(float x) { return __half(x); }
__forceinline__ __half __float2half_rn(float x) { return __half(x); }
__forceinline__ __half __double2half(double x) { return __half(static_cast<_Float16>(x)); }
__forceinline__ unsigned short __half_as_ushort(__half x) { return simt_bits<unsigned short>(x.value); }
__forceinline__ __half __ushort_as_half(unsigned short x) { return __half(simt_bits<_Float16>(x)); }

__forceinline__ __half2 __floats2half2_rn(float x, float y) { return {__half(x), __half(y)}; }
__forceinline__ __half2 __float22half2_rn(float2 v) { return {__half(v.x), __half(v.y)}; }
__forceinline__ __half2 __float2half2_rn(float x) { return {__half(x), __half(x)}; }
__forceinline__ float2 __half22float2(__half2 v) { return {__half2float(v.x), __half2float(v.y)}; }
__forceinline__ __half2 __half2half2(__half x) { return {x, x}; }
__forceinline__ __half2 __halves2half2(__half x, __half y) { return {x, y}; }
__forceinline__ __half2 make_half2(__half x, __half y) { return {x, y}; }
__forceinline__ __half __low2half(__half2 v) { return v.x; }
__forceinline__ __half __high2half(__half2 v) { return v.y; }
__forceinline__ float __low2float(__half2 v) { return __half2float(v.x); }
__forceinline__ float __high2float(__half2 v) { return __half2float(v.y); }

__forceinline__ __half __hadd(__half x, __half y) { return __half(static_cast<_Float16>(x.value + y.value)); }
__forceinline__ __half __hsub(__half x, __half y) { return __half(static_cast<_Float16>(x.value - y.value)); }
__forceinline__ __half __hmul(__half x, __half y) { return __half(static_cast<_Float16>(x.value * y.value)); }
__forceinline__ __half __hdiv(__half x, __half y) { return __half(static_cast<_Float16>(x.value / y.value)); }
__forceinline__ __half __hneg(__half x) { return __half(static_cast<_Float16>(-x.value)); }
__forceinline__ __half __hfma(__half x, __half y, __half z) {
    // The product of two halves is exact in double, so this rounds once up to double rounding of the last bit.
    return __half(static_cast<_Float16>(static_cast<double>(x.value) * static_cast<double>(y.value) +
                                        static_cast<double>(z.value)));
}
__forceinline__ __half __hmax(__half x, __half y) { return __half(fmaxf(__half2float(x), __half2float(y))); }
__forceinline__ __half __hmin(__half x, __half y) { return __half(fminf(__half2float(x), __half2float(y))); }
__forceinline__ __half2 __hadd2(__half2 a, __half2 b) { return {__hadd(a.x, b.x), __hadd(a.y, b.y)}; }
__forceinline__ __half2 __hsub2(__half2 a, __half2 b) { return {__hsub(a.x, b.x), __hsub(a.y, b.y)}; }
__forceinline__ __half2 __hmul2(__half2 a, __half2 b) { return {__hmul(a.x, b.x), __hmul(a.y, b.y)}; }
__forceinline__ __half2 __hfma2(__half2 a, __half2 b, __half2 c) {
    return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)};
}
__forceinline__ bool __hisnan(__half x) { return x.value != x.value; }

__forceinline__ __half operator+(__half x, __half y) { return __hadd(x, y); }
__forceinline__ __half operator-(__half x, __half y) { return __hsub(x, y); }
__forceinline__ __half operator*(__half x, __half y) { return __hmul(x, y); }
__forceinline__ __half operator/(__half x, __half y) { return __hdiv(x, y); }
