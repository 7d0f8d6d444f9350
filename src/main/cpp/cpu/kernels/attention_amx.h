// attention_amx.h - attention on AMX tiles (tdpbf16ps: C [16][16] f32 += A [16][32] B [32][16] in bf16).
//
// WHAT      S^T = K Q^T and O^T = V^T P^T, each in register tiles of 32 x 32 (four C, two A, two B), or 16 x 32 for the
//           end of D.
// LAYOUT    K rows are the A operand as they are (D padded to 32, keys to 32). Q^T and P^T are B operands: rows of
//           pairs, which is how the queries are packed and how the softmax writes its probabilities. V is transposed
//           once per head.
// TILES     `Tiles` is the processor's tile unit, or the same in software for tests on other machines.
#ifndef DAGUERRE_CPU_ATTENTION_AMX_H
#define DAGUERRE_CPU_ATTENTION_AMX_H

#include "attention_block.h"
#include "pairs.h"

namespace dg {
namespace {

constexpr int64_t AMX_QUERIES = 32;
constexpr int AMX_VECTORS = static_cast<int>(AMX_QUERIES) / W;

DG_INLINE int64_t pad32(int64_t n) { return (n + 31) / 32 * 32; }

// c [16 R][32] f32 (row stride AMX_QUERIES) = or += a [16 R][32 steps] b [16 steps][32] pairs, R = 1 or 2; a: row
// stride lda elements.
template <class Tiles, int R>
DG_INLINE void tile_product(float* c, bool accumulate, const BF16* a, int64_t lda, const Word32* b, int64_t steps) {
    constexpr int64_t C_STRIDE = AMX_QUERIES * 4;
    float* lower = c + 16 * AMX_QUERIES;
    if (accumulate) {
        Tiles::template load<0>(c, C_STRIDE);
        Tiles::template load<1>(c + 16, C_STRIDE);
        if constexpr (R == 2) Tiles::template load<2>(lower, C_STRIDE);
        if constexpr (R == 2) Tiles::template load<3>(lower + 16, C_STRIDE);
    } else {
        Tiles::template zero<0>();
        Tiles::template zero<1>();
        if constexpr (R == 2) Tiles::template zero<2>();
        if constexpr (R == 2) Tiles::template zero<3>();
    }
    for (int64_t step = 0; step < steps; ++step) {
        const BF16* left = a + step * 32;
        const Word32* right = b + step * 16 * AMX_QUERIES;
        Tiles::template load<4>(left, lda * 2);
        Tiles::template load<6>(right, C_STRIDE);
        Tiles::template load<7>(right + 16, C_STRIDE);
        Tiles::template multiply<0, 4, 6>();
        Tiles::template multiply<1, 4, 7>();
        if constexpr (R == 2) {
            Tiles::template load<5>(left + 16 * lda, lda * 2);
            Tiles::template multiply<2, 5, 6>();
            Tiles::template multiply<3, 5, 7>();
        }
    }
    Tiles::template store<0>(c, C_STRIDE);
    Tiles::template store<1>(c + 16, C_STRIDE);
    if constexpr (R == 2) Tiles::template store<2>(lower, C_STRIDE);
    if constexpr (R == 2) Tiles::template store<3>(lower + 16, C_STRIDE);
}

// Packed keys [pad32(LK)][pad32(D)], then V^T [pad32(D)][pad32(LK)].
int64_t amx_packed_bytes(const AttentionCall& call) { return 2 * pad32(call.lk) * pad32(call.d) * 2; }

void amx_pack(const AttentionCall& call, int64_t head, int64_t begin, int64_t end) {
    int64_t width = pad32(call.d), length = pad32(call.lk);
    BF16* keys = reinterpret_cast<BF16*>(call.packed + head * call.packed_stride);
    BF16* values = keys + length * width;
    const BF16* k = static_cast<const BF16*>(call.k) + head_offset(call, head, call.lk, call.ldk);
    const BF16* v = static_cast<const BF16*>(call.v) + head_offset(call, head, call.lk, call.ldv);
    int64_t stop = end == call.lk ? length : end;  // the last part writes the padding
    for (int64_t key = begin; key < stop; ++key) {
        int64_t present = key < call.lk ? call.d : 0;
        for (int64_t j = 0; j < present; ++j) keys[key * width + j] = k[key * call.ldk + j];
        for (int64_t j = present; j < width; ++j) keys[key * width + j] = BF16{0};
    }
    for (int64_t first = begin; first < stop; first += 32) {  // squares of 32 keys: whole cache lines of V^T
        for (int64_t j = 0; j < width; ++j) {
            for (int64_t key = first; key < first + 32; ++key) {
                values[j * length + key] = key < call.lk && j < call.d ? v[key * call.ldv + j] : BF16{0};
            }
        }
    }
}

struct AmxScratch {
    int64_t q, s, o, bytes;
};

DG_INLINE AmxScratch amx_scratch(const AttentionCall& call) {
    AmxScratch at;
    at.q = 0;
    at.s = at.q + pad32(call.d) / 2 * AMX_QUERIES * 4;
    at.o = at.s + KEY_BLOCK * AMX_QUERIES * 4;
    at.bytes = at.o + pad32(call.d) * AMX_QUERIES * 4;
    return at;
}

int64_t amx_scratch_bytes(const AttentionCall& call) { return amx_scratch(call).bytes; }

// o [rows][32] *= rescale
DG_INLINE void rescale_output(float* o, int64_t rows, const float* rescale) {
    for (int64_t j = 0; j < rows; ++j) {
        for (int v = 0; v < AMX_VECTORS; ++v) {
            float* p = o + j * AMX_QUERIES + v * W;
            store(p, load(p) * load(rescale + v * W));
        }
    }
}

template <class Tiles>
void amx_run(const AttentionCall& call, void* scratch, int64_t head, int64_t first) {
    AmxScratch at = amx_scratch(call);
    char* base = static_cast<char*>(scratch);
    Word32* q = reinterpret_cast<Word32*>(base + at.q);
    float* s = reinterpret_cast<float*>(base + at.s);
    float* o = reinterpret_cast<float*>(base + at.o);
    int64_t width = pad32(call.d), length = pad32(call.lk);
    const BF16* keys = reinterpret_cast<const BF16*>(call.packed + head * call.packed_stride);
    const BF16* values = keys + length * width;
    int64_t queries = call.lq - first < AMX_QUERIES ? call.lq - first : AMX_QUERIES;
    const BF16* source =
        static_cast<const BF16*>(call.q) + head_offset(call, head, call.lq, call.ldq) + first * call.ldq;
    pack_query_pairs(q, AMX_QUERIES, source, call.ldq, queries, call.d, width / 2, call.scale < 0.0f);
    float log2_scale = __builtin_fabsf(call.scale) * 1.44269504f;
    Softmax<AMX_VECTORS> state;
    softmax_start(state);
    typename Tiles::Session session;
    int64_t total = visible_keys(call, first, queries);
    for (int64_t key = 0; key < total; key += KEY_BLOCK) {
        int64_t count = total - key < KEY_BLOCK ? total - key : KEY_BLOCK, rows = pad32(count);
        for (int64_t r = 0; r < rows; r += 32) {
            tile_product<Tiles, 2>(s + r * AMX_QUERIES, false, keys + (key + r) * width, width, q, width / 32);
        }
        if (call.causal && key + count - 1 > first) mask_causal<AMX_VECTORS>(s, count, key, first);
        F maxima[AMX_VECTORS];
        block_maxima<AMX_VECTORS>(s, count, maxima);
        bool raised = softmax_raise(state, maxima, log2_scale);
        softmax_block<AMX_VECTORS, PairFormat>(state, s, count, log2_scale);
        Word32* p = reinterpret_cast<Word32*>(s);
        for (int64_t i = (count + 1) / 2 * AMX_QUERIES; i < rows / 2 * AMX_QUERIES; ++i) p[i] = 0;
        if (raised && key > 0) rescale_output(o, call.d, state.rescale);
        for (int64_t j = 0; j < width; j += 32) {
            const BF16* v = values + j * length + key;
            if (call.d - j > 16) tile_product<Tiles, 2>(o + j * AMX_QUERIES, key > 0, v, length, p, rows / 32);
            else
                tile_product<Tiles, 1>(o + j * AMX_QUERIES, key > 0, v, length, p,
                                       rows / 32);  // D = 40 is padded to 48 only
        }
    }
    BF16* y = static_cast<BF16*>(call.y) + head_offset(call, head, call.lq, call.ldy) + first * call.ldy;
    write_output<AMX_VECTORS>(state, o, call.d, y, call.ldy, queries);
}

}  // namespace
}  // namespace dg
#endif
