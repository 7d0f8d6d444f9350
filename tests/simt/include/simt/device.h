// What device code can use besides plain C++: its coordinates, barriers, warp collectives, atomics, and the emulated
// bodies of the functions in ptx.cuh.
#pragma once

#include "vectors.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

// Real variables, not macros: cudaLaunchConfig_t has members called gridDim and blockDim. Initial-exec thread-locals
// of plain types cost one load each, but their room is small in a library that a JVM opens with dlopen: keep them few.
#define SIMT_THREAD_LOCAL extern __thread __attribute__((tls_model("initial-exec")))
SIMT_THREAD_LOCAL uint3 threadIdx;
SIMT_THREAD_LOCAL uint3 blockIdx;
SIMT_THREAD_LOCAL uint3 blockDim;
SIMT_THREAD_LOCAL uint3 gridDim;
static constexpr int warpSize = 32;

namespace simt {

enum class Element { f16, bf16 };
enum class Shuffle { index, exclusive_or, up, down };
enum class Vote { ballot, any, all };

// ---- memory ----
void* dynamic_shared();
void* static_shared(const void* site, size_t bytes);
void cp_async(void* shared, const void* global, int bytes, int source_bytes);
void cp_async_commit();
void cp_async_wait(int pending_groups);

// ---- collectives ----
void syncthreads();
void syncwarp(unsigned mask);
uint64_t shuffle(unsigned mask, uint64_t value, int argument, Shuffle kind, int width);
unsigned vote(unsigned mask, bool predicate, Vote kind);
// Each lane names `count` rows; register r[i * matrices + m] of every lane comes from the rows of lanes 8 m .. 8 m
// + 7.
void ldmatrix(uint32_t* r, const void* const* rows, int count, int matrices, bool transposed);
// d[mi][ni][4] += a[mi][k / 4] * b[ni][k / 8]; k is 16 or 8.
void mma(Element type, float* d, const uint32_t* a, const uint32_t* b, int mi, int ni, int k);

// ---- atomics ----
enum class Atomic { add, min, max, exchange };
int atomic(int* p, int v, Atomic kind);
unsigned atomic(unsigned* p, unsigned v, Atomic kind);
unsigned long long atomic(unsigned long long* p, unsigned long long v, Atomic kind);
float atomic(float* p, float v, Atomic kind);
unsigned compare_and_swap(unsigned* p, unsigned expected, unsigned v);

void thread_fence();
void trap();

template <class T>
inline T shuffle_value(unsigned mask, T v, int argument, Shuffle kind, int width) {
    static_assert(sizeof(T) <= 8, "shuffles move at most 8 bytes");
    uint64_t bits = 0;
    memcpy(&bits, &v, sizeof v);
    bits = shuffle(mask, bits, argument, kind, width);
    memcpy(&v, &bits, sizeof v);
    return v;
}

}  // namespace simt

#define __syncthreads ::simt::syncthreads
static inline void __syncwarp(unsigned mask = 0xffffffffu) { simt::syncwarp(mask); }
static inline void __threadfence() { simt::thread_fence(); }
static inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __trap() { simt::trap(); }

template <class T>
__forceinline__ T __shfl_sync(unsigned mask, T v, int lane, int width = 32) {
    return simt::shuffle_value(mask, v, lane, simt::Shuffle::index, width);
}
template <class T>
__forceinline__ T __shfl_xor_sync(unsigned mask, T v, int lanes, int width = 32) {
    return simt::shuffle_value(mask, v, lanes, simt::Shuffle::exclusive_or, width);
}
template <class T>
__forceinline__ T __shfl_up_sync(unsigned mask, T v, unsigned lanes, int width = 32) {
    return simt::shuffle_value(mask, v, static_cast<int>(lanes), simt::Shuffle::up, width);
}
template <class T>
__forceinline__ T __shfl_down_sync(unsigned mask, T v, unsigned lanes, int width = 32) {
    return simt::shuffle_value(mask, v, static_cast<int>(lanes), simt::Shuffle::down, width);
}
__forceinline__ unsigned __ballot_sync(unsigned mask, int p) { return simt::vote(mask, p != 0, simt::Vote::ballot); }
__forceinline__ int __any_sync(unsigned mask, int p) { return simt::vote(mask, p != 0, simt::Vote::any) != 0; }
__forceinline__ int __all_sync(unsigned mask, int p) { return simt::vote(mask, p != 0, simt::Vote::all) != 0; }

template <class T>
__forceinline__ T atomicAdd(T* p, T v) {
    return simt::atomic(p, v, simt::Atomic::add);
}
template <class T>
__forceinline__ T atomicMin(T* p, T v) {
    return simt::atomic(p, v, simt::Atomic::min);
}
template <class T>
__forceinline__ T atomicMax(T* p, T v) {
    return simt::atomic(p, v, simt::Atomic::max);
}
template <class T>
__forceinline__ T atomicExch(T* p, T v) {
    return simt::atomic(p, v, simt::Atomic::exchange);
}
__forceinline__ unsigned atomicCAS(unsigned* p, unsigned expected, unsigned v) {
    return simt::compare_and_swap(p, expected, v);
}

template <class T>
__forceinline__ T __ldg(const T* p) {
    return *p;
}
template <class T>
__forceinline__ T __ldcs(const T* p) {
    return *p;
}
template <class T>
__forceinline__ void __stcs(T* p, T v) {
    *p = v;
}
