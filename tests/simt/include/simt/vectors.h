// CUDA's language keywords as g++ sees them, and the built-in vector types with their alignment.
#pragma once

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__

// The bound becomes a run of one-byte NOPs before the kernel's entry, and the compiler lists where each run starts in
// the section __patchable_function_entries. So the launcher can ask a function pointer for its bound
// (launch_bounds.cpp).
#define __launch_bounds__(...) SIMT_LAUNCH_BOUNDS(__VA_ARGS__, 0)
#define SIMT_LAUNCH_BOUNDS(threads, ...) \
    __attribute__((patchable_function_entry(sizeof(char[threads]), sizeof(char[threads]))))

struct __align__(2) char2 {
    signed char x, y;
};
struct __align__(4) char4 {
    signed char x, y, z, w;
};
struct __align__(2) uchar2 {
    unsigned char x, y;
};
struct __align__(4) uchar4 {
    unsigned char x, y, z, w;
};
struct __align__(4) short2 {
    short x, y;
};
struct __align__(4) ushort2 {
    unsigned short x, y;
};
struct __align__(8) ushort4 {
    unsigned short x, y, z, w;
};
struct __align__(8) int2 {
    int x, y;
};
struct int3 {
    int x, y, z;
};
struct __align__(16) int4 {
    int x, y, z, w;
};
struct __align__(8) uint2 {
    unsigned x, y;
};
struct uint3 {
    unsigned x, y, z;
};
struct __align__(16) uint4 {
    unsigned x, y, z, w;
};
struct __align__(8) float2 {
    float x, y;
};
struct float3 {
    float x, y, z;
};
struct __align__(16) float4 {
    float x, y, z, w;
};
struct __align__(16) double2 {
    double x, y;
};
struct __align__(16) longlong2 {
    long long x, y;
};

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
};

static inline uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) {
    return {x, y, z, w};
}
static inline int2 make_int2(int x, int y) { return {x, y}; }
static inline int3 make_int3(int x, int y, int z) { return {x, y, z}; }
static inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
static inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
static inline uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return {x, y, z}; }
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float3 make_float3(float x, float y, float z) { return {x, y, z}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
static inline double2 make_double2(double x, double y) { return {x, y}; }
