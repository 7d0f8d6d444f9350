// gemm_support.h - what gemm_test.cpp needs around the launchers: guarded device buffers, seeded values, naive
// references in double.
#ifndef DAGUERRE_GEMM_SUPPORT_H
#define DAGUERRE_GEMM_SUPPORT_H

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "gemm_launchers.h"

namespace gemm_test {

// Bytes of pattern before and after each buffer. 0 (--exact) leaves the bounds to the checking build's own check.
inline size_t guard_bytes = 256;

inline double rounded(double x, int dtype) {
    if (dtype == DG_F16) return __half2float(__float2half_rn(static_cast<float>(x)));
    if (dtype == DG_BF16) return __bfloat162float(__float2bfloat16_rn(static_cast<float>(x)));
    return static_cast<float>(x);
}

inline size_t type_bytes(int dtype) { return dtype == DG_F32 ? 4 : 2; }

inline void encode(void* to, double x, int dtype) {
    float f = static_cast<float>(x);
    __half h = __float2half_rn(f);
    __nv_bfloat16 b = __float2bfloat16_rn(f);
    std::memcpy(to,
                dtype == DG_F32   ? static_cast<void*>(&f)
                : dtype == DG_F16 ? static_cast<void*>(&h)
                                  : static_cast<void*>(&b),
                type_bytes(dtype));
}

inline double decode(const void* from, int dtype) {
    float f;
    __half h;
    __nv_bfloat16 b;
    if (dtype == DG_F32) return std::memcpy(&f, from, 4), f;
    if (dtype == DG_F16) return std::memcpy(&h, from, 2), __half2float(h);
    return std::memcpy(&b, from, 2), __bfloat162float(b);
}

// Device memory between two guards; all of it starts as 0xFF, NaN in every
// float type, so that a result nobody wrote shows, and so does an input read from beyond an end.
class Buffer {
public:
    explicit Buffer(size_t bytes) : bytes_(bytes) {
        std::vector<unsigned char> pattern(bytes + 2 * guard_bytes, 0xFF);
        dg::check(cudaMalloc(&base_, pattern.size()), "test buffer");
        dg::check(cudaMemcpy(base_, pattern.data(), pattern.size(), cudaMemcpyHostToDevice), "test buffer");
    }
    Buffer(const std::vector<double>& values, int dtype) : Buffer(values.size() * type_bytes(dtype)) {
        std::vector<unsigned char> host(bytes_);
        for (size_t i = 0; i < values.size(); i++) encode(&host[i * type_bytes(dtype)], values[i], dtype);
        dg::check(cudaMemcpy(data(), host.data(), bytes_, cudaMemcpyHostToDevice), "test buffer");
    }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { cudaFree(base_); }

    char* data() const { return static_cast<char*>(base_) + guard_bytes; }

    std::vector<unsigned char> bytes() const {
        std::vector<unsigned char> host(bytes_);
        dg::check(cudaMemcpy(host.data(), data(), bytes_, cudaMemcpyDeviceToHost), "test buffer");
        return host;
    }

    bool guards_intact() const {
        std::vector<unsigned char> host(guard_bytes);
        for (const char* p : {static_cast<const char*>(base_), static_cast<const char*>(data() + bytes_)}) {
            if (guard_bytes == 0) return true;
            dg::check(cudaMemcpy(host.data(), p, guard_bytes, cudaMemcpyDeviceToHost), "test buffer");
            for (unsigned char c : host) {
                if (c != 0xFF) return false;
            }
        }
        return true;
    }

private:
    size_t bytes_;
    void* base_ = nullptr;
};

// Normal values, already rounded to the type in which the device will hold them.
class Values {
public:
    explicit Values(unsigned seed) : engine_(seed) {}
    std::vector<double> normal(size_t count, double deviation, int dtype) {
        std::normal_distribution<double> distribution(0.0, deviation);
        std::vector<double> values(count);
        for (double& v : values) v = rounded(distribution(engine_), dtype);
        return values;
    }

private:
    std::mt19937 engine_;
};

inline double activated(double x, int kind) {
    auto softplus = [](double v) { return v > 20 ? v : std::log1p(std::exp(v)); };
    switch (kind & ~DG_ACT_AFTER_RESIDUAL) {
        case DG_ACT_SILU: return x / (1 + std::exp(-x));
        case DG_ACT_GELU: return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
        case DG_ACT_QUICK_GELU: return x / (1 + std::exp(-1.702 * x));
        case DG_ACT_RELU: return x > 0 ? x : 0;
        case DG_ACT_LEAKY_RELU: return x > 0 ? x : 0.2 * x;
        case DG_ACT_TANH: return std::tanh(x);
        case DG_ACT_SIGMOID: return 1 / (1 + std::exp(-x));
        case DG_ACT_SOFT_CLAMP_3: return 3 * std::tanh(x / 3);
        case DG_ACT_ELU: return x > 0 ? x : std::expm1(x);
        case DG_ACT_LEAKY_RELU_01: return x > 0 ? x : 0.01 * x;
        case DG_ACT_SOFTPLUS: return softplus(x);
        case DG_ACT_MISH: return x * std::tanh(softplus(x));
        default: return x;
    }
}

inline double with_residual(double sum, double residual, int activation) {
    if (activation & DG_ACT_AFTER_RESIDUAL) return activated(sum + residual, activation);
    return activated(sum, activation) + residual;
}

// Twice the error of rounding the exact result to the type, at least 1e-3.
inline double limit(double reference, int dtype) {
    return std::fmax(1e-3, 2 * std::fabs(reference) * (dtype == DG_F16 ? std::ldexp(1.0, -11) : std::ldexp(1.0, -8)));
}

// Empty when every value is within its limit; else what is wrong with the worst one. NaN never passes.
inline std::string difference(const std::vector<unsigned char>& y, const std::vector<double>& reference, int dtype) {
    size_t worst = 0;
    double excess = -1;
    for (size_t i = 0; i < reference.size(); i++) {
        double found = decode(&y[i * 2], dtype), over = std::fabs(found - reference[i]) - limit(reference[i], dtype);
        if (!(over <= 0) && !(over <= excess)) {
            worst = i;
            excess = std::isnan(over) ? 1e300 : over;
        }
    }
    if (excess < 0) return "";
    char text[160];
    std::snprintf(text, sizeof text, "element %zu: expected %.6g, found %.6g, limit %.3g", worst, reference[worst],
                  decode(&y[worst * 2], dtype), limit(reference[worst], dtype));
    return text;
}

// Counts outcomes; prints only failures.
struct Tally {
    int passed = 0, failed = 0;
    void record(bool ok, const std::string& what) {
        ok ? passed++ : failed++;
        if (!ok) std::printf("FAILED %s\n", what.c_str());
    }
};

}  // namespace gemm_test
#endif
