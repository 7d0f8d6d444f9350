// ops_attention.cpp - attention: all head sizes, ragged lengths, views with strides, causal, several tiles, batch
// invariance, NaN.
#include "ops_support.h"

namespace ops_test {

namespace {

struct Shape {
    int n, lq, lk, heads, d;
    bool causal = false;
    bool fused = false;    // q, k and v are columns of one tensor
    int stride_extra = 0;  // added to the row strides
    double deviation = 1;
};

std::string describe(const Shape& s, int dtype, int variant) {
    return format("attention %s variant %d n %d lq %d lk %d heads %d d %d%s%s extra %d deviation %g", name_of(dtype),
                  variant, s.n, s.lq, s.lk, s.heads, s.d, s.causal ? " causal" : "", s.fused ? " fused" : "",
                  s.stride_extra, s.deviation);
}

struct View {
    List data;
    int64_t ld;
    size_t offset;
    double at(int64_t row, int col) const { return data[offset + row * ld + col]; }
};

List reference(const Shape& s, const View& q, const View& k, const View& v, double scale) {
    List y(static_cast<size_t>(s.n) * s.lq * s.heads * s.d);
    List weights(s.lk);
    for (int n = 0; n < s.n; n++) {
        for (int h = 0; h < s.heads; h++) {
            for (int i = 0; i < s.lq; i++) {
                int keys = s.causal ? i + 1 : s.lk;
                double highest = -1e300, sum = 0;
                for (int j = 0; j < keys; j++) {
                    double score = 0;
                    for (int c = 0; c < s.d; c++)
                        score += q.at(n * int64_t{s.lq} + i, h * s.d + c) * k.at(n * int64_t{s.lk} + j, h * s.d + c);
                    weights[j] = score * scale;
                    highest = std::fmax(highest, weights[j]);
                }
                for (int j = 0; j < keys; j++) sum += weights[j] = std::exp(weights[j] - highest);
                for (int c = 0; c < s.d; c++) {
                    double total = 0;
                    for (int j = 0; j < keys; j++) total += weights[j] * v.at(n * int64_t{s.lk} + j, h * s.d + c);
                    y[((n * size_t(s.lq) + i) * s.heads + h) * s.d + c] = total / sum;
                }
            }
        }
    }
    return y;
}

// Gaps between rows must stay untouched: y has its own stride, filled with a value that nothing computes.
constexpr double UNTOUCHED = -77;

List with_stride(const List& dense, int64_t rows, int64_t cols, int64_t ld) {
    List y(rows * ld, UNTOUCHED);
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t c = 0; c < cols; c++) y[r * ld + c] = dense[r * cols + c];
    }
    return y;
}

void test(Gpu& gpu, Tally& tally, const Shape& s, int dtype, int variant, unsigned seed) {
    Values values(seed);
    int64_t cols = int64_t{s.heads} * s.d, q_rows = int64_t{s.n} * s.lq, k_rows = int64_t{s.n} * s.lk;
    double scale = 1 / std::sqrt(double(s.d));
    View q, k, v;
    if (s.fused) {
        int64_t ld = 3 * cols + s.stride_extra;
        List all = values.normal(q_rows * ld, s.deviation, dtype);
        q = {all, ld, 0};
        k = {all, ld, size_t(cols)};
        v = {all, ld, size_t(2 * cols)};
    } else {
        int64_t ld = cols + s.stride_extra;
        q = {values.normal(q_rows * ld, s.deviation, dtype), ld, 0};
        k = {values.normal(k_rows * ld, s.deviation, dtype), ld, 0};
        v = {values.normal(k_rows * ld, 1, dtype), ld, 0};
    }
    Tensor tq(gpu, q.data, dtype), tk(gpu, k.data, dtype), tv(gpu, v.data, dtype);
    int64_t ldy = cols + s.stride_extra;
    Tensor y(gpu, List(q_rows * ldy, UNTOUCHED), dtype);
    gpu.must(gpu.table->set_variant(gpu.context, DG_OP_ATTENTION, variant), "set_variant");
    int status = gpu.table->attention(gpu.context, dtype, y.at(), ldy, tq.at(q.offset), q.ld, tk.at(k.offset), k.ld,
                                      tv.at(v.offset), v.ld, s.n, s.lq, s.lk, s.heads, s.d, float(scale), s.causal);
    // The weights of v are rounded to the storage type: bf16 keeps 8 bits of each.
    Limit limit{dtype == DG_BF16 ? 1e-2 : 1.5e-3, 2};
    verify(tally, gpu, describe(s, dtype, variant), status, y,
           with_stride(reference(s, q, k, v, scale), q_rows, cols, ldy), limit);
    gpu.table->set_variant(gpu.context, DG_OP_ATTENTION, 0);
}

