// attention_f32.h - attention with f32 arithmetic: f32 storage is read in place; bf16 keys and values are widened once
// per head.
#ifndef DAGUERRE_CPU_ATTENTION_F32_H
#define DAGUERRE_CPU_ATTENTION_F32_H

#include "attention_dot.h"

namespace dg {
namespace {

struct F32Dot {
    using Word = float;
    using Vec = F;
    static constexpr int64_t PAIR = 1;
    DG_INLINE F load(const float* p) { return dg::load(p); }
    DG_INLINE F broadcast(const float* p) { return set(*p); }
    DG_INLINE F add_product(F acc, F a, F b) { return acc + a * b; }
    DG_INLINE F exp2(F x) { return vexp2(x); }
    DG_INLINE void store_pair(float* s, int64_t pair, int64_t stride, int64_t column, F even, F odd) {
        dg::store(s + 2 * pair * stride + column, even);
        dg::store(s + (2 * pair + 1) * stride + column, odd);
    }
    // q [D][BQ], columns beyond `queries` zero
    template <class T>
    static void pack_queries(float* q, const T* source, int64_t ldq, int64_t queries, int64_t d, bool negate) {
        F sign = set(negate ? -1.0f : 1.0f);
        transpose_words(q, BQ, queries, d, [&](int64_t row, int64_t column, int64_t width) {
            const T* p = source + row * ldq + column;
            return sign * (width == W ? dg::load(p) : load_part(p, width));
        });
    }
};

int64_t f32_packed_bytes(const AttentionCall& call) {
    return call.type == Type::F32 ? 0 : align64(2 * call.lk * call.d * 4);
}

void f32_pack(const AttentionCall& call, int64_t head, int64_t begin, int64_t end) {
    if (call.type == Type::F32) return;
    float* packed = reinterpret_cast<float*>(call.packed + head * call.packed_stride);
    const BF16* k = static_cast<const BF16*>(call.k) + head_offset(call, head, call.lk, call.ldk);
    const BF16* v = static_cast<const BF16*>(call.v) + head_offset(call, head, call.lk, call.ldv);
    for (int64_t key = begin; key < end; ++key) {
        float* k_row = packed + key * call.d;
        float* v_row = packed + (call.lk + key) * call.d;
        for (int64_t j = 0; j < call.d; ++j) {
            k_row[j] = to_float(k[key * call.ldk + j]);
            v_row[j] = to_float(v[key * call.ldv + j]);
        }
    }
}

void f32_run(const AttentionCall& call, void* scratch, int64_t head, int64_t first) {
    KeysValues<float> kv;
    if (call.type == Type::F32) {
        kv.k = static_cast<const float*>(call.k) + head_offset(call, head, call.lk, call.ldk);
        kv.v = static_cast<const float*>(call.v) + head_offset(call, head, call.lk, call.ldv);
        kv.ldk = call.ldk;
        kv.ldv = call.ldv;
        dot_run<F32Dot, float>(call, kv, scratch, head, first);
    } else {
        kv.k = reinterpret_cast<const float*>(call.packed + head * call.packed_stride);
        kv.v = kv.k + call.lk * call.d;
        kv.ldk = kv.ldv = call.d;
        dot_run<F32Dot, BF16>(call, kv, scratch, head, first);
    }
}

const AttentionKernel F32_ATTENTION = {
    "f32", static_cast<int>(BQ), f32_packed_bytes, dot_scratch_bytes<F32Dot>, f32_pack, f32_run};

}  // namespace
}  // namespace dg
#endif
