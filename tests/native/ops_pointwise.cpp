// ops_pointwise.cpp - embedding, timestep embedding, combine, guidance, activation, blend, copy_columns,
// count_nonfinite.
#include "ops_support.h"

namespace ops_test {

namespace {

const int FLOAT_TYPES[] = {DG_F32, DG_F16, DG_BF16};
// Exact but for F32 arithmetic and the rounding to the type of y.
const Limit TIGHT{1e-6, 2.5};

void test_embedding(Gpu& gpu, Tally& tally, int dtype, int64_t rows, int l, int c, bool positions) {
    Values values(31);
    int v = 50;
    List table = values.normal(size_t(v) * c, 1, dtype), places = values.normal(size_t(l) * c, 1, dtype), ids(rows),
         expected(rows * c);
    for (int64_t r = 0; r < rows; r++) {
        ids[r] = double((r * 17 + 49) % v);
        if (r == 3) ids[r] = v;
        if (r == 4) ids[r] = -1;
        for (int i = 0; i < c; i++) {
            bool known = ids[r] >= 0 && ids[r] < v;
            expected[r * c + i] = known ? table[size_t(ids[r]) * c + i] + (positions ? places[r % l * c + i] : 0) : NAN;
        }
    }
    Tensor tt(gpu, table, dtype), tp(gpu, places, dtype), ti(gpu, ids, DG_I32), y(gpu, rows * c, dtype);
    int status =
        gpu.table->embedding(gpu.context, dtype, y.at(), ti.at(), tt.at(), positions ? tp.at() : 0, rows, l, c, v);
    verify(tally, gpu,
           format("embedding %s rows %d l %d c %d positions %d", name_of(dtype), int(rows), l, c, positions), status, y,
           expected, TIGHT);
}

void test_timestep_embedding(Gpu& gpu, Tally& tally, int dtype, int dim) {
    List t = {0, 1, 17.5, 500, 999}, expected(t.size() * dim);
    for (size_t n = 0; n < t.size(); n++) {
        for (int i = 0; i < dim / 2; i++) {
            double angle = t[n] * std::pow(10000.0, -i / (dim / 2.0));
            expected[n * dim + i] = std::cos(angle);
            expected[n * dim + dim / 2 + i] = std::sin(angle);
        }
    }
    Tensor tt(gpu, t, DG_F32), y(gpu, t.size() * dim, dtype);
    verify(tally, gpu, format("timestep_embedding %s dim %d", name_of(dtype), dim),
           gpu.table->timestep_embedding(gpu.context, dtype, y.at(), tt.at(), int(t.size()), dim), y, expected);
}

// Term i has type (first_type + i) % 3, coefficient 0.5 - i. With in_place y is the last term.
void test_combine(Gpu& gpu, Tally& tally, int64_t count, int terms, int y_type, int first_type, bool in_place,
                  size_t misalign) {
    Values values(unsigned(count + terms));
    std::vector<std::unique_ptr<Tensor>> x;
    List expected(count);
    int64_t at[8] = {};
    float c[8] = {};
    int types = 0;
    for (int t = 0; t < terms; t++) {
        int type = in_place && t == terms - 1 ? y_type : (first_type + t) % 3;
        List list = values.normal(count + misalign, 1, type);
        x.push_back(std::make_unique<Tensor>(gpu, list, type));
        at[t] = x.back()->at(misalign);
        c[t] = 0.5f - t;
        types |= type << (4 * t);
        for (int64_t i = 0; i < count; i++) expected[i] += c[t] * list[i + misalign];
    }
    Tensor own(gpu, count, y_type);
    const Tensor& y = in_place ? *x.back() : own;
    int status = gpu.table->combine(gpu.context, y_type, y.at(), count, terms, types, at[0], at[1], at[2], at[3], at[4],
                                    at[5], at[6], at[7], c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]);
    verify(tally, gpu,
           format("combine count %d terms %d to %s in place %d from element %zu", int(count), terms, name_of(y_type),
                  in_place, misalign),
           status, y, expected, {2e-5, 2});
}

void test_guidance(Gpu& gpu, Tally& tally, int dtype, int n, int64_t count, float scale, float rescale, double mean) {
    Values values(static_cast<unsigned>(count));
    List c = values.normal(n * count, 1, dtype), u = values.normal(n * count, 0.9, dtype), expected(n * count);
    for (double& v : c) v = rounded(v + mean, dtype);
    for (double& v : u) v = rounded(v + mean, dtype);
    auto deviation = [&](const List& x, int64_t first) {
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < count; i++) sum += x[first + i];
        for (int64_t i = 0; i < count; i++) squares += (x[first + i] - sum / count) * (x[first + i] - sum / count);
        return std::sqrt(squares);
    };
    for (int r = 0; r < n; r++) {
        for (int64_t i = r * count; i < (r + 1) * count; i++) expected[i] = u[i] + double(scale) * (c[i] - u[i]);
        double y_deviation = deviation(expected, r * count),
               ratio = y_deviation == 0 ? 1 : deviation(c, r * count) / y_deviation;
        double factor = rescale > 0 ? rescale * ratio + 1 - rescale : 1;
        for (int64_t i = r * count; i < (r + 1) * count; i++) expected[i] *= factor;
    }
    Tensor tc(gpu, c, dtype), tu(gpu, u, dtype), y(gpu, n * count, DG_F32);
    int status = gpu.table->guidance(gpu.context, dtype, y.at(), tc.at(), tu.at(), n, count, scale, rescale);
    verify(tally, gpu,
           format("guidance %s n %d count %d rescale %g mean %g", name_of(dtype), n, int(count), rescale, mean), status,
           y, expected, {3e-5, 40});
}

