// pointwise.cpp - WHAT  elementwise operations, guidance, embeddings: argument checks and work sharing.
#include <atomic>
#include <cmath>
#include <vector>

#include "number.h"
#include "operations.h"
#include "parallel.h"

namespace dg {
namespace {

constexpr int64_t GRAIN = 16384;  // elements that are worth a thread
constexpr int64_t CHUNK = 16384;  // elements per partial sum; fixed, so that sums do not depend on the threads

// Standard deviation times sqrt(count) of one row.
double spread(Engine& engine, Type type, const void* row, int64_t count) {
    int64_t chunks = (count + CHUNK - 1) / CHUNK;
    std::vector<double> sums(static_cast<size_t>(chunks)), squares(static_cast<size_t>(chunks));
    auto pass = [&](double mean) {
        parallel_ranges(engine.threads, chunks, 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                engine.kernels.moments(type, row, i * CHUNK, std::min(count, (i + 1) * CHUNK), mean, &sums[i],
                                       &squares[i]);
            }
        });
    };
    auto total = [](const std::vector<double>& parts) {
        double sum = 0.0;
        for (double part : parts) sum += part;
        return sum;
    };
    pass(0.0);
    double mean = total(sums) / static_cast<double>(count);
    pass(mean);
    double rounding = mean - static_cast<double>(static_cast<float>(mean));
    return std::sqrt(std::max(0.0, total(squares) - rounding * rounding * static_cast<double>(count)));
}

}  // namespace

void combine(Engine& engine, int y_type, int64_t y, int64_t count, int terms, int x_types, const int64_t* x,
             const float* factors) {
    const char* name = "combine";
    require_range(name, "terms", terms, 1, 8);
    require_positive(name, "count", count);
    auto bytes = [&](int type) {
        if (type == DG_I32) fail_argument(name, "f32, f16 or bf16", "i32");
        return product(name, {count, type_bytes(name, type)});
    };
    CombineCall call;
    call.y_type = kernel_type(y_type);
    call.y = engine.in(name, "y", y, bytes(y_type));
    call.terms = terms;
    for (int i = 0; i < terms; ++i) {
        int type = static_cast<int>(static_cast<unsigned>(x_types) >> (4 * i) & 15u);
        call.x_type[i] = kernel_type(type);
        call.x[i] = engine.in(name, ("x" + std::to_string(i)).c_str(), x[i], bytes(type));
        call.factor[i] = factors[i];
    }
    parallel_ranges(engine.threads, count, GRAIN,
                    [&](int64_t begin, int64_t end) { engine.kernels.combine(call, begin, end); });
}

void guidance(Engine& engine, int dtype, int64_t y, int64_t cond, int64_t uncond, int n, int64_t count, float scale,
              float rescale) {
    const char* name = "guidance";
    require_activation_type(name, dtype);
    require_positive(name, "n", n);
    require_positive(name, "count", count);
    if (!(rescale >= 0.0f && rescale <= 1.0f)) fail_argument(name, "rescale in 0..1", std::to_string(rescale));
    int64_t element = type_bytes(name, dtype), row_bytes = product(name, {count, element});
    float* out = engine.in<float>(name, "y", y, product(name, {n, count, 4}));
    const char* c = engine.in<char>(name, "cond", cond, product(name, {n, row_bytes}));
    const char* u = engine.in<char>(name, "uncond", uncond, product(name, {n, row_bytes}));
    Type type = kernel_type(dtype);
    for (int64_t i = 0; i < n; ++i) {
        float* row = out + i * count;
        // Taken first, because y may be one of the inputs.
        double wanted = rescale > 0.0f ? spread(engine, type, c + i * row_bytes, count) : 0.0;
        parallel_ranges(engine.threads, count, GRAIN, [&](int64_t begin, int64_t end) {
            engine.kernels.guide(type, row, c + i * row_bytes, u + i * row_bytes, begin, end, scale);
        });
        if (!(rescale > 0.0f)) continue;
        double found = spread(engine, Type::F32, row, count);
        double factor = static_cast<double>(rescale) * wanted / found + (1.0 - static_cast<double>(rescale));
        CombineCall call{Type::F32, row, 1, {Type::F32}, {row}, {static_cast<float>(factor)}};
        parallel_ranges(engine.threads, count, GRAIN,
                        [&](int64_t begin, int64_t end) { engine.kernels.combine(call, begin, end); });
    }
}

void activation_forward(Engine& engine, int dtype, int64_t y, int64_t x, int64_t count, int activation) {
    const char* name = "activation_forward";
    require_activation_type(name, dtype);
    require_activation(name, activation, false);
    require_positive(name, "count", count);
    int64_t bytes = product(name, {count, type_bytes(name, dtype)});
    void* target = engine.in(name, "y", y, bytes);
    const void* source = engine.in(name, "x", x, bytes);
    parallel_ranges(engine.threads, count, GRAIN, [&](int64_t begin, int64_t end) {
        engine.kernels.activate(kernel_type(dtype), target, source, begin, end, activation);
    });
}