// One sequence alone and as number 2 of 3: equal bits.
void test_batch(Gpu& gpu, Tally& tally, int lq, int lk, int heads, int d, int dtype) {
    Values values(7);
    size_t q_size = size_t(lq) * heads * d, k_size = size_t(lk) * heads * d;
    List q = values.normal(3 * q_size, 1, dtype), k = values.normal(3 * k_size, 1, dtype),
         v = values.normal(3 * k_size, 1, dtype);
    Tensor tq(gpu, q, dtype), tk(gpu, k, dtype), tv(gpu, v, dtype), batch(gpu, 3 * q_size, dtype),
        alone(gpu, q_size, dtype);
    int64_t ld = int64_t{heads} * d;
    auto run = [&](const Tensor& y, size_t first, int n) {
        gpu.must(gpu.table->attention(gpu.context, dtype, y.at(), ld, tq.at(first * q_size), ld, tk.at(first * k_size),
                                      ld, tv.at(first * k_size), ld, n, lq, lk, heads, d, 0.3f, 0),
                 "attention");
    };
    run(batch, 0, 3);
    run(alone, 1, 1);
    std::vector<unsigned char> all = batch.raw(), one = alone.raw();
    tally.record(std::equal(one.begin(), one.end(), all.begin() + one.size()),
                 format("attention lq %d lk %d d %d: one sequence differs from the same in a batch", lq, lk, d));
}

// A NaN in one query reaches that query's result and no other.
void test_nan(Gpu& gpu, Tally& tally, int d, int variant) {
    Values values(8);
    int length = 70;
    List q = values.normal(size_t(length) * d, 1, DG_F16);
    q[size_t(20) * d + 3] = NAN;
    Tensor tq(gpu, q, DG_F16), tk(gpu, values.normal(q.size(), 1, DG_F16), DG_F16), y(gpu, q.size(), DG_F16);
    gpu.must(gpu.table->set_variant(gpu.context, DG_OP_ATTENTION, variant), "set_variant");
    gpu.must(gpu.table->attention(gpu.context, DG_F16, y.at(), d, tq.at(), d, tk.at(), d, tk.at(), d, 1, length, length,
                                  1, d, 0.2f, 0),
             "attention");
    gpu.table->set_variant(gpu.context, DG_OP_ATTENTION, 0);
    List found = y.get();
    bool right = true;
    for (size_t i = 0; i < found.size(); i++) right = right && std::isnan(found[i]) == (i / d == 20);
    tally.record(right, format("attention d %d variant %d: NaN of query 20 expected in its row only", d, variant));
}

