// Kernels with one mistake each, next to the same kernel without it: BUG is the template argument.
#include "ptx.cuh"
#include "self_test.h"

using namespace self_test;

namespace {

#ifdef __SANITIZE_THREAD__
constexpr bool CHECKED = true;
#else
constexpr bool CHECKED = false;
#endif

// Arguments of every kernel: out has room for 256 floats, in for 256 floats.
using Kernel = void (*)(float* out, const float* in);

template <bool BUG>
__global__ void uninitialised_shared(float* out, const float*) {
    SHARED_ARRAY(float, s, 64);
    if (!BUG || threadIdx.x < 32) {
        s[threadIdx.x] = 1.0f;
    }
    __syncthreads();
    out[threadIdx.x] = s[threadIdx.x];
}

template <bool BUG>
__global__ void misaligned_vector(float* out, const float* in) {
    float4 v = *reinterpret_cast<const float4*>(in + threadIdx.x * (BUG ? 1 : 4) % 128);
    out[threadIdx.x] = v.x;
}

template <bool BUG>
__global__ void divergent_barrier(float* out, const float*) {
    if (!BUG || threadIdx.x < 40) {
        __syncthreads();
    }
    out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1.0f, 1);
}

template <bool BUG>
__global__ void barrier_missed_by_exited_threads(float* out, const float*) {
    if (BUG && threadIdx.x >= 32) {
        return;
    }
    __syncthreads();
    out[threadIdx.x] = 1.0f;
}

template <bool BUG>
__global__ void half_warp_shuffle(float* out, const float*) {
    if (!BUG || threadIdx.x % 32 < 16) {
        out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1.0f, 1);
    }
}

template <bool BUG>
__global__ void shuffle_from_outside_the_mask(float* out, const float*) {
    if (threadIdx.x % 32 < 16) {
        out[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, 1.0f, BUG ? 16 : 8);
    }
}

template <bool BUG>
__global__ void disagreeing_masks(float* out, const float*) {
    unsigned mask = BUG && threadIdx.x % 32 == 31 ? 0xffff0000u : 0xffffffffu;
    out[threadIdx.x] = __shfl_xor_sync(mask, 1.0f, 1);
}

template <bool BUG>
__global__ void shared_out_of_bounds(float* out, const float*) {
    DYNAMIC_SHARED(float, s);
    s[threadIdx.x + (BUG ? 1 : 0)] = 1.0f;
    __syncthreads();
    out[threadIdx.x] = s[threadIdx.x + (BUG ? 1 : 0)];
}

template <bool BUG>
__global__ void static_array_overrun(float* out, const float*) {
    SHARED_ARRAY(float, s, 64);
    SHARED_ARRAY(float, behind, 64);
    behind[threadIdx.x] = 2.0f;
    s[threadIdx.x + (BUG ? 8 : 0)] = 1.0f;
    __syncthreads();
    out[threadIdx.x] = behind[threadIdx.x];
}

template <bool BUG>
__global__ void race_within_a_warp(float* out, const float*) {
    SHARED_ARRAY(float, s, 64);
    s[threadIdx.x] = 0.0f;
    __syncthreads();
    s[threadIdx.x] = static_cast<float>(threadIdx.x);
    if (!BUG) {
        __syncwarp();
    }
    out[threadIdx.x] = s[threadIdx.x ^ 1];
}

template <bool BUG>
__global__ void missing_barrier(float* out, const float*) {
    SHARED_ARRAY(float, s, 64);
    s[threadIdx.x] = 0.0f;
    __syncthreads();
    s[threadIdx.x] = 1.0f;
    if (!BUG) {
        __syncthreads();
    }
    out[threadIdx.x] = s[threadIdx.x ^ 32];
}

// The numbers are right in every order of this emulator: only the checker sees it.
template <bool BUG>
__global__ void overwritten_before_a_barrier(float* out, const float*) {
    SHARED_ARRAY(float, s, 2);
    float sum = 0.0f;
    for (int i = 0; i < 4; i++) {
        if (threadIdx.x == 0) {
            s[i % 2] = static_cast<float>(i);
        }
        __syncthreads();
        sum += s[i % 2];
        if (!BUG && i % 2 == 1) {
            __syncthreads();
        }
        if (BUG && threadIdx.x == 0) {
            s[i % 2] = 0.0f;
        }
    }
    out[threadIdx.x] = sum;
}

