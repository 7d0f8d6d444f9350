// The functions that -fsanitize=thread and -fsanitize=alignment make compiled code call.
#include "checker.h"

using simt::check_access;

namespace {

// What -fsanitize=alignment tells about a pointer, as far as it is used here.
struct AlignmentFailure {
    const char* file;
    unsigned line;
    unsigned column;
    const void* type;
    unsigned char log_alignment;
    unsigned char kind;
};

}  // namespace

#define SIMT_SITE __builtin_return_address(0)
#define SIMT_ACCESS(n)                                                                               \
    void __tsan_read##n(void* p) { check_access(p, n, false, true, SIMT_SITE); }                     \
    void __tsan_write##n(void* p) { check_access(p, n, true, true, SIMT_SITE); }                     \
    void __tsan_volatile_read##n(void* p) { check_access(p, n, false, true, SIMT_SITE); }            \
    void __tsan_volatile_write##n(void* p) { check_access(p, n, true, true, SIMT_SITE); }            \
    void __tsan_unaligned_read##n(void* p) { check_access(p, n, false, false, SIMT_SITE); }          \
    void __tsan_unaligned_write##n(void* p) { check_access(p, n, true, false, SIMT_SITE); }          \
    void __tsan_unaligned_volatile_read##n(void* p) { check_access(p, n, false, false, SIMT_SITE); } \
    void __tsan_unaligned_volatile_write##n(void* p) { check_access(p, n, true, false, SIMT_SITE); }

// Atomics that instrumented host code contains (reference counts): done, not checked.
#define SIMT_ATOMIC(bits, T)                                                                                          \
    T __tsan_atomic##bits##_load(const volatile T* p, int) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }           \
    void __tsan_atomic##bits##_store(volatile T* p, T v, int) { __atomic_store_n(p, v, __ATOMIC_SEQ_CST); }           \
    T __tsan_atomic##bits##_exchange(volatile T* p, T v, int) { return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST); } \
    T __tsan_atomic##bits##_fetch_add(volatile T* p, T v, int) { return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST); } \
    T __tsan_atomic##bits##_fetch_sub(volatile T* p, T v, int) { return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST); } \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile T* p, T* expected, T v, int, int) {                    \
        return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                \
    }                                                                                                                 \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile T* p, T* expected, T v, int, int) {                      \
        return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                \
    }

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_read_range(void* p, size_t n) { check_access(p, n, false, false, SIMT_SITE); }
void __tsan_write_range(void* p, size_t n) { check_access(p, n, true, false, SIMT_SITE); }

SIMT_ACCESS(1)
SIMT_ACCESS(2)
SIMT_ACCESS(4)
SIMT_ACCESS(8)
SIMT_ACCESS(16)
SIMT_ATOMIC(8, uint8_t)
SIMT_ATOMIC(16, uint16_t)
SIMT_ATOMIC(32, uint32_t)
SIMT_ATOMIC(64, uint64_t)

// g++ splits wide loads of an under-aligned type, so this, not a wide load, sees a misaligned float4.
void __ubsan_handle_type_mismatch_v1(AlignmentFailure* failure, void*) {
    simt::Lane* lane = simt::t_lane;
    if (!lane) {
        return;
    }
    lane->worker->finding.file = failure->file;
    lane->worker->finding.line = failure->line;
    simt::report(*lane, cudaErrorMisalignedAddress, nullptr, "misaligned access: not aligned to %u bytes",
                 1u << failure->log_alignment);
}
}
