// attention_block.h - the part of tiled attention that all arithmetic variants share (Dao et al. 2022,
// arXiv:2205.14135; Milakov & Gimelshein 2018, arXiv:1805.02867 for the running softmax).
//
// LAYOUT    Everything is transposed: a block of scores is S^T [keys][BQ], the output O^T [D][BQ], with one query per
//           vector lane. The maximum, the sum and the rescaling of a query are then plain vector operations, D needs no
//           padding, and pairs of probabilities are already where a bf16 product wants them.
// NUMERICS  Scores, maxima, sums and the output are f32. The scale is applied inside the exponent.
#ifndef DAGUERRE_CPU_ATTENTION_BLOCK_H
#define DAGUERRE_CPU_ATTENTION_BLOCK_H

#include "functions.h"
#include "kernels.h"

namespace dg {
namespace {

constexpr int64_t KEY_BLOCK = 96;  // a multiple of 32 (AMX tiles) whose scores stay in the first-level cache
constexpr float LOWEST = -1e30f;   // a masked score: finite, so that no infinity meets another

// Running state of V * W queries.
template <int V>
struct Softmax {
    float maximum[V * W];  // of the scores, unscaled
    float sum[V * W];
    float rescale[V * W];  // factor for the output so far
};

template <int V>
DG_INLINE void softmax_start(Softmax<V>& state) {
    for (int v = 0; v < V; ++v) {
        store(state.maximum + v * W, set(LOWEST));
        store(state.sum + v * W, set(0.0f));
    }
}

// Takes the maxima of a new block; true if the output so far must be multiplied by `rescale`.
template <int V>
DG_INLINE bool softmax_raise(Softmax<V>& state, const F* maxima, float log2_scale) {
    bool raised = false;
    for (int v = 0; v < V; ++v) {
        F before = load(state.maximum + v * W);
        F after = vmax(before, maxima[v]);
        raised |= any_greater(after, before);
        F factor = vexp2((before - after) * set(log2_scale));
        store(state.rescale + v * W, factor);
        store(state.maximum + v * W, after);
        store(state.sum + v * W, load(state.sum + v * W) * factor);
    }
    return raised;
}

// s [keys][V * W]: raises scores of keys after each query to LOWEST. query, key: positions of the first column and row.
template <int V>
void mask_causal(float* s, int64_t keys, int64_t key, int64_t query) {
    for (int64_t r = 0; r < keys; ++r) {
        int64_t hidden = key + r - query;  // queries before this one do not see the key
        for (int64_t i = 0; i < hidden && i < V * W; ++i) s[r * V * W + i] = LOWEST;
    }
}

template <int V>
void block_maxima(const float* s, int64_t keys, F* maxima) {
    for (int v = 0; v < V; ++v) maxima[v] = set(LOWEST);
    for (int64_t r = 0; r < keys; ++r) {
        for (int v = 0; v < V; ++v) maxima[v] = vmax(maxima[v], load(s + (r * V + v) * W));
    }
}

// Scores to probabilities, in place. `Format` says how two rows of probabilities are stored. For formats in pairs, an
// odd last row gets a row of zeros as its partner.
template <int V, class Format>
void softmax_block(Softmax<V>& state, float* s, int64_t keys, float log2_scale) {
    F scale = set(log2_scale), offset[V], sum[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
        offset[v] = load(state.maximum + v * W) * scale;
        sum[v] = load(state.sum + v * W);
    }
    int64_t r = 0;
    for (; r + 2 <= keys; r += 2) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
            F even = Format::exp2(load(s + (r * V + v) * W) * scale - offset[v]);
            F odd = Format::exp2(load(s + ((r + 1) * V + v) * W) * scale - offset[v]);
            sum[v] = sum[v] + (even + odd);
            Format::store_pair(s, r / 2, V * W, v * W, even, odd);
        }
    }
    if (r < keys) {
        for (int v = 0; v < V; ++v) {
            F even = Format::exp2(load(s + (r * V + v) * W) * scale - offset[v]);
            sum[v] = sum[v] + even;
            Format::store_pair(s, r / 2, V * W, v * W, even, set(0.0f));
        }
    }
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(state.sum + v * W, sum[v]);
}

// y [queries, D] = (O^T / sum)^T
template <int V, class T>
void write_output(const Softmax<V>& state, const float* o, int64_t d, T* y, int64_t ldy, int64_t queries) {
    for (int64_t first = 0; first < queries; first += W) {
        F factor = set(1.0f) / load(state.sum + first);
        int64_t rows = queries - first < W ? queries - first : W;
        for (int64_t column = 0; column < d; column += W) {
            int64_t width = d - column < W ? d - column : W;
            F square[W];
            for (int64_t j = 0; j < W; ++j) {
                square[j] = j < width ? load(o + (column + j) * V * W + first) * factor : set(0.0f);
            }
            transpose(square);
            T* out = y + first * ldy + column;
            for (int64_t i = 0; i < rows; ++i) {
                if (width == W) store(out + i * ldy, square[i]);
                else store_part(out + i * ldy, square[i], width);
            }
        }
    }
}

// to [words][columns] = from [rows][words] of 32-bit words, row stride in words; absent rows (up to `columns`, a
// multiple of W) are zero. `read(row, word, count)` gives a vector of words, zeros from `count` on.
template <class Read>
DG_INLINE void transpose_words(float* to, int64_t columns, int64_t rows, int64_t words, const Read& read) {
    for (int64_t row = 0; row < columns; row += W) {
        for (int64_t word = 0; word < words; word += W) {
            int64_t width = words - word < W ? words - word : W;
            F square[W];
            for (int64_t i = 0; i < W; ++i) square[i] = row + i < rows ? read(row + i, word, width) : set(0.0f);
            transpose(square);
            for (int64_t j = 0; j < width; ++j) store(to + (word + j) * columns + row, square[j]);
        }
    }
}

DG_INLINE int64_t align64(int64_t bytes) { return (bytes + 63) / 64 * 64; }

// Keys that some query of the block [query, query + count) may see.
DG_INLINE int64_t visible_keys(const AttentionCall& call, int64_t query, int64_t count) {
    return call.causal && query + count < call.lk ? query + count : call.lk;
}

// Element offset of the first row of a head.
DG_INLINE int64_t head_offset(const AttentionCall& call, int64_t head, int64_t length, int64_t stride) {
    return head / call.heads * length * stride + head % call.heads * call.d;
}

}  // namespace
}  // namespace dg
#endif
