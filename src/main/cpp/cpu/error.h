// error.h - failures inside the cpu engine. An Error carries the status that the C boundary returns; nothing throws
// past plugin.cpp.
#ifndef DAGUERRE_CPU_ERROR_H
#define DAGUERRE_CPU_ERROR_H

#include <cstdint>
#include <stdexcept>
#include <string>

#include "../kernels.h"

namespace dg {

struct Error : std::runtime_error {
    Error(int status, const std::string& message) : std::runtime_error(message), status(status) {}
    const int status;
};

[[noreturn]] inline void fail_argument(const char* operation, const std::string& expected, const std::string& found) {
    throw Error(DG_ERROR_ARGUMENT, std::string(operation) + ": expected " + expected + ", found " + found);
}

// An integer argument must lie in [low, high].
inline void require_range(const char* operation, const char* name, int64_t value, int64_t low, int64_t high) {
    if (value < low || value > high) {
        fail_argument(operation, std::string(name) + " in " + std::to_string(low) + ".." + std::to_string(high),
                      std::to_string(value));
    }
}

inline void require_positive(const char* operation, const char* name, int64_t value) {
    if (value < 1) fail_argument(operation, std::string(name) + " >= 1", std::to_string(value));
}

inline void require_equal(const char* operation, const char* name, int64_t value, int64_t expected) {
    if (value != expected)
        fail_argument(operation, std::string(name) + " " + std::to_string(expected), std::to_string(value));
}

// Product of sizes that must stay below 2^62, so that later sums and offsets cannot overflow either.
inline int64_t product(const char* operation, std::initializer_list<int64_t> factors) {
    int64_t result = 1;
    for (int64_t factor : factors) {
        int64_t next = 0;
        if (factor < 0 || __builtin_mul_overflow(result, factor, &next) || next > (int64_t{1} << 62)) {
            fail_argument(operation, "a size below 2^62", "an overflow");
        }
        result = next;
    }
    return result;
}

}  // namespace dg
#endif
