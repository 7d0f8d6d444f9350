// linear.cpp
// WHAT      y = act(x w^T + bias) + residual; with GEGLU weights y = value * gelu(gate) (Shazeer 2020, arXiv:2002.05202).
// VARIANTS  GEGLU works on tiles of rows: the product of a tile stays in the second-level cache until the gate has been applied.
#include <algorithm>

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

void run_geglu(Engine& engine, Weights& weights, int dtype, char* y, const char* x, int64_t rows, int64_t element) {
    int64_t tile = tile_rows(engine, rows, weights.o * element), half = weights.o / 2;
    Scratch product(engine.arena, tile * weights.o * element);
    for (int64_t first = 0; first < rows; first += tile) {
        int64_t count = std::min(tile, rows - first);
        const Primitive& primitive = product_for(engine, weights, {dtype, count, weights.o, weights.c}, Epilogue());
        run_product(engine, primitive, weights, x + first * weights.c * element, weights.bias(), product.data(), nullptr);
        char* out = y + first * half * element;
        parallel_ranges(engine.threads, count, 1 + 4096 / half, [&](int64_t begin, int64_t end) {
            engine.kernels.geglu(kernel_type(dtype), out, product.data(), half, begin, end);
        });
    }
}

}  // namespace

void linear(Engine& engine, int dtype, int64_t y, int64_t x, int64_t handle, int64_t residual, int64_t rows, int activation) {
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
        if (activation != DG_ACT_NONE) fail_argument(NAME, "no activation with geglu weights", std::to_string(activation));
        if (added != nullptr) fail_argument(NAME, "no residual with geglu weights", "one");
        run_geglu(engine, weights, dtype, target, source, rows, element);
        return;
    }
    Epilogue epilogue{activation, added != nullptr, added == target};
    const Primitive& primitive = product_for(engine, weights, {dtype, rows, weights.o, weights.c}, epilogue);
    run_product(engine, primitive, weights, source, weights.bias(), target, added);
}

}  // namespace dg
