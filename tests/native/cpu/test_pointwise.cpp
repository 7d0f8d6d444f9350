// test_pointwise.cpp - activations, combine, guidance, blend, embeddings, counting.
#include <limits>
#include <memory>

#include "harness.h"

namespace test {
namespace {

void test_activations(Suite& suite) {
    Random random(suite.seed + 4);
    for (int type : {DG_F32, DG_BF16}) {
        for (int activation = DG_ACT_NONE; activation <= DG_ACT_MISH; ++activation) {
            for (size_t count : {size_t{1}, size_t{15}, size_t{33}, size_t{70001}}) {
                Values x = rounded(random.normal(count, 4.0), type);
                if (count > 20) {
                    const double corners[] = {0.0,   -0.0,   1e-6, -1e-6, 30.0, -30.0,
                                              100.0, -100.0, 1e4,  -1e4,  88.0, -88.0};
                    for (size_t i = 0; i < 12; ++i) x[i] = corners[i];
                    x = rounded(x, type);
                }
                Values wanted(count);
                for (size_t i = 0; i < count; ++i) wanted[i] = activate(activation, x[i]);
                Tensor a(suite, x, type), y(suite, count, type);
                std::string what = shape_text("activation", {activation, static_cast<int64_t>(count)});
                suite.expect_ok(
                    suite.plugin->activation_forward(suite.engine, type, y, a, static_cast<int64_t>(count), activation),
                    what);
                compare(suite, what, y.values(), wanted, type);
            }
        }
        // Not a number stays not a number: a broken model must not look healthy.
        Values x(40, std::numeric_limits<double>::quiet_NaN());
        for (int activation = DG_ACT_NONE; activation <= DG_ACT_MISH; ++activation) {
            Tensor a(suite, x, type), y(suite, x.size(), type);
            suite.plugin->activation_forward(suite.engine, type, y, a, 40, activation);
            bool all = true;
            for (double value : y.values()) all &= std::isnan(value);
            suite.expect(all, shape_text("activation of NaN", {activation}));
        }
    }
}

void check_combine(Suite& suite, size_t count, int terms, int y_type, const int* types, Random& random) {
    Values wanted(count, 0.0);
    std::vector<std::unique_ptr<Tensor>> x;
    int codes = 0;
    float factor[8] = {};
    int64_t address[8] = {};
    for (int t = 0; t < terms; ++t) {
        Values values = rounded(random.normal(count), types[t]);
        factor[t] = static_cast<float>(t % 2 == 0 ? 0.5 + t : -0.25 * t);
        for (size_t i = 0; i < count; ++i) wanted[i] += static_cast<double>(factor[t]) * values[i];
        x.push_back(std::make_unique<Tensor>(suite, values, types[t]));
        address[t] = *x.back();
        codes |= types[t] << (4 * t);
    }
    Tensor y(suite, count, y_type);
    std::string what = shape_text("combine", {static_cast<int64_t>(count), terms, codes});
    suite.expect_ok(
        suite.plugin->combine(suite.engine, y_type, y, static_cast<int64_t>(count), terms, codes, address[0],
                              address[1], address[2], address[3], address[4], address[5], address[6], address[7],
                              factor[0], factor[1], factor[2], factor[3], factor[4], factor[5], factor[6], factor[7]),
        what);
    compare(suite, what, y.values(), wanted, y_type);
}

void test_combine(Suite& suite) {
    Random random(suite.seed + 5);
    const int mixed[8] = {DG_F32, DG_BF16, DG_F16, DG_F32, DG_BF16, DG_F32, DG_F16, DG_BF16};
    for (size_t count : {size_t{1}, size_t{17}, size_t{511}, size_t{513}, size_t{40000}}) {
        for (int terms : {1, 2, 3, 8}) {
            for (int y_type : {DG_F32, DG_BF16, DG_F16}) check_combine(suite, count, terms, y_type, mixed, random);
        }
    }
}

double deviation(const double* x, size_t count) {
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; ++i) sum += x[i];
    for (size_t i = 0; i < count; ++i) squares += (x[i] - sum / count) * (x[i] - sum / count);
    return std::sqrt(squares / count);
}

void test_guidance(Suite& suite) {
    Random random(suite.seed + 6);
    for (int type : {DG_F32, DG_BF16}) {
        for (size_t count : {size_t{1}, size_t{37}, size_t{16384}, size_t{40001}}) {
            for (double rescale : {0.0, 0.7}) {
                if (count == 1 && rescale > 0.0) continue;  // a single value has no deviation
                const size_t n = 2;
                Values cond = rounded(random.normal(n * count, 1.0, 0.5), type),
                       uncond = rounded(random.normal(n * count), type), wanted(n * count);
                for (size_t row = 0; row < n; ++row) {
                    for (size_t i = row * count; i < (row + 1) * count; ++i)
                        wanted[i] = uncond[i] + 7.5 * (cond[i] - uncond[i]);
                    double factor = rescale > 0.0 ? rescale * deviation(&cond[row * count], count)
                                                            / deviation(&wanted[row * count], count)
                                                        + 1.0 - rescale
                                                  : 1.0;
                    for (size_t i = row * count; i < (row + 1) * count; ++i) wanted[i] *= factor;
                }
                Tensor c(suite, cond, type), u(suite, uncond, type), y(suite, n * count, DG_F32);
                std::string what = shape_text("guidance", {static_cast<int64_t>(count), rescale > 0.0});
                suite.expect_ok(suite.plugin->guidance(suite.engine, type, y, c, u, n, static_cast<int64_t>(count),
                                                       7.5f, static_cast<float>(rescale)),
                                what);
                compare(suite, what, y.values(), wanted, DG_F32);
            }
        }
    }
}

void test_blend(Suite& suite) {
    Random random(suite.seed + 7);
    for (int mask_n : {1, 3}) {
        const int n = 3, pixels = 35, c = 4;
        Values a = rounded(random.normal(n * pixels * c), DG_F32), b = rounded(random.normal(n * pixels * c), DG_F32);
        Values mask = rounded(random.normal(static_cast<size_t>(mask_n * pixels)), DG_F32), wanted(a.size());
        for (int i = 0; i < n * pixels * c; ++i) wanted[i] = a[i] + mask[(i / c) % (mask_n * pixels)] * (b[i] - a[i]);
        Tensor ta(suite, a, DG_F32), tb(suite, b, DG_F32), tm(suite, mask, DG_F32), y(suite, a.size(), DG_F32);
        suite.expect_ok(suite.plugin->blend(suite.engine, y, ta, tb, tm, mask_n, n, pixels, c), "blend");
        compare(suite, shape_text("blend", {mask_n}), y.values(), wanted, DG_F32);
    }
}

void test_embeddings(Suite& suite) {
    Random random(suite.seed + 8);
    for (int type : {DG_F32, DG_BF16}) {
        const int rows = 14, l = 7, c = 33, v = 50;
        Values ids(rows), table = rounded(random.normal(v * c), type), places = rounded(random.normal(l * c), type);
        for (double& id : ids) id = random.below(v);
        for (bool with_places : {true, false}) {
            Values wanted(rows * c);
            for (int i = 0; i < rows * c; ++i) {
                wanted[i] = table[static_cast<size_t>(ids[i / c]) * c + i % c]
                            + (with_places ? places[i / c % l * c + i % c] : 0.0);
            }
            Tensor ti(suite, ids, DG_I32), tt(suite, table, type), tp(suite, places, type),
                y(suite, wanted.size(), type);
            suite.expect_ok(
                suite.plugin->embedding(suite.engine, type, y, ti, tt, with_places ? tp.address() : 0, rows, l, c, v),
                "embedding");
            compare(suite, "embedding", y.values(), wanted, type);
        }
        Values wrong(rows, 0.0);
        wrong[3] = v;
        Tensor ti(suite, wrong, DG_I32), tt(suite, table, type), y(suite, rows * c, type);
        suite.expect_error(suite.plugin->embedding(suite.engine, type, y, ti, tt, 0, rows, l, c, v), DG_ERROR_ARGUMENT,
                           "embedding");

        const int n = 4, dim = 320;
        Values t = {0.0, 1.0, 999.0, 500.5}, waves(n * dim);
        for (int i = 0; i < n * dim; ++i) {
            int column = i % dim, half = dim / 2;
            double angle = t[i / dim] * std::pow(10000.0, -static_cast<double>(column % half) / half);
            waves[i] = column < half ? std::cos(angle) : std::sin(angle);
        }
        Tensor times(suite, t, DG_F32), out(suite, waves.size(), type);
        suite.expect_ok(suite.plugin->timestep_embedding(suite.engine, type, out, times, n, dim), "timestep_embedding");
        compare(suite, "timestep_embedding", out.values(), waves, type);
    }
}

void test_counting(Suite& suite) {
    Random random(suite.seed + 9);
    const double bad[] = {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                          std::numeric_limits<double>::quiet_NaN()};
    for (int type : {DG_F32, DG_F16, DG_BF16}) {
        for (size_t count : {size_t{1}, size_t{31}, size_t{100000}}) {
            Values x = random.normal(count);
            double wanted = 0;
            for (size_t i = 0; i < count; i += 1 + count / 7) {
                x[i] = bad[i % 3];
                ++wanted;
            }
            Tensor a(suite, x, type), result(suite, 1, DG_I32);
            suite.expect_ok(suite.plugin->count_nonfinite(suite.engine, type, result, a, static_cast<int64_t>(count)),
                            "count_nonfinite");
            suite.expect(result.values()[0] == wanted,
                         shape_text("count_nonfinite", {type, static_cast<int64_t>(count)}));
        }
    }
}

}  // namespace

void test_pointwise(Suite& suite) {
    test_activations(suite);
    test_combine(suite);
    test_guidance(suite);
    test_blend(suite);
    test_embeddings(suite);
    test_counting(suite);
}

}  // namespace test