void test_guidance_batch(Gpu& gpu, Tally& tally) {
    int64_t count = 5000;
    Values values(77);
    Tensor c(gpu, values.normal(3 * count, 1, DG_F16), DG_F16), u(gpu, values.normal(3 * count, 1, DG_F16), DG_F16),
        all(gpu, 3 * count, DG_F32), one(gpu, count, DG_F32);
    gpu.must(gpu.table->guidance(gpu.context, DG_F16, all.at(), c.at(), u.at(), 3, count, 7, 0.7f), "guidance");
    gpu.must(gpu.table->guidance(gpu.context, DG_F16, one.at(), c.at(count), u.at(count), 1, count, 7, 0.7f),
             "guidance");
    std::vector<unsigned char> batch = all.raw(), alone = one.raw();
    tally.record(std::equal(alone.begin(), alone.end(), batch.begin() + alone.size()),
                 "guidance: one row differs from the same in a batch");
}

void test_activation(Gpu& gpu, Tally& tally, int dtype, int64_t count, int kind, size_t misalign) {
    Values values(static_cast<unsigned>(kind));
    List x = values.normal(count + misalign, 3, dtype), expected(count);
    for (int64_t i = 0; i < count; i++) expected[i] = gemm_test::activated(x[i + misalign], kind);
    Tensor tx(gpu, x, dtype), y(gpu, count, dtype);
    verify(tally, gpu,
           format("activation %s kind %d count %d from element %zu", name_of(dtype), kind, int(count), misalign),
           gpu.table->activation_forward(gpu.context, dtype, y.at(), tx.at(misalign), count, kind), y, expected,
           {2e-6, 4});
}

void test_blend(Gpu& gpu, Tally& tally, int n, int mask_n, int64_t pixels, int c) {
    Values values(5);
    List a = values.normal(n * pixels * c, 1, DG_F32), b = values.normal(n * pixels * c, 1, DG_F32),
         mask = values.normal(mask_n * pixels, 1, DG_F32);
    List expected(a.size());
    for (size_t i = 0; i < a.size(); i++) expected[i] = a[i] + mask[i / c % (mask_n * pixels)] * (b[i] - a[i]);
    Tensor ta(gpu, a, DG_F32), tb(gpu, b, DG_F32), tm(gpu, mask, DG_F32);
    int status = gpu.table->blend(gpu.context, ta.at(), ta.at(), tb.at(), tm.at(), mask_n, n, pixels, c);
    verify(tally, gpu, format("blend n %d mask %d pixels %d c %d", n, mask_n, int(pixels), c), status, ta, expected,
           {2e-6, 4});
}

