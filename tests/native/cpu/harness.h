// harness.h - opens the plug-in, makes guarded device tensors from doubles, compares with a reference and counts.
#ifndef DAGUERRE_TEST_CPU_HARNESS_H
#define DAGUERRE_TEST_CPU_HARNESS_H

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../../../src/main/cpp/cpu/number.h"
#include "../../../src/main/cpp/plugin.h"

namespace test {

using Values = std::vector<double>;

struct Counts {
    int passed = 0, failed = 0;
};

struct Suite {
    const dg_plugin* plugin = nullptr;
    int64_t engine = 0;
    std::string isa;
    bool bf16_products = true;  // from AVX-512 on
    unsigned seed = 1;
    Counts counts;

    void expect(bool condition, const std::string& what) {
        if (condition) {
            ++counts.passed;
        } else {
            ++counts.failed;
            std::printf("FAILED [%s] %s (seed %u)\n", isa.c_str(), what.c_str(), seed);
        }
    }
    void expect_ok(int status, const std::string& what) {
        expect(status == DG_OK, what + ": " + (status == DG_OK ? "" : plugin->last_error()));
    }
    // The call must fail with this status, a message that begins with the operation's name, and leave the engine
    // usable.
    void expect_error(int status, int wanted, const std::string& operation) {
        std::string message = status == DG_OK ? "no error" : plugin->last_error();
        expect(status == wanted && message.rfind(operation, 0) == 0,
               "refusal of " + operation + ": status " + std::to_string(status) + ", " + message);
    }
};

inline int bytes_of(int type) { return type == DG_F32 || type == DG_I32 ? 4 : 2; }
inline const char* name_of(int type) {
    return type == DG_F32 ? "f32" : type == DG_F16 ? "f16" : type == DG_BF16 ? "bf16" : "i32";
}

inline void put(std::vector<uint8_t>& bytes, int type, size_t index, double value) {
    if (type == DG_F32) {
        float f = static_cast<float>(value);
        std::memcpy(&bytes[index * 4], &f, 4);
    } else if (type == DG_I32) {
        int32_t i = static_cast<int32_t>(value);
        std::memcpy(&bytes[index * 4], &i, 4);
    } else if (type == DG_BF16) {
        dg::BF16 b;
        dg::from_float(static_cast<float>(value), b);
        std::memcpy(&bytes[index * 2], &b, 2);
    } else {
        dg::F16 h;
        dg::from_float(static_cast<float>(value), h);
        std::memcpy(&bytes[index * 2], &h, 2);
    }
}

inline double get(const std::vector<uint8_t>& bytes, int type, size_t index) {
    if (type == DG_F32) {
        float f;
        std::memcpy(&f, &bytes[index * 4], 4);
        return f;
    }
    if (type == DG_I32) {
        int32_t i;
        std::memcpy(&i, &bytes[index * 4], 4);
        return i;
    }
    uint16_t bits;
    std::memcpy(&bits, &bytes[index * 2], 2);
    return type == DG_BF16 ? dg::to_float(dg::BF16{bits}) : dg::to_float(dg::F16{bits});
}

inline std::vector<uint8_t> encode(const Values& values, int type) {
    std::vector<uint8_t> bytes(values.size() * static_cast<size_t>(bytes_of(type)));
    for (size_t i = 0; i < values.size(); ++i) put(bytes, type, i, values[i]);
    return bytes;
}

// The values as the type stores them.
inline Values rounded(const Values& values, int type) {
    std::vector<uint8_t> bytes = encode(values, type);
    Values result(values.size());
    for (size_t i = 0; i < values.size(); ++i) result[i] = get(bytes, type, i);
    return result;
}

// Device memory with a pattern before and after it.
class Tensor {
public:
    Tensor(Suite& suite, const Values& values, int type) : Tensor(suite, values.size(), type) {
        std::vector<uint8_t> bytes = encode(values, type);
        suite_.expect_ok(
            suite_.plugin->upload(suite_.engine, address(), host(bytes.data()), static_cast<int64_t>(bytes.size())),
            "upload");
    }
    Tensor(Suite& suite, size_t count, int type) : suite_(suite), type_(type), count_(count) {
        std::vector<uint8_t> pattern(bytes() + 2 * GUARD, 0xa5);  // unwritten elements show up as wrong values
        suite_.expect_ok(suite_.plugin->alloc(suite_.engine, static_cast<int64_t>(pattern.size()), &base_), "alloc");
        suite_.plugin->upload(suite_.engine, base_, host(pattern.data()), static_cast<int64_t>(pattern.size()));
    }
    ~Tensor() {
        std::vector<uint8_t> all(bytes() + 2 * GUARD);
        suite_.plugin->download(suite_.engine, host(all.data()), base_, static_cast<int64_t>(all.size()));
        bool intact = true;
        for (size_t i = 0; i < GUARD; ++i) intact &= all[i] == 0xa5 && all[all.size() - 1 - i] == 0xa5;
        if (!intact)
            suite_.expect(false, "guard around a tensor of " + std::to_string(count_) + " elements was overwritten");
        suite_.plugin->free(suite_.engine, base_);
    }
    Tensor(const Tensor&) = delete;
    Tensor& operator=(const Tensor&) = delete;
    int64_t address() const { return base_ + static_cast<int64_t>(GUARD); }
    operator int64_t() const { return address(); }
    std::vector<uint8_t> raw() const {
        std::vector<uint8_t> result(bytes());
        suite_.plugin->download(suite_.engine, host(result.data()), address(), static_cast<int64_t>(bytes()));
        return result;
    }
    Values values() const {
        std::vector<uint8_t> data = raw();
        Values result(count_);
        for (size_t i = 0; i < count_; ++i) result[i] = get(data, type_, i);
        return result;
    }
    static int64_t host(const void* p) { return static_cast<int64_t>(reinterpret_cast<uintptr_t>(p)); }

private:
    static constexpr size_t GUARD = 64;
    size_t bytes() const { return count_ * static_cast<size_t>(bytes_of(type_)); }
    Suite& suite_;
    int type_;
    size_t count_;
    int64_t base_ = 0;
};

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}
    Values normal(size_t count, double scale = 1.0, double mean = 0.0) {
        Values result(count);
        for (double& value : result) value = mean + scale * normal_(engine_);
        return result;
    }
    int below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }

