// ops_support.h - what the operation tests need: the plug-in's table with an open engine, tensors between guards,
// comparison.
#ifndef DAGUERRE_OPS_SUPPORT_H
#define DAGUERRE_OPS_SUPPORT_H

#include <cstdarg>
#include <algorithm>
#include <memory>
#include <stdexcept>

#include "gemm_support.h"
#include "plugin.h"

namespace ops_test {

using gemm_test::decode;
using gemm_test::encode;
using gemm_test::rounded;
using gemm_test::Tally;
using gemm_test::type_bytes;
using gemm_test::Values;
using List = std::vector<double>;

inline std::string format(const char* pattern, ...) __attribute__((format(printf, 1, 2)));
inline std::string format(const char* pattern, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, pattern);
    std::vsnprintf(text, sizeof text, pattern, arguments);
    va_end(arguments);
    return text;
}

inline const char* name_of(int dtype) { return dtype == DG_F32 ? "f32" : dtype == DG_F16 ? "f16" : "bf16"; }

// An open engine. Calls that fail unexpectedly throw.
class Gpu {
public:
    explicit Gpu(const std::string& options, bool quick = false) : table(daguerre_plugin()), quick(quick) {
        must(table->open(0, options.c_str(), &context), "open");
    }
    ~Gpu() { table->close(context); }
    Gpu(const Gpu&) = delete;
    Gpu& operator=(const Gpu&) = delete;

    void must(int status, const std::string& what) const {
        if (status != DG_OK) throw std::runtime_error(what + ": " + table->last_error());
    }
    int64_t statistic(int slot) const {
        int64_t values[DG_STAT_COUNT];
        must(table->statistics(context, values, DG_STAT_COUNT), "statistics");
        return values[slot];
    }

    const dg_plugin* const table;
    const bool quick;
    int64_t context = 0;
};

// A device tensor with a pattern before and after it (none with --exact: the checking build then sees each access past
// an end).
class Tensor {
public:
    Tensor(Gpu& gpu, size_t count, int dtype)
        : gpu_(gpu), dtype_(dtype), count_(count), bytes_(count * (dtype == DG_I32 ? 4 : type_bytes(dtype))) {
        std::vector<unsigned char> pattern(bytes_ + 2 * gemm_test::guard_bytes, 0xCD);
        gpu.must(gpu.table->alloc(gpu.context, static_cast<int64_t>(pattern.size()), &base_), "alloc");
        gpu.must(gpu.table->upload(gpu.context, base_, reinterpret_cast<int64_t>(pattern.data()),
                                   static_cast<int64_t>(pattern.size())),
                 "upload");
    }
    Tensor(Gpu& gpu, const List& values, int dtype) : Tensor(gpu, values.size(), dtype) { set(values); }
    ~Tensor() { gpu_.table->free(gpu_.context, base_); }
    Tensor(const Tensor&) = delete;
    Tensor& operator=(const Tensor&) = delete;

    int64_t at() const { return base_ + static_cast<int64_t>(gemm_test::guard_bytes); }
    int64_t at(size_t element) const { return at() + static_cast<int64_t>(element * (bytes_ / count_)); }

    void set(const List& values) {
        std::vector<unsigned char> host(bytes_);
        for (size_t i = 0; i < count_; i++) {
            int32_t whole = static_cast<int32_t>(values[i]);
            if (dtype_ == DG_I32) {
                std::memcpy(&host[i * 4], &whole, 4);
            } else {
                encode(&host[i * type_bytes(dtype_)], values[i], dtype_);
            }
        }
        gpu_.must(gpu_.table->upload(gpu_.context, at(), reinterpret_cast<int64_t>(host.data()),
                                     static_cast<int64_t>(bytes_)),
                  "upload");
    }
    std::vector<unsigned char> raw() const {
        std::vector<unsigned char> host(bytes_);
        gpu_.must(gpu_.table->download(gpu_.context, reinterpret_cast<int64_t>(host.data()), at(),
                                       static_cast<int64_t>(bytes_)),
                  "download");
        return host;
    }
    List get() const {
        std::vector<unsigned char> host = raw();
        List values(count_);
        for (size_t i = 0; i < count_; i++) {
            int32_t whole;
            std::memcpy(&whole, &host[i * (bytes_ / count_)], 4 <= bytes_ / count_ ? 4 : 2);
            values[i] = dtype_ == DG_I32 ? whole : decode(&host[i * type_bytes(dtype_)], dtype_);
        }
        return values;
    }
    bool guards_intact() const {
        size_t guard = gemm_test::guard_bytes;
        std::vector<unsigned char> host(guard);
        for (int64_t p : {base_, at() + static_cast<int64_t>(bytes_)}) {
            if (guard == 0) return true;
            gpu_.must(gpu_.table->download(gpu_.context, reinterpret_cast<int64_t>(host.data()), p,
                                           static_cast<int64_t>(guard)),
                      "download");
            for (unsigned char c : host) {
                if (c != 0xCD) return false;
            }
        }
        return true;
    }
    int dtype() const { return dtype_; }

private:
    Gpu& gpu_;
    int dtype_;
    size_t count_, bytes_;
    int64_t base_ = 0;
};

// How far a result may be from the exact one: `roundings` times the rounding of the type, and at least `least`.
struct Limit {
    double least = 1e-3, roundings = 2;
    double of(double reference, int dtype) const {
        double unit = dtype == DG_F32   ? std::ldexp(1.0, -24)
                      : dtype == DG_F16 ? std::ldexp(1.0, -11)
                                        : std::ldexp(1.0, -8);
        return std::fmax(least, roundings * std::fabs(reference) * unit);
    }
};

// Empty when all values are within the limit, else the worst one in words. NaN passes only where NaN is expected.
inline std::string compare(const List& found, const List& reference, int dtype, Limit limit = {}) {
    size_t worst = 0;
    double excess = 0;
    for (size_t i = 0; i < reference.size(); i++) {
        bool both_nan = std::isnan(reference[i]) && std::isnan(found[i]);
        if (both_nan || found[i] == reference[i]) continue;
        double over = std::fabs(found[i] - reference[i]) - limit.of(reference[i], dtype);
        if (over <= 0) continue;
        if (std::isnan(over)) over = 1e300;
        if (over > excess) {
            excess = over;
            worst = i;
        }
    }
    if (excess == 0) return "";
    return format("element %zu: expected %.7g, found %.7g, limit %.3g", worst, reference[worst], found[worst],
                  limit.of(reference[worst], dtype));
}

// Records one case: the call's status, the values of y and its guards.
inline void verify(Tally& tally, Gpu& gpu, const std::string& what, int status, const Tensor& y, const List& reference,
                   Limit limit = {}) {
    if (status != DG_OK) return tally.record(false, what + ": " + gpu.table->last_error());
    std::string difference = compare(y.get(), reference, y.dtype(), limit);
    tally.record(difference.empty(), what + ": " + difference);
    tally.record(y.guards_intact(), what + ": wrote outside y");
}

// Records that a call fails with `status` and that its message has `words`.
inline void refuses(Tally& tally, Gpu& gpu, const std::string& what, int result, int status, const std::string& words) {
    std::string message = gpu.table->last_error();
    tally.record(result == status && message.find(words) != std::string::npos,
                 format("%s: expected status %d and '%s', found status %d and '%s'", what.c_str(), status,
                        words.c_str(), result, message.c_str()));
}

// The types in which network operations are tested.
inline std::vector<int> half_types(const Gpu& gpu) {
    return gpu.quick ? std::vector<int>{DG_F16} : std::vector<int>{DG_F16, DG_BF16};
}

}  // namespace ops_test
#endif
