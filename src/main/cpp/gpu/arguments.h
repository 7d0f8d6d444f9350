// arguments.h - checks the arguments of one call and words the errors: "operation: expected ..., found ...".
#ifndef DAGUERRE_GPU_ARGUMENTS_H
#define DAGUERRE_GPU_ARGUMENTS_H

#include <cmath>
#include <initializer_list>

#include "gpu/engine.h"

namespace dg {

class Arguments {
public:
    Arguments(Engine& engine, const char* operation) : engine_(engine), operation_(operation) {}

    const char* operation() const { return operation_; }

    template <class... Parts>
    void require(bool condition, const Parts&... parts) const {
        if (!condition) fail(DG_ERROR_ARGUMENT, operation_, ": expected ", parts...);
    }

    void within(const char* name, int64_t value, int64_t least, int64_t most) const {
        require(value >= least && value <= most, name, " from ", least, " to ", most, ", found ", value);
    }
    void positive(const char* name, int64_t value) const { within(name, value, 1, INT32_MAX); }

    void norm_eps(float eps) const { require(eps >= 0 && std::isfinite(eps), "a finite eps of at least 0, found ", eps); }

    // The product, or an error where it passes the largest tensor (2^46 elements).
    int64_t count(std::initializer_list<int64_t> sizes) const {
        int64_t product = 1;
        for (int64_t size : sizes) {
            bool fits = size >= 0 && !__builtin_mul_overflow(product, size, &product) && product <= (int64_t{1} << 46);
            require(fits, "sizes whose product is at most 2^46, found ", list(sizes));
        }
        return product;
    }

    int element_bytes(int dtype) const {
        within("a type code", dtype, DG_F32, DG_I32);
        return dtype == DG_F16 || dtype == DG_BF16 ? 2 : 4;
    }

    // The address as a pointer, after checking that `elements` values from there lie in one allocation of this engine.
    template <class T = void>
    T* tensor(const char* name, int64_t address, int64_t elements, int dtype) const {
        int64_t size = element_bytes(dtype);
        require(address != 0, "the address of ", name, ", found 0");
        require(address % size == 0, name, " at a multiple of ", size, " bytes, found ", address);
        require(engine_.arena->contains(address, elements * size), elements * size, " bytes of ", name,
                " inside one allocation of this engine, found address ", address);
        return reinterpret_cast<T*>(address);
    }

    // The same for a tensor that may be absent (address 0, null).
    template <class T = void>
    T* optional(const char* name, int64_t address, int64_t elements, int dtype) const {
        return address == 0 ? nullptr : tensor<T>(name, address, elements, dtype);
    }

    // `rows` rows of `cols` values, `ld` elements apart.
    void* strided(const char* name, int64_t address, int64_t rows, int64_t cols, int64_t ld, int dtype) const {
        require(ld >= cols && ld <= INT32_MAX, "a row stride of ", name, " from ", cols, " to 2^31 - 1, found ", ld);
        return tensor(name, address, count({rows - 1, ld}) + cols, dtype);
    }

    void activation(int kind, int allowed_flags) const {
        int code = kind & ~allowed_flags;
        require(code >= DG_ACT_NONE && code <= DG_ACT_MISH, "an activation from 0 to ", static_cast<int>(DG_ACT_MISH),
                allowed_flags ? " (plus DG_ACT_AFTER_RESIDUAL)" : "", ", found ", kind);
    }

private:
    static std::string list(std::initializer_list<int64_t> sizes) {
        std::string joined;
        for (int64_t size : sizes) joined += (joined.empty() ? "" : " x ") + std::to_string(size);
        return joined;
    }

    Engine& engine_;
    const char* operation_;
};

}  // namespace dg
#endif
