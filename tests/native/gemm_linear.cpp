// gemm_linear.cpp - linear in every variant against naive loops in double; the bits of a row depend neither on the
// variant nor on the other rows.
#include <memory>

#include "gemm_support.h"

namespace gemm_test {
namespace {

struct Case {
    const char* name;
    int rows, k, o;
    bool geglu = false, residual = false, bias = true;
    int activation = DG_ACT_NONE;
    int w_type = DG_F16, bias_type = DG_F16;

    int columns() const { return geglu ? o / 2 : o; }
};

struct Problem {
    Case k;
    int dtype;
    std::vector<double> x, w, bias, residual;

    Problem(const Case& c, int type, unsigned seed) : k(c), dtype(type) {
        Values values(seed);
        x = values.normal(size_t(k.rows) * k.k, 1.0, dtype);
        w = values.normal(size_t(k.o) * k.k, 1.0 / std::sqrt(double(k.k)), dtype);
        for (double& v : w) v = rounded(v, k.w_type);
        for (double& v : w) v = rounded(v, dtype);
        bias = values.normal(k.bias ? k.o : 0, 1.0, k.bias_type);
        residual = values.normal(k.residual ? size_t(k.rows) * k.columns() : 0, 1.0, dtype);
    }

    double product(int row, int o) const {
        double sum = k.bias ? bias[o] : 0;
        for (int i = 0; i < k.k; i++) sum += x[size_t(row) * k.k + i] * w[size_t(o) * k.k + i];
        return sum;
    }

    std::vector<double> reference() const {
        std::vector<double> y;
        for (int row = 0; row < k.rows; row++) {
            for (int c = 0; c < k.columns(); c++) {
                double sum =
                    k.geglu ? product(row, c) * activated(product(row, k.o / 2 + c), DG_ACT_GELU) : product(row, c);
                y.push_back(with_residual(sum, k.residual ? residual[size_t(row) * k.columns() + c] : 0, k.activation));
            }
        }
        return y;
    }
};

class Device {
public:
    Device(dg::Stream& stream, const Problem& p)
        : p_(p), x_(p.x, p.dtype), residual_(p.residual, p.dtype), stream_(stream) {
        params_.weights.dtype = p.dtype;
        params_.weights.o = p.k.o;
        params_.weights.c = p.k.k;
        params_.weights.geglu = p.k.geglu;
        packed_ = std::make_unique<Buffer>(dg::packed_bytes(params_.weights));
        dg::place_packed(params_.weights, packed_->data());
        Buffer w(p.w, p.k.w_type), bias(p.bias, p.k.bias_type);
        dg::pack_weights(stream, params_.weights, w.data(), p.k.w_type, p.k.bias ? bias.data() : nullptr,
                         p.k.bias_type);
        dg::synchronize(stream, "pack_weights");
    }

    // Rows first..first+rows-1; their start must keep the alignment of 16 bytes.
    dg::LinearParams params(int first, int rows) const {
        dg::LinearParams l = params_;
        l.x = x_.data() + size_t(first) * p_.k.k * 2;
        l.residual = p_.k.residual ? residual_.data() + size_t(first) * p_.k.columns() * 2 : nullptr;
        l.rows = rows;
        l.activation = p_.k.activation;
        return l;
    }