template <bool BUG>
__global__ void wait_allows_too_many_groups(float* out, const float* in) {
    SHARED_ARRAY(float, s, 256);
    ptx::cp_async<16>(s + threadIdx.x * 4, in + threadIdx.x * 4);
    ptx::cp_async_commit();
    ptx::cp_async_wait<BUG ? 1 : 0>();
    out[threadIdx.x] = s[threadIdx.x * 4];
    ptx::cp_async_wait<0>();
}

template <bool BUG>
__global__ void copy_without_barrier(float* out, const float* in) {
    SHARED_ARRAY(float, s, 256);
    for (int i = 0; i < 4; i++) {
        s[threadIdx.x * 4 + i] = 0.0f;
    }
    __syncthreads();
    ptx::cp_async<16>(s + threadIdx.x * 4, in + threadIdx.x * 4);
    ptx::cp_async_commit();
    ptx::cp_async_wait<0>();
    if (!BUG) {
        __syncthreads();
    }
    out[threadIdx.x] = s[(threadIdx.x * 4 + 128) % 256];
}

template <bool BUG>
__global__ void exit_with_copy_in_flight(float* out, const float* in) {
    SHARED_ARRAY(float, s, 256);
    ptx::cp_async<16>(s + threadIdx.x * 4, in + threadIdx.x * 4);
    ptx::cp_async_commit();
    if (!BUG) {
        ptx::cp_async_wait<0>();
    }
    out[threadIdx.x] = 1.0f;
}

template <bool BUG>
__global__ void misaligned_copy(float* out, const float* in) {
    SHARED_ARRAY(float, s, 256);
    ptx::cp_async<16>(s + threadIdx.x * 4, in + threadIdx.x * 4 % 128 + (BUG ? 2 : 0));
    ptx::cp_async_commit();
    ptx::cp_async_wait<0>();
    out[threadIdx.x] = s[threadIdx.x * 4];
}

template <bool BUG>
__global__ void copy_out_of_bounds(float* out, const float* in) {
    SHARED_ARRAY(float, s, 256);
    ptx::cp_async<16>(s + threadIdx.x * 4, in + threadIdx.x * 4 + (BUG ? 4 : 0));
    ptx::cp_async_commit();
    ptx::cp_async_wait<0>();
    out[threadIdx.x] = s[threadIdx.x * 4];
}

template <bool BUG>
__global__ void misaligned_matrix_row(float* out, const float*) {
    SHARED_ARRAY(__half, s, 1024);
    for (int i = 0; i < 16; i++) {
        s[threadIdx.x * 16 + i] = __float2half(1.0f);
    }
    __syncthreads();
    uint32_t r[1];
    ptx::ldmatrix(r, s + threadIdx.x % 8 * 8 + (BUG ? 4 : 0));
    out[threadIdx.x] = static_cast<float>(r[0] & 0xffffu);
}

template <bool BUG>
__global__ void matrix_outside_shared_memory(float* out, const float* in) {
    SHARED_ARRAY(float, s, 64);
    s[threadIdx.x] = 1.0f;
    __syncthreads();
    uint32_t r[1];
    ptx::ldmatrix(r, (BUG ? in : s) + threadIdx.x % 8 * 4);
    out[threadIdx.x] = static_cast<float>(r[0] & 0xffffu);
}

template <bool BUG>
__global__ void global_write_out_of_bounds(float* out, const float*) {
    out[threadIdx.x * 4 + 3 + (BUG ? 1 : 0)] = 1.0f;
}

template <bool BUG>
__global__ void global_read_out_of_bounds(float* out, const float* in) {
    out[threadIdx.x] = in[static_cast<int>(threadIdx.x) - (BUG ? 1 : 0)];
}

template <bool BUG>
__global__ void blocks_write_the_same_place(float* out, const float*) {
    out[BUG ? threadIdx.x : blockIdx.x * blockDim.x + threadIdx.x] = static_cast<float>(blockIdx.x);
}

template <bool BUG>
__global__ void block_reads_what_another_writes(float* out, const float*) {
    float v = out[(blockIdx.x * blockDim.x + threadIdx.x + (BUG ? blockDim.x : 0)) % 256];
    out[blockIdx.x * blockDim.x + threadIdx.x] = v + 1.0f;
}

