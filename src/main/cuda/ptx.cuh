// ptx.cuh
// WHAT      The only inline PTX of the project, and the only place where a kernel source differs between nvcc and the
//           SIMT emulator (tests/simt). Kernels include this file and contain no #ifdef of their own.
// ELEMENTS  T is __half or __nv_bfloat16 wherever a function is a template over T; sums are always float.
// SUMMARY   shared memory
//             DYNAMIC_SHARED(T, name);                     T* name: the block's dynamic shared memory, 128-byte aligned
//             SHARED_ARRAY(T, name, count);                T* or T[]: static shared memory, 16-byte aligned
//           asynchronous copies (16, 8 or 4 bytes, both addresses aligned to that size)
//             cp_async<BYTES>(shared, global, valid)       copies, or fills with zeros when !valid (global is not read)
//             cp_async_partial<BYTES>(shared, global, n)   copies the first n bytes and zeros the rest
//             cp_async_commit(); cp_async_wait<N>();       waits until at most N of the newest groups are unfinished
//           matrix fragments, all lanes of the warp together
//             ldmatrix<TRANSPOSED>(r, row)                 r is uint32_t[1], [2] or [4]; lane l names row l (16 bytes)
//             load_a<TRANSPOSED>(a, rows)                  a[MI][4]: MI times ldmatrix.x4
//             load_b<TRANSPOSED>(b, rows)                  b[NI][2]: NI / 2 times ldmatrix.x4, two n8 tiles from each
//             mma<T>(d, a, b)                              d (16x8) += a (16x16, row) * b (16x8, column)
//             mma_tile<T>(d, a, b)                         d[MI][NI][4] += a[MI][4] * b[NI][2]
//             mma_k8<T>, mma_tile_k8<T>                    the same for k = 8: a[..][2] * b[..][1]
//           others
//             load_nc16(p)                                 16 bytes of memory that no one writes during the kernel
//             exp2(x)                                      2^x, relative error about 2^-22, denormals are zero
//             pack<T>(low, high)                           two floats, rounded to T, in one register
// FRAGMENTS lane = 4 g + t (PTX ISA, "Matrix Fragments for mma.m16n8k16"); each register holds two neighbours:
//             a0 (row g,   k 2t..)   a1 (row g+8, k 2t..)   a2 (row g, k 2t+8..)   a3 (row g+8, k 2t+8..)
//             b0 (k 2t.., col g)     b1 (k 2t+8.., col g)
//             d0 d1 (row g, col 2t, 2t+1)   d2 d3 (row g+8, col 2t, 2t+1)
//           A row-major [16][16] tile: row address of lane l is tile + (l % 16) * pitch + (l / 16) * 8.
//           B stored [N][K] (a Linear weight): two n8 tiles per x4, row (l % 8) + (l / 16) * 8, column (l / 8 % 2) * 8.
//           B stored [K][N] (V in attention): TRANSPOSED, row = l % 16, column = (l / 16) * 8.
// SPEED     In the emulator a warp collective costs one fiber switch per lane, whatever its size: use load_a, load_b and
//           mma_tile rather than single instructions. On a GPU both give the same instructions.
// LIMITS    sm_80 and newer.
// SOURCE    PTX ISA 8.x, sections "cp.async", "ldmatrix", "mma", "ex2".
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#ifdef __CUDACC__
#define DYNAMIC_SHARED(T, name)                                       \
    extern __shared__ __align__(128) unsigned char dynamic_shared_[]; \
    T* name = reinterpret_cast<T*>(dynamic_shared_)