void blend(Engine& engine, int64_t y, int64_t a, int64_t b, int64_t mask, int mask_n, int n, int64_t pixels, int c) {
    const char* name = "blend";
    require_positive(name, "n", n);
    require_positive(name, "pixels", pixels);
    require_positive(name, "c", c);
    if (mask_n != 1 && mask_n != n) fail_argument(name, "mask_n 1 or " + std::to_string(n), std::to_string(mask_n));
    int64_t bytes = product(name, {n, pixels, c, 4});
    float* out = engine.in<float>(name, "y", y, bytes);
    const float* from = engine.in<float>(name, "a", a, bytes);
    const float* to = engine.in<float>(name, "b", b, bytes);
    const float* weight = engine.in<float>(name, "mask", mask, product(name, {mask_n, pixels, 4}));
    parallel_ranges(engine.threads, n * pixels, 1 + GRAIN / c, [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; ++p) {
            float m = weight[mask_n == 1 ? p % pixels : p];
            for (int64_t i = p * c; i < (p + 1) * c; ++i) out[i] = from[i] + m * (to[i] - from[i]);
        }
    });
}

void count_nonfinite(Engine& engine, int dtype, int64_t count, int64_t x, int64_t values) {
    const char* name = "count_nonfinite";
    if (dtype == DG_I32) fail_argument(name, "f32, f16 or bf16", "i32");
    require_positive(name, "values", values);
    const void* source = engine.in(name, "x", x, product(name, {values, type_bytes(name, dtype)}));
    int32_t* out = engine.in<int32_t>(name, "count", count, 4);
    std::atomic<int64_t> total{0};
    parallel_ranges(engine.threads, values, GRAIN, [&](int64_t begin, int64_t end) {
        total += engine.kernels.count_nonfinite(kernel_type(dtype), source, begin, end);
    });
    *out = static_cast<int32_t>(std::min<int64_t>(total, INT32_MAX));
}

void timestep_embedding(Engine& engine, int dtype, int64_t y, int64_t t, int n, int dim) {
    const char* name = "timestep_embedding";
    require_activation_type(name, dtype);
    require_positive(name, "n", n);
    require_range(name, "dim", dim, 2, 1 << 24);
    if (dim % 2 != 0) fail_argument(name, "an even dim", std::to_string(dim));
    const float* times = engine.in<float>(name, "t", t, product(name, {n, 4}));
    char* out = engine.in<char>(name, "y", y, product(name, {n, dim, type_bytes(name, dtype)}));
    int64_t half = dim / 2;
    auto put = [&](int64_t index, double value) {
        if (dtype == DG_BF16) from_float(static_cast<float>(value), reinterpret_cast<BF16*>(out)[index]);
        else reinterpret_cast<float*>(out)[index] = static_cast<float>(value);
    };
    for (int64_t row = 0; row < n; ++row) {
        for (int64_t i = 0; i < half; ++i) {
            double angle = static_cast<double>(times[row])
                           * std::exp(-std::log(10000.0) * static_cast<double>(i) / static_cast<double>(half));
            put(row * dim + i, std::cos(angle));
            put(row * dim + half + i, std::sin(angle));
        }
    }
}

namespace {

template <class T>
void embed_rows(int threads, T* y, const int32_t* ids, const T* table, const T* positions, int64_t rows, int64_t l,
                int64_t c) {
    parallel_ranges(threads, rows, 1 + GRAIN / c, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const T* token = table + int64_t{ids[row]} * c;
            const T* position = positions == nullptr ? nullptr : positions + row % l * c;
            for (int64_t i = 0; i < c; ++i) {
                if (position == nullptr) y[row * c + i] = token[i];
                else from_float(to_float(token[i]) + to_float(position[i]), y[row * c + i]);
            }
        }
    });
}

}  // namespace

void embedding(Engine& engine, int dtype, int64_t y, int64_t ids, int64_t table, int64_t positions, int64_t rows, int l,
               int c, int v) {
    const char* name = "embedding";
    require_activation_type(name, dtype);
    require_positive(name, "rows", rows);
    require_positive(name, "l", l);
    require_positive(name, "c", c);
    require_positive(name, "v", v);
    int64_t element = type_bytes(name, dtype);
    void* out = engine.in(name, "y", y, product(name, {rows, c, element}));
    const int32_t* index = engine.in<int32_t>(name, "ids", ids, product(name, {rows, 4}));
    const void* tokens = engine.in(name, "table", table, product(name, {v, c, element}));
    const void* places =
        positions != 0 ? engine.in(name, "positions", positions, product(name, {l, c, element})) : nullptr;
    for (int64_t row = 0; row < rows; ++row) require_range(name, "each id", index[row], 0, int64_t{v} - 1);
    if (dtype == DG_BF16) {
        embed_rows(engine.threads, static_cast<BF16*>(out), index, static_cast<const BF16*>(tokens),
                   static_cast<const BF16*>(places), rows, l, c);
    } else {
        embed_rows(engine.threads, static_cast<float*>(out), index, static_cast<const float*>(tokens),
                   static_cast<const float*>(places), rows, l, c);
    }
}

}  // namespace dg
