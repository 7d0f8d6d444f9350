// embedding.cu
// WHAT      y[row] = table[ids[row]] + positions[row % L].
// SHAPES    y [ROWS, C]; ids [ROWS] I32; table [V, C]; positions [L, C] or absent. F16 or BF16, the sum in F32.
// VARIANTS  id  name     when                              grid             block  shared
//           1   vector   C % 8 == 0 and aligned            (ROWS*C/2048)    256    0
//           2   scalar   else                              (ROWS*C/256)     256    0
// NUMERICS  an id outside 0..V-1 gives a row of NaN: nothing is read out of bounds, and the error shows.
// LIMITS    ROWS * C <= 2^39.
// BUDGET    embedding_kernel 48
// SOURCE    Radford et al. 2021, arXiv:2103.00020 (CLIP's token and position embedding).
// TEST      tests/native/ops_test.cpp, EmbeddingTest          BENCH  none (a few microseconds per prompt)
#include "common.cuh"
#include "launch.h"
#include "launchers.h"

namespace dg {
namespace {

constexpr int THREADS = 256;

template <class T, int VEC>
__global__ void __launch_bounds__(THREADS)
    embedding_kernel(T* __restrict__ y, const int* __restrict__ ids, const T* __restrict__ table,
                     const T* __restrict__ positions, int64_t vectors, int l, int c, int v) {
    int64_t i = int64_t{blockIdx.x} * THREADS + threadIdx.x;
    if (i >= vectors) return;
    int per_row = c / VEC;
    int64_t row = i / per_row;
    int col = static_cast<int>(i % per_row) * VEC, id = ids[row];
    float value[VEC], position[VEC];
    bool known = id >= 0 && id < v;
    load_vector_or(value, known ? table + int64_t{id} * c : nullptr, col, nanf(""));
    load_vector_or(position, positions != nullptr ? positions + row % l * c : nullptr, col, 0.f);
#pragma unroll
    for (int j = 0; j < VEC; j++) value[j] += position[j];
    store_vector(y + row * c + col, value);
}

}  // namespace

void embedding(Stream& stream, int dtype, void* y, const int* ids, const void* table, const void* positions,
               int64_t rows, int l, int c, int v) {
    for_half_type(dtype, "embedding", [&](auto tag) {
        using T = typename decltype(tag)::type;
        bool wide = c % 8 == 0 && aligned16(y, table, positions);
        int64_t vectors = rows * (wide ? c / 8 : c);
        launch(stream, "embedding", dim3(grid_blocks(vectors, THREADS, "embedding")), dim3(THREADS), 0,
               wide ? embedding_kernel<T, 8> : embedding_kernel<T, 1>, static_cast<T*>(y), ids,
               static_cast<const T*>(table), static_cast<const T*>(positions), vectors, l, c, v);
    });
}

}  // namespace dg