#define SHARED_ARRAY(T, name, count) __shared__ __align__(16) T name[count]
#else
#define DYNAMIC_SHARED(T, name) T* name = static_cast<T*>(::simt::dynamic_shared())
#define SHARED_ARRAY(T, name, count)    \
    static const char name##_site_ = 0; \
    T* name = static_cast<T*>(::simt::static_shared(&name##_site_, sizeof(T) * (count)))
#endif

namespace ptx {

#ifdef __CUDACC__
__device__ __forceinline__ uint32_t shared_address(const void* p) {
    return static_cast<uint32_t>(__cvta_generic_to_shared(p));
}
#else
template <class T>
constexpr ::simt::Element element_of = std::is_same_v<T, __nv_bfloat16> ? ::simt::Element::bf16 : ::simt::Element::f16;
#endif

// ---- asynchronous copies from global to shared memory --------------------------------------------------------------

template <int BYTES>
__device__ __forceinline__ void cp_async_partial(void* shared, const void* global, int source_bytes) {
    static_assert(BYTES == 16 || BYTES == 8 || BYTES == 4, "cp.async copies 4, 8 or 16 bytes");
#ifndef __CUDACC__
    ::simt::cp_async(shared, global, BYTES, source_bytes);
#else
    if constexpr (BYTES == 16) {
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(shared_address(shared)), "l"(global),
                     "r"(source_bytes)
                     : "memory");
    } else {
        asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;\n" ::"r"(shared_address(shared)), "l"(global),
                     "n"(BYTES), "r"(source_bytes)
                     : "memory");
    }
#endif
}

template <int BYTES>
__device__ __forceinline__ void cp_async(void* shared, const void* global, bool valid = true) {
    cp_async_partial<BYTES>(shared, global, valid ? BYTES : 0);
}

__device__ __forceinline__ void cp_async_commit() {
#ifndef __CUDACC__
    ::simt::cp_async_commit();
#else
    asm volatile("cp.async.commit_group;\n" ::: "memory");
#endif
}

template <int PENDING>
__device__ __forceinline__ void cp_async_wait() {
#ifndef __CUDACC__
    ::simt::cp_async_wait(PENDING);
#else
    asm volatile("cp.async.wait_group %0;\n" ::"n"(PENDING) : "memory");
#endif
}

// ---- fragments from shared memory ----------------------------------------------------------------------------------

template <bool TRANSPOSED = false, int N>
__device__ __forceinline__ void ldmatrix(uint32_t (&r)[N], const void* row) {
    static_assert(N == 1 || N == 2 || N == 4, "ldmatrix loads 1, 2 or 4 matrices");
#ifndef __CUDACC__
    ::simt::ldmatrix(r, &row, 1, N, TRANSPOSED);
#else
    uint32_t address = shared_address(row);
    if constexpr (N == 1 && !TRANSPOSED) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];\n" : "=r"(r[0]) : "r"(address) : "memory");
    } else if constexpr (N == 1) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%0}, [%1];\n"
                     : "=r"(r[0])
                     : "r"(address)
                     : "memory");
    } else if constexpr (N == 2 && !TRANSPOSED) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];\n"
                     : "=r"(r[0]), "=r"(r[1])
                     : "r"(address)
                     : "memory");
    } else if constexpr (N == 2) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];\n"
                     : "=r"(r[0]), "=r"(r[1])
                     : "r"(address)
                     : "memory");
    } else if constexpr (!TRANSPOSED) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                     : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                     : "r"(address)
                     : "memory");
    } else {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                     : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                     : "r"(address)
                     : "memory");
    }
#endif
}

template <bool TRANSPOSED = false, int MI>
__device__ __forceinline__ void load_a(uint32_t (&a)[MI][4], const void* const (&rows)[MI]) {
#ifndef __CUDACC__
    ::simt::ldmatrix(&a[0][0], rows, MI, 4, TRANSPOSED);
#else
#pragma unroll
    for (int i = 0; i < MI; i++) {
        ldmatrix<TRANSPOSED>(a[i], rows[i]);
    }
#endif
}

