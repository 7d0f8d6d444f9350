// Warp functions, matrix fragments, copies and number formats of the emulator, against plain loops.
#include "ptx.cuh"
#include "self_test.h"

#include <cmath>
#include <vector>

using namespace self_test;

namespace {

void expect_equal(const std::string& name, double found, double expected, double limit = 0) {
    expect(std::fabs(found - expected) <= limit, name,
           "expected " + std::to_string(expected) + ", found " + std::to_string(found));
}

__global__ void warp_functions(int* out) {
    int lane = static_cast<int>(threadIdx.x) % 32;
    int* to = out + threadIdx.x * 8;
    to[0] = __shfl_sync(0xffffffffu, lane, 5);
    to[1] = __shfl_up_sync(0xffffffffu, lane, 3, 16);
    to[2] = __shfl_down_sync(0xffffffffu, lane, 4, 8);
    to[3] = __shfl_xor_sync(0xffffffffu, lane, 9);
    to[4] = static_cast<int>(__ballot_sync(0xffffffffu, lane % 3 == 0));
    to[5] = __any_sync(0xffffffffu, lane == 7) * 2 + __all_sync(0xffffffffu, lane < 32);
    to[6] = static_cast<int>(__shfl_xor_sync(0xffffffffu, static_cast<double>(lane), 1) * 2);
    to[7] = lane % 2 ? __shfl_xor_sync(0xaaaaaaaau, lane, 2) : __shfl_xor_sync(0x55555555u, lane, 2);
}

void test_warp_functions() {
    DeviceArray<int> out(64 * 8);
    expect_clean("warp functions", run({1, 64, 0}, warp_functions, out.get()));
    for (int thread : {0, 3, 15, 16, 31, 40}) {
        int lane = thread % 32;
        size_t at = static_cast<size_t>(thread) * 8;
        std::string name = "lane " + std::to_string(lane);
        expect_equal(name + " index", out[at], 5);
        expect_equal(name + " up", out[at + 1], lane % 16 < 3 ? lane : lane - 3);
        expect_equal(name + " down", out[at + 2], lane % 8 + 4 > 7 ? lane : lane + 4);
        expect_equal(name + " xor", out[at + 3], lane ^ 9);
        expect_equal(name + " ballot", static_cast<unsigned>(out[at + 4]), 0x49249249u);
        expect_equal(name + " votes", out[at + 5], 3);
        expect_equal(name + " double", out[at + 6], (lane ^ 1) * 2);
        expect_equal(name + " half warps", out[at + 7], lane ^ 2);
    }
}

constexpr int MI = 2, NI = 3, M = MI * 16, N = NI * 8 + 8, K = 16;

// c = a * b for one warp; a [M][K], b [N][K] or, TRANSPOSED, [K][N].
template <class T, bool TRANSPOSED, int DEPTH>
__global__ void product(const T* a, const T* b, float* c) {
    SHARED_ARRAY(T, sa, M * K);
    SHARED_ARRAY(T, sb, N * K);
    int lane = static_cast<int>(threadIdx.x);
    for (int i = lane; i < M * K; i += 32) {
        sa[i] = a[i];
    }
    for (int i = lane; i < N * K; i += 32) {
        sb[i] = b[i];
    }
    __syncwarp();
    const void* a_rows[MI];
    const void* b_rows[2];
    for (int i = 0; i < MI; i++) {
        a_rows[i] = sa + (i * 16 + lane % 16) * K + lane / 16 * 8;
    }
    for (int j = 0; j < 2; j++) {
        b_rows[j] = TRANSPOSED ? sb + lane % 16 * N + j * 16 + lane / 16 * 8
                               : sb + (j * 16 + lane % 8 + lane / 16 * 8) * K + lane / 8 % 2 * 8;
    }
    uint32_t fa[MI][4], fb[4][2];
    ptx::load_a(fa, a_rows);
    ptx::load_b<TRANSPOSED>(fb, b_rows);
    float d[MI][4][4] = {};
    if constexpr (DEPTH == 16) {
        uint32_t three[NI][2] = {{fb[0][0], fb[0][1]}, {fb[1][0], fb[1][1]}, {fb[2][0], fb[2][1]}};
        float d3[MI][NI][4] = {};
        ptx::mma_tile<T>(d3, fa, three);
        for (int i = 0; i < MI; i++) {
            ptx::mma<T>(d[i][3], fa[i], fb[3]);
            for (int e = 0; e < NI * 4; e++) {
                d[i][e / 4][e % 4] = d3[i][e / 4][e % 4];
            }
        }
    } else {
        uint32_t half_a[MI][2] = {{fa[0][0], fa[0][1]}, {fa[1][0], fa[1][1]}};
        uint32_t half_b[4][1] = {{fb[0][0]}, {fb[1][0]}, {fb[2][0]}, {fb[3][0]}};
        ptx::mma_tile_k8<T>(d, half_a, half_b);
    }
    for (int i = 0; i < MI; i++) {
        for (int j = 0; j < 4; j++) {
            for (int e = 0; e < 4; e++) {
                c[(i * 16 + lane / 4 + e / 2 * 8) * N + j * 8 + lane % 4 * 2 + e % 2] = d[i][j][e];
            }
        }
    }
}

template <class T, bool TRANSPOSED, int DEPTH>
void test_product(const std::string& name) {
    std::vector<T> a(M * K), b(N * K);
    for (int i = 0; i < M * K; i++) {
        a[static_cast<size_t>(i)] = T(static_cast<float>(i * 7 % 31 - 15));
    }
    for (int i = 0; i < N * K; i++) {
        b[static_cast<size_t>(i)] = T(static_cast<float>(i * 5 % 23 - 11));
    }
    DeviceArray<T> da(a.size()), db(b.size());
    DeviceArray<float> dc(M * N);
    cudaMemcpy(da.get(), a.data(), a.size() * sizeof(T), cudaMemcpyHostToDevice);
    cudaMemcpy(db.get(), b.data(), b.size() * sizeof(T), cudaMemcpyHostToDevice);
    expect_clean(name, run({1, 32, 0}, product<T, TRANSPOSED, DEPTH>, static_cast<const T*>(da.get()),
                           static_cast<const T*>(db.get()), dc.get()));
    double worst = 0;
    for (int m = 0; m < M; m++) {
        for (int n = 0; n < N; n++) {
            double sum = 0;
            for (int k = 0; k < DEPTH; k++) {
                sum += static_cast<double>(a[static_cast<size_t>(m * K + k)]) *
                       static_cast<double>(b[static_cast<size_t>(TRANSPOSED ? k * N + n : n * K + k)]);
            }
            worst = std::fmax(worst, std::fabs(sum - static_cast<double>(dc[static_cast<size_t>(m * N + n)])));
        }
    }
    expect_equal(name + ": largest error", worst, 0);
}

__global__ void copies_with_zeros(const float* in, float* out) {
    SHARED_ARRAY(float, s, 32 * 4 + 32 * 2 + 32);
    int t = static_cast<int>(threadIdx.x);
    ptx::cp_async<16>(s + t * 4, in + t * 4, t % 2 == 0);
    ptx::cp_async<8>(s + 128 + t * 2, in + t * 2, t % 3 == 0);
    ptx::cp_async_partial<4>(s + 192 + t, in + t, t % 4 == 0 ? 4 : 0);
    ptx::cp_async_commit();
    ptx::cp_async_wait<0>();
    out[t * 3] = s[t * 4 + 3];
    out[t * 3 + 1] = s[128 + t * 2 + 1];
    out[t * 3 + 2] = s[192 + t];
}

void test_copies() {
    std::vector<float> values(128);
    for (size_t i = 0; i < values.size(); i++) {
        values[i] = static_cast<float>(i + 1);
    }
    DeviceArray<float> in(128), out(96);
    cudaMemcpy(in.get(), values.data(), 512, cudaMemcpyHostToDevice);
    expect_clean("copies", run({1, 32, 0}, copies_with_zeros, static_cast<const float*>(in.get()), out.get()));
    for (size_t t : {0, 1, 2, 3, 4, 6, 31}) {
        std::string name = "copies of thread " + std::to_string(t);
        expect_equal(name + ", 16 bytes", out[t * 3], t % 2 == 0 ? static_cast<double>(t * 4 + 4) : 0);
        expect_equal(name + ", 8 bytes", out[t * 3 + 1], t % 3 == 0 ? static_cast<double>(t * 2 + 2) : 0);
        expect_equal(name + ", 4 bytes", out[t * 3 + 2], t % 4 == 0 ? static_cast<double>(t + 1) : 0);
    }
}

__global__ void __launch_bounds__(256) atomics(int* out, float* sum) {
    int t = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    atomicAdd(out, t);
    atomicMax(out + 1, t);
    atomicMin(out + 2, -t);
    atomicAdd(sum, 0.5f);
}

void test_atomics() {
    DeviceArray<int> out(3);
    DeviceArray<float> sum(1);
    expect_clean("atomics", run({16, 256, 0}, atomics, out.get(), sum.get()));
    expect_equal("atomicAdd", out[0], 4096 * 4095 / 2);
    expect_equal("atomicMax", out[1], 4095);
    expect_equal("atomicMin", out[2], -4095);
    expect_equal("atomicAdd of floats", static_cast<double>(sum[0]), 2048);
}

// Blocks and threads in three dimensions, more threads than a stack pool starts with.
__global__ void __launch_bounds__(512) coordinates(int* out) {
    unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    __syncthreads();
    out[block * 512 + thread] = static_cast<int>(block * 512 + thread);
}

void test_coordinates() {
    DeviceArray<int> out(12 * 512);
    expect_clean("coordinates", run({dim3(2, 3, 2), dim3(16, 8, 4), 0}, coordinates, out.get()));
    for (size_t i : {size_t{0}, size_t{511}, size_t{512}, size_t{3001}, size_t{12 * 512 - 1}}) {
        expect_equal("coordinate", out[i], static_cast<double>(i));
    }
}

void test_number_formats() {
    expect_equal("half rounds to even", static_cast<double>(__half2float(__float2half_rn(2049.0f))), 2048);
    expect_equal("half overflows", std::isinf(__half2float(__float2half_rn(65520.0f))), 1);
    expect_equal("half denormal", static_cast<double>(__half2float(__float2half_rn(6e-8f))), 5.9604644775390625e-8);
    expect_equal("half bits", __half_as_ushort(__float2half_rn(-1.5f)), 0xbe00);
    expect_equal("bfloat16 rounds to even", static_cast<double>(__bfloat162float(__float2bfloat16_rn(257.0f))), 256);
    expect_equal("bfloat16 rounds up", static_cast<double>(__bfloat162float(__float2bfloat16_rn(259.0f))), 260);
    expect_equal("bfloat16 NaN", __bfloat16_as_ushort(__float2bfloat16_rn(NAN)), 0x7fff);
    expect_equal("packed half", ptx::pack<__half>(1.0f, -2.0f), 0xc0003c00u);
    expect_equal("packed bfloat16", ptx::pack<__nv_bfloat16>(1.0f, -2.0f), 0xc0003f80u);
}

}  // namespace

void self_test::device_functions() {
    test_warp_functions();
    test_product<__half, false, 16>("f16 product");
    test_product<__half, true, 16>("f16 product, transposed b");
    test_product<__nv_bfloat16, false, 16>("bf16 product");
    test_product<__nv_bfloat16, true, 16>("bf16 product, transposed b");
    test_product<__half, false, 8>("f16 product, k 8");
    test_product<__nv_bfloat16, false, 8>("bf16 product, k 8");
    test_copies();
    test_atomics();
    test_coordinates();
    test_number_formats();
}
