#include "block.h"

namespace simt {
namespace {

template <class T>
T apply(T old, T v, Atomic kind) {
    switch (kind) {
        case Atomic::add: return old + v;
        case Atomic::min: return v < old ? v : old;
        case Atomic::max: return v > old ? v : old;
        default: return v;
    }
}

// Blocks run on several OS threads, so these must be atomic; Bits is T's pattern as an integer.
template <class Bits, class T>
T update(T* p, T v, Atomic kind, const void* site) {
    Lane& lane = *t_lane;
    if (reinterpret_cast<size_t>(p) % sizeof(T)) {
        report(lane, cudaErrorMisalignedAddress, site, "atomic: the address is not aligned to %zu bytes", sizeof(T));
    }
    if (g_check) {
        g_check->atomic(lane, p, sizeof(T), site);
    }
    auto* target = reinterpret_cast<Bits*>(p);
    Bits expected = __atomic_load_n(target, __ATOMIC_RELAXED);
    for (;;) {
        T old;
        memcpy(&old, &expected, sizeof old);
        T sum = apply(old, v, kind);
        Bits desired;
        memcpy(&desired, &sum, sizeof desired);
        if (__atomic_compare_exchange_n(target, &expected, desired, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
            return old;
        }
    }
}

}  // namespace

int atomic(int* p, int v, Atomic kind) { return update<uint32_t>(p, v, kind, SIMT_CALLER); }
unsigned atomic(unsigned* p, unsigned v, Atomic kind) { return update<uint32_t>(p, v, kind, SIMT_CALLER); }
unsigned long long atomic(unsigned long long* p, unsigned long long v, Atomic kind) {
    return update<uint64_t>(p, v, kind, SIMT_CALLER);
}
float atomic(float* p, float v, Atomic kind) { return update<uint32_t>(p, v, kind, SIMT_CALLER); }

void thread_fence() {
    if (g_check) {
        g_check->fence(*t_lane);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

unsigned compare_and_swap(unsigned* p, unsigned expected, unsigned v) {
    if (g_check) {
        g_check->atomic(*t_lane, p, sizeof *p, SIMT_CALLER);
    }
    __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    return expected;
}

}  // namespace simt