void test_copy(Gpu& gpu, Tally& tally, int dtype, int64_t rows, int64_t cols, int64_t ldy, int64_t ldx, int64_t col_y,
               int64_t col_x) {
    Values values(6);
    List x = values.normal(rows * ldx, 1, dtype), expected(rows * ldy, -5.0);
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t i = 0; i < cols; i++) expected[r * ldy + col_y + i] = x[r * ldx + col_x + i];
    }
    Tensor tx(gpu, x, dtype), y(gpu, List(rows * ldy, -5.0), dtype);
    int status = gpu.table->copy_columns(gpu.context, dtype, y.at(col_y), ldy, tx.at(col_x), ldx, rows, cols);
    verify(tally, gpu, format("copy_columns %s rows %d cols %d", name_of(dtype), int(rows), int(cols)), status, y,
           expected, {0, 0});
}

void test_count(Gpu& gpu, Tally& tally, int dtype, int64_t count, size_t misalign) {
    List x(count + misalign, 60000.0);
    double expected = 0;
    for (int64_t i = 0; i < count; i += 37, expected++)
        x[i + misalign] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
    Tensor tx(gpu, x, dtype), y(gpu, 1, DG_I32);
    verify(tally, gpu, format("count_nonfinite %s count %d from element %zu", name_of(dtype), int(count), misalign),
           gpu.table->count_nonfinite(gpu.context, dtype, y.at(), tx.at(misalign), count), y, {expected}, {0, 0});
}

}  // namespace

void run_pointwise(Gpu& gpu, Tally& tally) {
    for (int dtype : half_types(gpu)) {
        test_embedding(gpu, tally, dtype, 1, 1, 1, true);
        test_embedding(gpu, tally, dtype, 154, 77, 64, true);
        test_embedding(gpu, tally, dtype, 9, 5, 13, false);
        for (int dim : {2, 6, 320}) test_timestep_embedding(gpu, tally, dtype, dim);
    }
    for (int y_type : FLOAT_TYPES) {
        test_combine(gpu, tally, 1, 1, y_type, 0, false, 0);
        test_combine(gpu, tally, 2049, 8, y_type, 1, false, 0);
        test_combine(gpu, tally, 5000, 3, y_type, 2, true, 0);
        test_combine(gpu, tally, 100, 2, y_type, 0, false, 1);
    }
    for (int dtype : FLOAT_TYPES) {
        test_guidance(gpu, tally, dtype, 1, 1, 7.5f, 0, 0);
        test_guidance(gpu, tally, dtype, 2, 2049, 7.5f, 0, 0);
        test_guidance(gpu, tally, dtype, 2, 2049, 7.5f, 0.7f, 0);
        test_guidance(gpu, tally, dtype, 3, 100, 3, 1, 0);
        test_guidance(gpu, tally, dtype, 1, 1, 3, 1, 0);
        for (int kind = DG_ACT_NONE; kind <= DG_ACT_MISH; kind++) test_activation(gpu, tally, dtype, 77, kind, 0);
        test_activation(gpu, tally, dtype, 4099, DG_ACT_SILU, 0);
        test_activation(gpu, tally, dtype, 300, DG_ACT_GELU, 1);
        test_copy(gpu, tally, dtype, 1, 1, 1, 1, 0, 0);
        test_copy(gpu, tally, dtype, 37, 48, 128, 64, 16, 8);
        test_copy(gpu, tally, dtype, 37, 5, 11, 9, 3, 2);
        test_count(gpu, tally, dtype, 1, 0);
        test_count(gpu, tally, dtype, 5003, 0);
        test_count(gpu, tally, dtype, 100, 1);
    }
    test_guidance(gpu, tally, DG_F32, 1, 70000, 7.5f, 0.7f, 0);
    test_guidance(gpu, tally, DG_F32, 1, 3000, 7.5f, 0.5f, 100);
    test_guidance_batch(gpu, tally);
    test_blend(gpu, tally, 1, 1, 1, 1);
    test_blend(gpu, tally, 3, 1, 33, 4);
    test_blend(gpu, tally, 3, 3, 70, 5);
}

}  // namespace ops_test