template <bool BUG>
__global__ void atomic_on_uninitialised_shared(float* out, const float*) {
    SHARED_ARRAY(unsigned, count, 1);
    if (!BUG && threadIdx.x == 0) {
        count[0] = 0;
    }
    __syncthreads();
    atomicAdd(count, 1u);
    __syncthreads();
    out[threadIdx.x] = static_cast<float>(count[0]);
}

template <bool BUG>
__global__ void atomic_out_of_bounds(float* out, const float*) {
    atomicAdd(out + (BUG ? 256 : 255), 1.0f);
}

template <bool BUG>
__global__ void trapped(float* out, const float*) {
    if (BUG && threadIdx.x == 63) {
        __trap();
    }
    out[threadIdx.x] = 1.0f;
}

enum class FoundBy { both_builds, checking_build };

void pair(const std::string& name, Kernel bug, Kernel twin, const std::string& text, FoundBy by,
          Shape shape = {1, 64, 256}) {
    DeviceArray<float> out(256), in(256);
    expect_clean(name + " (correct twin)", run(shape, twin, out.get(), in.get()));
    if (CHECKED || by == FoundBy::both_builds) {
        std::string error = run(shape, bug, out.get(), in.get());
        expect_found(name, error, text);
        bool located = by == FoundBy::both_builds || error.find("planted_bugs.cu:") != std::string::npos;
        expect(located, name + " names the line", error);
    }
    expect_clean(name + " (correct twin again)", run(shape, twin, out.get(), in.get()));
}

#define PAIR(name, ...) pair(#name, name<true>, name<false>, __VA_ARGS__)

void pointers_into_wrong_memory() {
    DeviceArray<float> out(256), in(256);
    float host[256] = {};
    float* freed = nullptr;
    cudaMalloc(&freed, 256 * sizeof(float));
    cudaFree(freed);
    expect_clean("device pointer",
                 run({}, global_read_out_of_bounds<false>, out.get(), static_cast<const float*>(in.get())));
    if (CHECKED) {
        expect_found("host pointer",
                     run({}, global_read_out_of_bounds<false>, out.get(), static_cast<const float*>(host)),
                     "not device memory");
        expect_found("freed pointer",
                     run({}, global_read_out_of_bounds<false>, out.get(), static_cast<const float*>(freed)),
                     "use after free");
    }
}

}  // namespace

void self_test::planted_bugs() {
    const FoundBy always = FoundBy::both_builds, checked = FoundBy::checking_build;
    PAIR(uninitialised_shared, "uninitialised shared memory", checked);
    PAIR(misaligned_vector, "misaligned", checked);
    PAIR(divergent_barrier, "deadlock", always);
    PAIR(barrier_missed_by_exited_threads, "divergent barrier", checked);
    PAIR(half_warp_shuffle, "deadlock|names lanes that exited", always);
    PAIR(shuffle_from_outside_the_mask, "not in the mask", always);
    PAIR(disagreeing_masks, "lanes disagree about the mask", always);
    PAIR(shared_out_of_bounds, "shared memory write out of bounds", checked);
    PAIR(static_array_overrun, "shared memory write out of bounds", checked);
    PAIR(race_within_a_warp, "race: shared memory", checked);
    PAIR(missing_barrier, "race: shared memory", checked);
    PAIR(overwritten_before_a_barrier, "race: shared memory", checked);
    PAIR(wait_allows_too_many_groups, "cp.async to it is in flight", checked);
    PAIR(copy_without_barrier, "race: shared memory", checked);
    PAIR(exit_with_copy_in_flight, "exits with cp.async copies in flight", checked);
    PAIR(misaligned_copy, "cp.async: an address is not aligned", always);
    PAIR(copy_out_of_bounds, "global memory read of 16 bytes: out of bounds", checked);
    PAIR(misaligned_matrix_row, "not 16-byte aligned", always);
    PAIR(matrix_outside_shared_memory, "not in shared memory", always);
    PAIR(global_write_out_of_bounds, "global memory write of 4 bytes: out of bounds", checked);
    PAIR(global_read_out_of_bounds, "global memory read of 4 bytes", checked);
    PAIR(blocks_write_the_same_place, "race between blocks", checked, {4, 64, 0});
    PAIR(block_reads_what_another_writes, "race between blocks", checked, {4, 64, 0});
    PAIR(atomic_on_uninitialised_shared, "atomic on uninitialised shared memory", checked);
    PAIR(atomic_out_of_bounds, "global memory atomic of 4 bytes: out of bounds", checked);
    PAIR(trapped, "__trap", always);
    pointers_into_wrong_memory();
}
