// avx512_bf16.cpp - the kernels with the processor's own conversion to bf16, and attention on pairs of bf16
// (vdpbf16ps).
#include "vector_avx512.h"

#include "pairs.h"
#include "table.h"

namespace dg {
namespace {

struct PairDot : PairFormat {
    using Word = uint32_t;
    using Vec = __m512i;
    static constexpr int64_t PAIR = 2;
    DG_INLINE Vec load(const Word* p) { return _mm512_loadu_si512(p); }
    DG_INLINE Vec broadcast(const Word* p) { return _mm512_set1_epi32(static_cast<int>(*p)); }
    DG_INLINE F add_product(F acc, Vec a, Vec b) { return _mm512_dpbf16_ps(acc, (__m512bh)a, (__m512bh)b); }
    static void pack_queries(Word* q, const BF16* source, int64_t ldq, int64_t queries, int64_t d, bool negate) {
        pack_query_pairs(q, BQ, source, ldq, queries, d, (d + 1) / 2, negate);
    }
};

// Keys: rows of (d + 1) / 2 words. Values: word rows of d words, each holding one column of two keys.
int64_t key_words(const AttentionCall& call) { return call.lk * ((call.d + 1) / 2); }

int64_t packed_bytes(const AttentionCall& call) { return align64((key_words(call) + (call.lk + 1) / 2 * call.d) * 4); }

void pack(const AttentionCall& call, int64_t head, int64_t begin, int64_t end) {
    Word32* packed = reinterpret_cast<Word32*>(call.packed + head * call.packed_stride);
    const BF16* k = static_cast<const BF16*>(call.k) + head_offset(call, head, call.lk, call.ldk);
    const BF16* v = static_cast<const BF16*>(call.v) + head_offset(call, head, call.lk, call.ldv);
    int64_t words = (call.d + 1) / 2;
    for (int64_t key = begin; key < end; ++key) pack_row(packed + key * words, k + key * call.ldk, call.d, words);
    Word32* values = packed + key_words(call);
    for (int64_t key = begin; key < end; key += 2) {
        const BF16* even = v + key * call.ldv;
        interleave_rows(values + key / 2 * call.d, even, key + 1 < call.lk ? even + call.ldv : nullptr, call.d);
    }
}

void run(const AttentionCall& call, void* scratch, int64_t head, int64_t first) {
    KeysValues<uint32_t> kv;
    kv.k = reinterpret_cast<const uint32_t*>(call.packed + head * call.packed_stride);
    kv.v = kv.k + key_words(call);
    kv.ldk = (call.d + 1) / 2;
    kv.ldv = call.d;
    dot_run<PairDot, BF16>(call, kv, scratch, head, first);
}

const AttentionKernel KERNEL = {"bf16", static_cast<int>(BQ), packed_bytes, dot_scratch_bytes<PairDot>, pack, run};

}  // namespace

const KernelTable& avx512_bf16_kernels() { return TABLE; }

const AttentionKernel& avx512_bf16_attention() { return KERNEL; }

}  // namespace dg
