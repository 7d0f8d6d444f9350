// test_attention.cpp - attention against loops in double: head sizes, ragged lengths, strided views, causal, every
// variant.
#include "harness.h"

namespace test {
namespace {

struct Shape {
    int n, lq, lk, heads, d;
    bool causal;
    double scale, spread, mean;
};

size_t at(int n, int length, int row, int ld) { return (static_cast<size_t>(n) * length + row) * ld; }

Values reference(const Shape& s, const Values& q, int ldq, const Values& k, int ldk, const Values& v, int ldv, int ldy,
                 const Values& before) {
    Values y = before;
    std::vector<double> p(static_cast<size_t>(s.lk));
    for (int n = 0; n < s.n; ++n)
        for (int h = 0; h < s.heads; ++h)
            for (int i = 0; i < s.lq; ++i) {
                const double* query = &q[at(n, s.lq, i, ldq) + h * s.d];
                int keys = s.causal ? i + 1 : s.lk;
                double largest = -1e300, sum = 0.0;
                for (int j = 0; j < keys; ++j) {
                    const double* key = &k[at(n, s.lk, j, ldk) + h * s.d];
                    double score = 0.0;
                    for (int c = 0; c < s.d; ++c) score += query[c] * key[c];
                    p[j] = score * s.scale;
                    largest = std::max(largest, p[j]);
                }
                for (int j = 0; j < keys; ++j) sum += p[j] = std::exp(p[j] - largest);
                for (int c = 0; c < s.d; ++c) {
                    double total = 0.0;
                    for (int j = 0; j < keys; ++j) total += p[j] * v[at(n, s.lk, j, ldv) + h * s.d + c];
                    y[at(n, s.lq, i, ldy) + h * s.d + c] = total / sum;
                }
            }
    return y;
}

void check(Suite& suite, const Shape& s, int type, Random& random) {
    int width = s.heads * s.d, ldq = width + 8, ldk = 2 * width, ldv = 2 * width, ldy = width + 16;
    auto size = [&](int length, int ld) { return static_cast<size_t>(s.n) * length * ld; };
    Values q = rounded(random.normal(size(s.lq, ldq), s.spread), type);
    Values kv = rounded(random.normal(size(s.lk, ldk), s.spread, s.mean), type);
    Values v(kv.begin() + width, kv.end());  // keys and values side by side in one tensor
    Values blank(size(s.lq, ldy), 7.0);
    Values wanted = reference(s, q, ldq, kv, ldk, v, ldv, ldy, blank);
    Tensor q_device(suite, q, type), kv_device(suite, kv, type);
    int64_t values = kv_device.address() + static_cast<int64_t>(width) * bytes_of(type);
    int variants = 1;
    suite.expect_ok(suite.plugin->variants(suite.engine, DG_OP_ATTENTION, &variants), "variants");
    for (int variant = 0; variant <= variants; ++variant) {
        suite.expect_ok(suite.plugin->set_variant(suite.engine, DG_OP_ATTENTION, variant), "set_variant");
        std::string what =
            shape_text("attention", {s.n, s.lq, s.lk, s.heads, s.d, s.causal}) + " variant " + std::to_string(variant);
        auto run = [&](int64_t y, int n) {
            return suite.plugin->attention(suite.engine, type, y, ldy, q_device, ldq, kv_device, ldk, values, ldv, n,
                                           s.lq, s.lk, s.heads, s.d, static_cast<float>(s.scale), s.causal);
        };
        Tensor y(suite, blank, type), again(suite, blank, type), alone(suite, blank, type);
        suite.expect_ok(run(y, s.n), what);
        compare(suite, what, y.values(), wanted, type, 4e-3);
        run(again, s.n);
        suite.expect(again.raw() == y.raw(), what + ": the same bits again");
        run(alone, 1);
        std::vector<uint8_t> first = y.raw(), single = alone.raw();
        single.resize(single.size() / static_cast<size_t>(s.n));
        first.resize(single.size());
        suite.expect(single == first, what + ": the same bits alone and in a batch");
    }
    suite.plugin->set_variant(suite.engine, DG_OP_ATTENTION, 0);
}

}  // namespace

void test_attention(Suite& suite) {
    for (int type : {DG_F32, DG_BF16}) {
        Random random(suite.seed + 2);
        auto plain = [](int n, int lq, int lk, int heads, int d, bool causal = false) {
            return Shape{n, lq, lk, heads, d, causal, 1.0 / std::sqrt(d), 1.0, 0.0};
        };
        const Shape shapes[] = {
            plain(1, 1, 1, 1, 1),        plain(1, 1, 1, 1, 8),           plain(2, 3, 5, 2, 9),
            plain(1, 64, 64, 2, 40),     plain(2, 65, 63, 2, 40),        plain(1, 63, 97, 1, 64),
            plain(2, 64, 77, 8, 40),     plain(1, 256, 77, 2, 160),      plain(2, 77, 77, 12, 64, true),
            plain(1, 1, 1, 1, 64, true), plain(1, 130, 130, 2, 8, true), plain(1, 300, 300, 1, 40, true),
            plain(1, 200, 290, 1, 80),   plain(1, 33, 31, 1, 17),        plain(1, 48, 500, 1, 512),
            plain(1, 100, 193, 2, 160),  plain(2, 31, 192, 1, 33),       plain(1, 97, 96, 1, 128),
            plain(1, 10, 95, 3, 13),     plain(1, 512, 512, 1, 40),
        };
        for (const Shape& shape : shapes) check(suite, shape, type, random);
        check(suite, {1, 40, 200, 2, 40, false, 3.0, 1.0, 0.0}, type, random);     // sharp: scores of +-60
        check(suite, {1, 40, 200, 2, 40, false, 0.158, 1.0, 4.0}, type, random);   // all scores far from zero
        check(suite, {1, 40, 120, 2, 40, false, 1e-6, 1.0, 0.0}, type, random);  // smallest scale: nearly the mean of v
        check(suite, {1, 40, 120, 2, 40, false, 0.158, 0.0, 1.0}, type, random);   // all equal
    }
}

}  // namespace test