private:
    std::mt19937 engine_;
    std::normal_distribution<double> normal_;
};

// f32: |a - b| <= 1e-5 + 1e-4 |b| and relative square error <= 1e-7 (style of the project). 16-bit types: relative L2
// error <= `soft`, about twice what rounding the result costs, and no element off by more than `soft` * 8 of the
// largest magnitudes.
inline void compare(Suite& suite, const std::string& what, const Values& found, const Values& wanted, int type,
                    double soft = 2.5e-3) {
    double error = 0.0, norm = 0.0, worst = 0.0, largest = 0.0;
    size_t at = 0;
    bool within = found.size() == wanted.size();
    for (double value : wanted) largest = std::max(largest, std::fabs(value));
    for (size_t i = 0; within && i < found.size(); ++i) {
        double difference = std::fabs(found[i] - wanted[i]);
        error += difference * difference;
        norm += wanted[i] * wanted[i];
        double limit = type == DG_F32 ? 1e-5 + 1e-4 * std::fabs(wanted[i])
                                      : soft * 8.0 * (std::fabs(wanted[i]) + 0.1 * largest) + 1e-30;
        if (!(difference <= limit)) {
            if (!(difference / limit <= worst)) {
                worst = difference / limit;
                at = i;
            }
        }
    }
    double allowed = type == DG_F32      ? std::sqrt(1e-7)
                     : found.size() < 16 ? 2.0 * soft
                                         : soft;  // few elements do not average
    bool square = norm > 0.0 ? std::sqrt(error / norm) <= allowed : error <= 1e-10;
    bool good = within && worst == 0.0 && square;
    char text[256] = "";
    if (!good && within) {
        std::snprintf(text, sizeof text, " relative error %.3g (allowed %.3g), worst at %zu: found %.9g, expected %.9g",
                      norm > 0.0 ? std::sqrt(error / norm) : error, allowed, at, found[at], wanted[at]);
    }
    suite.expect(good, what + " " + name_of(type) + text);
}

inline std::string shape_text(const char* name, std::initializer_list<int64_t> sizes) {
    std::string text = name;
    for (int64_t size : sizes) text += " " + std::to_string(size);
    return text;
}

double activate(int activation, double x);

void test_products(Suite& suite);  // conv2d, linear
void test_attention(Suite& suite);
void test_norms(Suite& suite);
void test_pointwise(Suite& suite);
void test_layout(Suite& suite);
void test_engine(Suite& suite);  // memory, options, refusals

}  // namespace test
#endif
