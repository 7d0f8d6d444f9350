// attention_dot.h - tiled attention with vector arithmetic. `Dot` gives the word that one multiply-add consumes per
// lane: one f32, or a pair of bf16 (vdpbf16ps). Both products are the same register tile: R rows of broadcast words
// times V vectors of queries.
#ifndef DAGUERRE_CPU_ATTENTION_DOT_H
#define DAGUERRE_CPU_ATTENTION_DOT_H

#include "attention_block.h"

namespace dg {
namespace {

constexpr int V = TILE_VECTORS;
constexpr int64_t BQ = V * W;

// acc[r] += sum_i a[r * row_step + i * step] * b[i], i < count
template <class Dot, int R>
DG_INLINE void multiply(F (&acc)[R][V], const typename Dot::Word* a, int64_t row_step, int64_t step,
                        const typename Dot::Word* b, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
        typename Dot::Vec right[V];
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) right[v] = Dot::load(b + i * BQ + v * W);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            typename Dot::Vec left = Dot::broadcast(a + r * row_step + i * step);
#pragma GCC unroll 8
            for (int v = 0; v < V; ++v) acc[r][v] = Dot::add_product(acc[r][v], left, right[v]);
        }
    }
}

// s [R][BQ] = k [R][words] q [words][BQ], and the running maxima.
template <class Dot, int R>
void score_rows(float* s, const typename Dot::Word* k, int64_t ldk, const typename Dot::Word* q, int64_t words,
                F* maxima) {
    F acc[R][V];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) acc[r][v] = set(0.0f);
    }
    multiply<Dot, R>(acc, k, ldk, 1, q, words);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
            store(s + r * BQ + v * W, acc[r][v]);
            maxima[v] = vmax(maxima[v], acc[r][v]);
        }
    }
}

// o [R][BQ] = o * rescale + v^T p; rescale null: 1; first: o starts at zero.
template <class Dot, int R>
void value_rows(float* o, bool first, const float* rescale, const typename Dot::Word* v, int64_t ldv,
                const typename Dot::Word* p, int64_t words) {
    F acc[R][V];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int u = 0; u < V; ++u) acc[r][u] = first ? set(0.0f) : load(o + r * BQ + u * W);
    }
    if (!first && rescale != nullptr) {
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
            for (int u = 0; u < V; ++u) acc[r][u] = acc[r][u] * load(rescale + u * W);
        }
    }
    multiply<Dot, R>(acc, v, 1, ldv, p, words);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
        for (int u = 0; u < V; ++u) store(o + r * BQ + u * W, acc[r][u]);
    }
}

// Calls f(row, integral_constant rows) for tiles of TILE_ROWS and a smaller last one.
template <int R>
struct Rows {
    static constexpr int value = R;
};
template <class Body>
DG_INLINE void for_tiles(int64_t rows, const Body& body) {
    int64_t r = 0;
    for (; r + TILE_ROWS <= rows; r += TILE_ROWS) body(r, Rows<TILE_ROWS>());
    switch (rows - r) {
        case 1: body(r, Rows<1>()); break;
        case 2: body(r, Rows<2>()); break;
        case 3: body(r, Rows<3>()); break;
        case 4: body(r, Rows<4>()); break;
        case 5: body(r, Rows<5>()); break;
        default: break;
    }
}

// Where the parts of a thread's scratch memory begin, in bytes.
struct DotScratch {
    int64_t q, s, o, bytes;
};

template <class Dot>
DG_INLINE DotScratch dot_scratch(const AttentionCall& call) {
    DotScratch at;
    at.q = 0;
    at.s = at.q + align64((call.d + Dot::PAIR - 1) / Dot::PAIR * BQ * 4);
    at.o = at.s + align64(KEY_BLOCK * BQ * 4);
    at.bytes = at.o + align64(call.d * BQ * 4);
    return at;
}

template <class Dot>
int64_t dot_scratch_bytes(const AttentionCall& call) {
    return dot_scratch<Dot>(call).bytes;
}

// Rows of K and word rows of V (one word row holds PAIR keys), strides in words.
template <class Word>
struct KeysValues {
    const Word* k;
    const Word* v;
    int64_t ldk, ldv;
};

template <class Dot, class T>
void dot_run(const AttentionCall& call, const KeysValues<typename Dot::Word>& kv, void* scratch, int64_t head,
             int64_t first) {
    using Word = typename Dot::Word;
    DotScratch at = dot_scratch<Dot>(call);
    char* base = static_cast<char*>(scratch);
    Word* q = reinterpret_cast<Word*>(base + at.q);
    float* s = reinterpret_cast<float*>(base + at.s);
    float* o = reinterpret_cast<float*>(base + at.o);
    int64_t queries = call.lq - first < BQ ? call.lq - first : BQ, words = (call.d + Dot::PAIR - 1) / Dot::PAIR;
    const T* source = static_cast<const T*>(call.q) + head_offset(call, head, call.lq, call.ldq) + first * call.ldq;
    Dot::pack_queries(q, source, call.ldq, queries, call.d, call.scale < 0.0f);
    float log2_scale = __builtin_fabsf(call.scale) * 1.44269504f;
    Softmax<V> state;
    softmax_start(state);
    int64_t total = visible_keys(call, first, queries);
    for (int64_t key = 0; key < total; key += KEY_BLOCK) {
        int64_t keys = total - key < KEY_BLOCK ? total - key : KEY_BLOCK;
        F maxima[V];
        for (int v = 0; v < V; ++v) maxima[v] = set(LOWEST);
        for_tiles(keys, [&](int64_t r, auto rows) {
            score_rows<Dot, decltype(rows)::value>(s + r * BQ, kv.k + (key + r) * kv.ldk, kv.ldk, q, words, maxima);
        });
        if (call.causal && key + keys - 1 > first) {
            mask_causal<V>(s, keys, key, first);
            block_maxima<V>(s, keys, maxima);
        }
        bool raised = softmax_raise(state, maxima, log2_scale);
        softmax_block<V, Dot>(state, s, keys, log2_scale);
        const Word* p = reinterpret_cast<const Word*>(s);
        const Word* v = kv.v + key / Dot::PAIR * kv.ldv;
        for_tiles(call.d, [&](int64_t j, auto rows) {
            value_rows<Dot, decltype(rows)::value>(o + j * BQ, key == 0, raised ? state.rescale : nullptr, v + j,
                                                   kv.ldv, p, (keys + Dot::PAIR - 1) / Dot::PAIR);
        });
    }
    T* y = static_cast<T*>(call.y) + head_offset(call, head, call.lq, call.ldy) + first * call.ldy;
    write_output<V>(state, o, call.d, y, call.ldy, queries);
}

}  // namespace
}  // namespace dg
#endif