    std::vector<unsigned char> run(int variant, int first, int rows, std::string& problem) {
        dg::LinearParams l = params(first, rows);
        Buffer y(size_t(rows) * p_.k.columns() * 2);
        l.y = y.data();
        dg::linear(stream_, p_.dtype, variant, l);
        dg::synchronize(stream_, "linear");
        if (!y.guards_intact()) problem = "wrote outside its output";
        return y.bytes();
    }

private:
    const Problem& p_;
    Buffer x_, residual_;
    std::unique_ptr<Buffer> packed_;
    dg::LinearParams params_;
    dg::Stream& stream_;
};

std::vector<Case> linear_cases() {
    std::vector<Case> cases = {
        {"one element", 1, 1, 1},
        {"K 3", 5, 3, 8},
        {"K 77, odd columns", 33, 77, 19, false, true},
        {"K 9, GEGLU", 7, 9, 10, true},
        {"time embedding", 2, 320, 136, false, false, true, DG_ACT_SILU},
        {"text tokens", 77, 96, 72, false, true, true, DG_ACT_QUICK_GELU},
        {"no bias", 20, 64, 96, false, true, false},
        {"GELU", 65, 40, 64, false, false, true, DG_ACT_GELU},
        {"GEGLU", 65, 72, 144, true, true},
        {"GEGLU, odd columns", 66, 40, 134, true},
        {"GEGLU, long K", 40, 520, 64, true},
        {"long K", 129, 1032, 33, false, true},
        {"after the residual", 9, 24, 40, false, true, true, DG_ACT_RELU | DG_ACT_AFTER_RESIDUAL},
    };
    const int rows[] = {63, 64, 65, 127, 129, 255, 257}, columns[] = {33, 31, 63, 65, 32, 127, 129};
    for (int i = 0; i < 7; i++) {
        Case k{"tile edge", rows[i], 48, columns[i], false, i % 2 == 0};
        k.w_type = i % 3;
        k.bias_type = (i + 1) % 3;
        cases.push_back(k);
    }
    return cases;
}

void check_case(dg::Stream& stream, Tally& tally, const Case& k, int dtype, unsigned seed) {
    Problem problem(k, dtype, seed);
    Device device(stream, problem);
    std::vector<double> reference = problem.reference();
    std::vector<unsigned char> first;
    for (int variant = 0; variant <= dg::linear_variants(); variant++) {
        char what[200];
        std::snprintf(what, sizeof what, "linear, %s, [%d, %d] -> %d, variant %d, type %d, seed %u", k.name, k.rows,
                      k.k, k.o, variant, dtype, seed);
        std::string trouble;
        std::vector<unsigned char> y = device.run(variant, 0, k.rows, trouble);
        if (trouble.empty()) trouble = difference(y, reference, dtype);
        if (first.empty()) first = y;
        if (trouble.empty() && y != first) trouble = "variants differ in their bits";
        tally.record(trouble.empty(), std::string(what) + ": " + trouble);
    }
}

// Rows alone, and the same rows among many: the picker chooses different tiles, the bits are the same.
void check_rows(dg::Stream& stream, Tally& tally) {
    Case k{"rows", 16384, 32, 64, false, true};
    Problem problem(k, DG_F16, 9);
    Device device(stream, problem);
    std::string trouble;
    if (dg::linear_variant(device.params(0, k.rows), 0) == dg::linear_variant(device.params(0, 64), 0))
        trouble = "one variant for all";
    std::vector<unsigned char> all = device.run(0, 0, k.rows, trouble);
    for (int first : {0, 1, 1000, 16320}) {
        std::vector<unsigned char> some = device.run(0, first, 64, trouble);
        if (std::memcmp(some.data(), &all[size_t(first) * 128], some.size()) != 0)
            trouble = "bits of a row depend on the other rows";
    }
    tally.record(trouble.empty(), "linear, rows alone and among others: " + trouble);
}

void check_refusals(dg::Stream& stream, Tally& tally) {
    Problem problem({"refused", 4, 16, 16, true}, DG_F16, 5);
    Device device(stream, problem);
    Buffer y(4 * 8 * 2);
    auto refused = [&](const char* what, int dtype, int variant, auto change) {
        dg::LinearParams p = device.params(0, 4);
        p.y = y.data();
        change(p);
        bool thrown = false;
        try {
            dg::linear(stream, dtype, variant, p);
        } catch (const dg::Error& e) {
            thrown = e.status() == DG_ERROR_ARGUMENT && std::string(e.what()).find("linear: expected") == 0;
        }
        tally.record(thrown, std::string("linear must refuse ") + what);
    };
    refused("an input between two 16-byte blocks", DG_F16, 0,
            [](dg::LinearParams& p) { p.x = static_cast<const char*>(p.x) + 2; });
    refused("another type", DG_BF16, 0, [](dg::LinearParams&) {});
    refused("a variant that does not exist", DG_F16, 7, [](dg::LinearParams&) {});
    refused("an activation after GEGLU", DG_F16, 0, [](dg::LinearParams& p) { p.activation = DG_ACT_RELU; });
    refused("no rows", DG_F16, 0, [](dg::LinearParams& p) { p.rows = 0; });
    refused("weights of a convolution", DG_F16, 0, [](dg::LinearParams& p) { p.weights.kh = 3; });
}

}  // namespace

void run_linear(dg::Stream& stream, Tally& tally, bool quick) {
    unsigned seed = 1000;
    for (const Case& k : linear_cases()) {
        check_case(stream, tally, k, DG_F16, seed++);
        if (!quick) check_case(stream, tally, k, DG_BF16, seed++);
    }
    check_rows(stream, tally);
    check_refusals(stream, tally);
}

}  // namespace gemm_test