template <bool TRANSPOSED = false, int NI, int PAIRS>
__device__ __forceinline__ void load_b(uint32_t (&b)[NI][2], const void* const (&rows)[PAIRS]) {
    static_assert(NI == 2 * PAIRS, "one row address per two n8 tiles");
#ifndef __CUDACC__
    ::simt::ldmatrix(&b[0][0], rows, PAIRS, 4, TRANSPOSED);
#else
#pragma unroll
    for (int j = 0; j < PAIRS; j++) {
        uint32_t r[4];
        ldmatrix<TRANSPOSED>(r, rows[j]);
        b[2 * j][0] = r[0];
        b[2 * j][1] = r[1];
        b[2 * j + 1][0] = r[2];
        b[2 * j + 1][1] = r[3];
    }
#endif
}

// ---- products of fragments -----------------------------------------------------------------------------------------

template <class T>
__device__ __forceinline__ void mma(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
#ifndef __CUDACC__
    ::simt::mma(element_of<T>, d, a, b, 1, 1, 16);
#else
    if constexpr (std::is_same_v<T, __nv_bfloat16>) {
        asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
            "{%0,%1,%2,%3};\n"
            : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
    } else {
        asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
            : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
    }
#endif
}

template <class T>
__device__ __forceinline__ void mma_k8(float (&d)[4], const uint32_t (&a)[2], const uint32_t (&b)[1]) {
#ifndef __CUDACC__
    ::simt::mma(element_of<T>, d, a, b, 1, 1, 8);
#else
    if constexpr (std::is_same_v<T, __nv_bfloat16>) {
        asm volatile(
            "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};\n"
            : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
            : "r"(a[0]), "r"(a[1]), "r"(b[0]));
    } else {
        asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};\n"
                     : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                     : "r"(a[0]), "r"(a[1]), "r"(b[0]));
    }
#endif
}

template <class T, int MI, int NI>
__device__ __forceinline__ void mma_tile(float (&d)[MI][NI][4], const uint32_t (&a)[MI][4],
                                         const uint32_t (&b)[NI][2]) {
#ifndef __CUDACC__
    ::simt::mma(element_of<T>, &d[0][0][0], &a[0][0], &b[0][0], MI, NI, 16);
#else
#pragma unroll
    for (int i = 0; i < MI; i++) {
#pragma unroll
        for (int j = 0; j < NI; j++) {
            mma<T>(d[i][j], a[i], b[j]);
        }
    }
#endif
}

template <class T, int MI, int NI>
__device__ __forceinline__ void mma_tile_k8(float (&d)[MI][NI][4], const uint32_t (&a)[MI][2],
                                            const uint32_t (&b)[NI][1]) {
#ifndef __CUDACC__
    ::simt::mma(element_of<T>, &d[0][0][0], &a[0][0], &b[0][0], MI, NI, 8);
#else
#pragma unroll
    for (int i = 0; i < MI; i++) {
#pragma unroll
        for (int j = 0; j < NI; j++) {
            mma_k8<T>(d[i][j], a[i], b[j]);
        }
    }
#endif
}

// ---- others --------------------------------------------------------------------------------------------------------

__device__ __forceinline__ uint4 load_nc16(const void* p) {
#ifndef __CUDACC__
    return *static_cast<const uint4*>(p);
#else
    uint4 v;
    asm("ld.global.nc.v4.u32 {%0,%1,%2,%3}, [%4];\n" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(p));
    return v;
#endif
}

__device__ __forceinline__ float exp2(float x) {
#ifndef __CUDACC__
    return exp2f(x);
#else
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
#endif
}

template <class T>
__device__ __forceinline__ uint32_t pack(float low, float high) {
    uint32_t bits;
    if constexpr (std::is_same_v<T, __nv_bfloat16>) {
        __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
        memcpy(&bits, &pair, sizeof bits);
    } else {
        __half2 pair = __floats2half2_rn(low, high);
        memcpy(&bits, &pair, sizeof bits);
    }
    return bits;
}

}  // namespace ptx
