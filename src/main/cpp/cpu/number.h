// number.h - 16-bit storage types and their scalar conversions (round to nearest even). Everything here is always
// inlined, so that files compiled for different instruction sets cannot share a copy of it.
#ifndef DAGUERRE_CPU_NUMBER_H
#define DAGUERRE_CPU_NUMBER_H

#include <cstdint>
#include <cstring>

#define DG_INLINE static inline __attribute__((always_inline))

namespace dg {

struct BF16 {
    uint16_t bits;
};
struct F16 {
    uint16_t bits;
};

DG_INLINE float from_bits(uint32_t bits) {
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

DG_INLINE uint32_t to_bits(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    return bits;
}

DG_INLINE float to_float(float value) { return value; }

DG_INLINE float to_float(BF16 value) { return from_bits(uint32_t{value.bits} << 16); }

// Exact: the exponent is moved by a multiplication with 2^112, which also normalises subnormals; infinity and NaN are
// put right after.
DG_INLINE float to_float(F16 value) {
    uint32_t magnitude = uint32_t{value.bits & 0x7fffu} << 13;
    float scaled = from_bits(magnitude) * 0x1p112f;
    uint32_t bits = to_bits(scaled);
    if ((value.bits & 0x7c00u) == 0x7c00u) bits = magnitude | 0x7f800000u;
    return from_bits(bits | (uint32_t{value.bits & 0x8000u} << 16));
}

DG_INLINE void from_float(float value, float& result) { result = value; }

DG_INLINE void from_float(float value, BF16& result) {
    uint32_t bits = to_bits(value);
    uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    if ((bits & 0x7fffffffu) > 0x7f800000u) rounded = (bits >> 16) | 0x40u;  // NaN stays NaN
    result.bits = static_cast<uint16_t>(rounded);
}

DG_INLINE void from_float(float value, F16& result) {
    uint32_t bits = to_bits(value);
    uint32_t sign = (bits >> 16) & 0x8000u;
    uint32_t magnitude = bits & 0x7fffffffu;
    uint32_t half;
    if (magnitude >= 0x7f800000u) {
        half = magnitude > 0x7f800000u ? 0x7e00u : 0x7c00u;
    } else if (magnitude >= 0x477ff000u) {
        half = 0x7c00u;  // 65520 and above round to infinity
    } else if (magnitude < 0x38800000u) {
        half = to_bits(from_bits(magnitude) + 0.5f) - 0x3f000000u;  // subnormal: the sum rounds at 2^-24
    } else {
        half = (magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
    }
    result.bits = static_cast<uint16_t>(sign | half);
}

}  // namespace dg
#endif