void test_refusals(Gpu& gpu, Tally& tally) {
    Tensor t(gpu, List(4096, 0.0), DG_F16);
    auto call = [&](int dtype, int lq, int lk, int d, float scale, int causal, int64_t ld) {
        return gpu.table->attention(gpu.context, dtype, t.at(), ld, t.at(), ld, t.at(), ld, t.at(), ld, 1, lq, lk, 1, d,
                                    scale, causal);
    };
    refuses(tally, gpu, "f32", call(DG_F32, 4, 4, 8, 1, 0, 8), DG_ERROR_UNSUPPORTED, "f16 or bf16");
    refuses(tally, gpu, "causal", call(DG_F16, 4, 5, 8, 1, 1, 8), DG_ERROR_ARGUMENT, "attention: expected LQ == LK");
    refuses(tally, gpu, "scale", call(DG_F16, 4, 4, 8, -1, 0, 8), DG_ERROR_ARGUMENT, "a scale from");
    refuses(tally, gpu, "stride", call(DG_F16, 4, 4, 8, 1, 0, 7), DG_ERROR_ARGUMENT, "row stride");
    refuses(tally, gpu, "size", call(DG_F16, 600, 4, 8, 1, 0, 8), DG_ERROR_ARGUMENT, "inside one allocation");
    refuses(tally, gpu, "head size", call(DG_F16, 4, 4, 520, 1, 0, 520), DG_ERROR_UNSUPPORTED,
            "head size of at most 512");
    gpu.must(gpu.table->set_variant(gpu.context, DG_OP_ATTENTION, 1), "set_variant");
    refuses(tally, gpu, "odd head", call(DG_F16, 4, 4, 5, 1, 0, 5), DG_ERROR_UNSUPPORTED, "variant 1");
    gpu.must(gpu.table->set_variant(gpu.context, DG_OP_ATTENTION, 0), "set_variant");
}

}  // namespace

void run_attention(Gpu& gpu, Tally& tally) {
    // Both variants: head sizes of every template and between them, one element, off tile edges, at least three tiles.
    std::vector<Shape> shapes = {
        {1, 1, 1, 1, 8},
        {1, 1, 1, 1, 512},
        {2, 3, 5, 2, 8},
        {1, 130, 200, 2, 32},
        {2, 129, 77, 2, 40},
        {1, 64, 257, 2, 40},
        {1, 77, 77, 2, 64, true},
        {2, 130, 193, 1, 64},
        {1, 65, 130, 2, 80},
        {1, 63, 97, 1, 160},
        {1, 33, 100, 1, 512},
        {1, 31, 33, 2, 168},
        {1, 40, 130, 1, 256},
        {1, 66, 66, 1, 48, false, true},
        {1, 20, 131, 1, 136},
        {2, 70, 70, 2, 40, false, true},
        {1, 200, 200, 1, 40, true},
        {1, 100, 100, 1, 160, true, true},
        {1, 70, 70, 1, 512, true},
        {1, 127, 127, 1, 80, true},
        {1, 50, 70, 2, 64, false, false, 8},
        {1, 40, 90, 1, 64, false, false, 0, 8},
    };
    // Sizes of the real models, fewer queries: SD 1.5 at 64x64 and 32x32, SDXL at 64x64, the VAE's middle block.
    if (!gpu.quick) {
        shapes.insert(shapes.end(), {{1, 128, 4096, 1, 40},
                                     {1, 256, 1024, 1, 80},
                                     {1, 130, 4096, 1, 64},
                                     {1, 256, 256, 1, 160},
                                     {1, 64, 4096, 1, 512},
                                     {1, 256, 77, 2, 160}});
    }
    // Only the simple kernel: sizes and strides that no 16-byte copy fits.
    std::vector<Shape> odd = {{1, 1, 1, 1, 1},
                              {2, 5, 7, 2, 3},
                              {1, 9, 40, 3, 5},
                              {1, 33, 33, 2, 4, true, true},
                              {1, 10, 70, 1, 40, false, false, 1},
                              {1, 6, 40, 1, 511}};
    unsigned seed = 100;
    for (int dtype : half_types(gpu)) {
        for (size_t i = 0; i < shapes.size(); i++) {
            for (int variant : {0, 1, 2}) {
                if (variant == 0 && i % 4 != 0) continue;
                if (gpu.quick && variant == 2 && i % 3 != 0) continue;
                test(gpu, tally, shapes[i], dtype, variant, seed++);
            }
        }
        for (const Shape& shape : odd) test(gpu, tally, shape, dtype, 0, seed++);
    }
    for (int d : {40, 64, 80, 160, 512}) test_batch(gpu, tally, 70, 77, d > 160 ? 1 : 2, d, DG_F16);
    for (int d : {40, 512}) {
        for (int variant : {1, 2}) test_nan(gpu, tally, d, variant);
    }
    test_refusals(gpu, tally);
}

}  // namespace ops_test
