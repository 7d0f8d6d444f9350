// CUDA's fast and global-namespace arithmetic, at full precision: the emulator proves indexing and synchronisation,
// and its results are at least as exact as a GPU's.
#pragma once

#include "vectors.h"

#include <math.h>

#include <cstdint>
#include <cstring>

// glibc declares its own __expf and friends, so functions of these names cannot be defined.
#define __expf(x) expf(x)
#define __exp10f(x) exp10f(x)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __powf(x, y) powf(x, y)

static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline float __frsqrt_rn(float x) { return 1.0f / sqrtf(x); }
static inline float __frcp_rn(float x) { return 1.0f / x; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __fdiv_rn(float x, float y) { return x / y; }
static inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
static inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }

static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __clz(int x) { return x ? __builtin_clz(static_cast<unsigned>(x)) : 32; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline unsigned __umulhi(unsigned x, unsigned y) { return static_cast<unsigned>((uint64_t{x} * y) >> 32); }
static inline int __mulhi(int x, int y) { return static_cast<int>((int64_t{x} * y) >> 32); }

template <class To, class From>
__forceinline__ To simt_bits(From v) {
    static_assert(sizeof(To) == sizeof(From), "same size");
    To r;
    memcpy(&r, &v, sizeof r);
    return r;
}
__forceinline__ float __uint_as_float(unsigned v) { return simt_bits<float>(v); }
__forceinline__ unsigned __float_as_uint(float v) { return simt_bits<unsigned>(v); }
__forceinline__ float __int_as_float(int v) { return simt_bits<float>(v); }
__forceinline__ int __float_as_int(float v) { return simt_bits<int>(v); }
static inline int __float2int_rn(float x) { return static_cast<int>(rintf(x)); }
static inline int __float2int_rd(float x) { return static_cast<int>(floorf(x)); }

#define SIMT_MIN_MAX(T)                                     \
    static inline T min(T x, T y) { return x < y ? x : y; } \
    static inline T max(T x, T y) { return x > y ? x : y; }
SIMT_MIN_MAX(int)
SIMT_MIN_MAX(unsigned)
SIMT_MIN_MAX(long)
SIMT_MIN_MAX(unsigned long)
SIMT_MIN_MAX(long long)
SIMT_MIN_MAX(unsigned long long)
#undef SIMT_MIN_MAX
static inline float min(float x, float y) { return fminf(x, y); }
static inline float max(float x, float y) { return fmaxf(x, y); }
