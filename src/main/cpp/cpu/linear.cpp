// linear.cpp
// WHAT      y = act(x w^T + bias) + residual; with GEGLU weights y = value * gelu(gate) (Shazeer 2020,
//           arXiv:2002.05202).
// VARIANTS  GEGLU works on tiles of rows: the product of a tile stays in the second-level cache until the gate has been
//           applied.
#include <algorithm>
#include <cstring>

#include "operations.h"
#include "parallel.h"
#include "products.h"

namespace dg {
namespace {

constexpr const char* NAME = "linear";
constexpr int64_t TILE_BYTES = int64_t{1} << 20;  // of product per thread

int64_t tile_rows(const Engine& engine, int64_t rows, int64_t row_bytes) {
    int64_t fitting = TILE_BYTES * engine.threads / row_bytes / 64 * 64;
    int64_t tile = std::min(rows, std::max<int64_t>(fitting, 256));
    int64_t tiles = (rows + tile - 1) / tile;
    return (rows + tiles - 1) / tiles;
}

// oneDNN multiplies a single row by a path of its own, which rounds differently. Two rows go the way of all others: a
// row alone gets a companion of zeros, so that it has the bits that it has in a batch.
void run_rows(Engine& engine, Weights& weights, int dtype, const char* x, int64_t rows, char* y, const char* added,
              int activation) {
    if (rows > 1) {
        Epilogue epilogue{activation, added != nullptr, added == y};
        const Primitive& primitive = product_for(engine, weights, {dtype, rows, weights.o, weights.c}, epilogue);
        run_product(engine, primitive, weights, x, weights.bias(), y, added);
        return;
    }
    int64_t element = dtype == DG_F32 ? 4 : 2, in = weights.c * element, out = weights.o * element;
    Scratch pair_x(engine.arena, 2 * in), pair_y(engine.arena, 2 * out),
        pair_added(engine.arena, added != nullptr ? 2 * out : 0);
    std::memcpy(pair_x.data(), x, in);
    std::memset(pair_x.as<char>() + in, 0, in);
    if (added != nullptr) {
        std::memcpy(pair_added.data(), added, out);
        std::memset(pair_added.as<char>() + out, 0, out);
    }
    run_rows(engine, weights, dtype, pair_x.as<char>(), 2, pair_y.as<char>(), pair_added.as<char>(), activation);
    std::memcpy(y, pair_y.data(), out);
}

// Copies the residual into y tile by tile and adds to it there: a product that reads it from memory itself waits for
// each line.
void run_residual(Engine& engine, Weights& weights, int dtype, const char* x, int64_t rows, char* y,
                  const char* residual, int activation) {
    int64_t element = type_bytes(NAME, dtype), row_bytes = weights.o * element,
            tile = tile_rows(engine, rows, row_bytes * 2);
    for (int64_t first = 0; first < rows; first += tile) {
        int64_t count = std::min(tile, rows - first), at = first * row_bytes;
        parallel_ranges(engine.threads, count, 1 + 32768 / row_bytes, [&](int64_t begin, int64_t end) {
            std::memcpy(y + at + begin * row_bytes, residual + at + begin * row_bytes,
                        static_cast<size_t>((end - begin) * row_bytes));
        });
        run_rows(engine, weights, dtype, x + first * weights.c * element, count, y + at, y + at, activation);
    }
}

void run_geglu(Engine& engine, Weights& weights, int dtype, char* y, const char* x, int64_t rows, int64_t element) {
    int64_t tile = tile_rows(engine, rows, weights.o * element), half = weights.o / 2;
    Scratch product(engine.arena, tile * weights.o * element);
    for (int64_t first = 0; first < rows; first += tile) {
        int64_t count = std::min(tile, rows - first);
        run_rows(engine, weights, dtype, x + first * weights.c * element, count, product.as<char>(), nullptr,
                 DG_ACT_NONE);
        char* out = y + first * half * element;
        parallel_ranges(engine.threads, count, 1 + 4096 / half, [&](int64_t begin, int64_t end) {
            engine.kernels.geglu(kernel_type(dtype), out, product.data(), half, begin, end);
        });
    }
}

}  // namespace

void linear(Engine& engine, int dtype, int64_t y, int64_t x, int64_t handle, int64_t residual, int64_t rows,
            int activation) {
    require_activation_type(NAME, dtype);
    Weights& weights = find_weights(engine, NAME, handle);
    if (weights.kind != Weights::Kind::LINEAR) fail_argument(NAME, "linear weights", "convolution weights");
    require_equal(NAME, "dtype of the weights", dtype, weights.dtype);
    require_range(NAME, "rows", rows, 1, (int64_t{1} << 31) - 1);
    require_activation(NAME, activation, true);
    int64_t element = type_bytes(NAME, dtype), columns = weights.geglu ? weights.o / 2 : weights.o;
    const char* source = engine.in<char>(NAME, "x", x, product(NAME, {rows, weights.c, element}));
    int64_t y_bytes = product(NAME, {rows, columns, element});
    char* target = engine.in<char>(NAME, "y", y, y_bytes);
    const char* added = residual != 0 ? engine.in<char>(NAME, "residual", residual, y_bytes) : nullptr;
    if (weights.geglu) {
        if (activation != DG_ACT_NONE)
            fail_argument(NAME, "no activation with geglu weights", std::to_string(activation));
        if (added != nullptr) fail_argument(NAME, "no residual with geglu weights", "one");
        run_geglu(engine, weights, dtype, target, source, rows, element);
        return;
    }
    if (added != nullptr && added != target)
        run_residual(engine, weights, dtype, source, rows, target, added, activation);
    else run_rows(engine, weights, dtype, source, rows, target, added, activation);
}

}  // namespace dg
