// gemm_conv2d.cpp - conv2d in every variant against naive loops in double; a picture alone has the bits it has in a
// batch.
#include <memory>

#include "gemm_conv2d_cases.h"
#include "gemm_support.h"

namespace gemm_test {
namespace {

// Host and device copies of a case's tensors.
struct Problem {
    ConvCase k;
    int dtype;
    int64_t emb_stride = 0, emb_offset = 0;
    std::vector<double> x, x2, w, bias, emb, residual;

    Problem(const ConvCase& c, int type, unsigned seed) : k(complete(c)), dtype(type) {
        Values values(seed);
        int all = k.c + k.c2;
        emb_stride = k.emb == 1 ? k.o : k.emb == 2 ? 2 * k.o + 3 : 0;
        emb_offset = k.emb == 2 ? 1 : 0;
        x = values.normal(size_t(k.n) * k.h * k.w * k.c, 1.0, dtype);
        x2 = values.normal(size_t(k.n) * k.h * k.w * k.c2, 1.0, dtype);
        w = values.normal(size_t(k.o) * all * k.kh * k.kw, 1.0 / std::sqrt(double(all) * k.kh * k.kw), dtype);
        for (double& v : w) v = rounded(v, k.w_type);
        for (double& v : w) v = rounded(v, dtype);
        bias = values.normal(k.bias ? k.o : 0, 1.0, k.bias_type);
        emb = values.normal(k.emb ? size_t(emb_offset + (k.n - 1) * emb_stride + k.o) : 0, 1.0, dtype);
        residual = values.normal(k.residual ? size_t(k.n) * k.oh * k.ow * k.o : 0, 1.0, dtype);
    }

    double input(int n, int u, int v, int c) const {
        if (u < 0 || u >= k.uh || v < 0 || v >= k.uw) return 0;
        size_t pixel = (size_t(n) * k.h + u * k.h / k.uh) * k.w + v * k.w / k.uw;
        return c < k.c ? x[pixel * k.c + c] : x2[pixel * k.c2 + c - k.c];
    }

    double output(int n, int y, int xo, int o) const {
        double sum = k.bias ? bias[o] : 0;
        int all = k.c + k.c2;
        for (int c = 0; c < all; c++) {
            for (int i = 0; i < k.kh; i++) {
                for (int j = 0; j < k.kw; j++) {
                    sum += input(n, y * k.stride - k.pad_top + i, xo * k.stride - k.pad_left + j, c) *
                           w[((size_t(o) * all + c) * k.kh + i) * k.kw + j];
                }
            }
        }
        if (k.emb) sum += emb[emb_offset + n * emb_stride + o];
        size_t at = ((size_t(n) * k.oh + y) * k.ow + xo) * k.o + o;
        return with_residual(sum, k.residual ? residual[at] : 0, k.activation);
    }

    std::vector<double> reference() const {
        std::vector<double> y;
        for (int n = 0; n < k.n; n++)
            for (int i = 0; i < k.oh; i++)
                for (int j = 0; j < k.ow; j++)
                    for (int o = 0; o < k.o; o++) y.push_back(output(n, i, j, o));
        return y;
    }
};

// A problem on the device. images: the first and the number of the images that run() works on.
class Device {
public:
    Device(dg::Stream& stream, const Problem& p)
        : p_(p),
          x_(p.x, p.dtype),
          x2_(p.x2, p.dtype),
          emb_(p.emb, p.dtype),
          residual_(p.residual, p.dtype),
          stream_(stream) {
        params_.weights.dtype = p.dtype;
        params_.weights.o = p.k.o;
        params_.weights.c = p.k.c;
        params_.weights.c2 = p.k.c2;
        params_.weights.kh = p.k.kh;
        params_.weights.kw = p.k.kw;
        packed_ = std::make_unique<Buffer>(dg::packed_bytes(params_.weights));
        dg::place_packed(params_.weights, packed_->data());
        Buffer w(p.w, p.k.w_type), bias(p.bias, p.k.bias_type);
        dg::pack_weights(stream, params_.weights, w.data(), p.k.w_type, p.k.bias ? bias.data() : nullptr,
                         p.k.bias_type);
        dg::synchronize(stream, "pack_weights");
    }

    dg::ConvParams params(int first, int images) const {
        const ConvCase& k = p_.k;
        dg::ConvParams c = params_;
        c.x = x_.data() + size_t(first) * k.h * k.w * k.c * 2;
        c.x2 = k.c2 ? x2_.data() + size_t(first) * k.h * k.w * k.c2 * 2 : nullptr;
        c.emb = k.emb ? emb_.data() + (p_.emb_offset + first * p_.emb_stride) * 2 : nullptr;
        c.emb_stride = p_.emb_stride;
        c.residual = k.residual ? residual_.data() + size_t(first) * k.oh * k.ow * k.o * 2 : nullptr;
        c.n = images;
        c.h = k.h;
        c.w = k.w;
        c.uh = k.uh;
        c.uw = k.uw;
        c.oh = k.oh;
        c.ow = k.ow;
        c.stride = k.stride;
        c.pad_top = k.pad_top;
        c.pad_left = k.pad_left;
        c.activation = k.activation;
        return c;
    }

    std::vector<unsigned char> run(int variant, int first, int images, std::string& problem) {
        dg::ConvParams c = params(first, images);
        Buffer y(size_t(images) * c.oh * c.ow * p_.k.o * 2);
        c.y = y.data();
        Buffer workspace(dg::conv2d_workspace(c, variant));
        c.workspace = reinterpret_cast<float*>(workspace.data());
        dg::conv2d(stream_, p_.dtype, variant, c);
        dg::synchronize(stream_, "conv2d");
        if (!y.guards_intact() || !workspace.guards_intact()) problem = "wrote outside its output or workspace";
        return y.bytes();
    }

private:
    const Problem& p_;
    Buffer x_, x2_, emb_, residual_;
    std::unique_ptr<Buffer> packed_;
    dg::ConvParams params_;
    dg::Stream& stream_;
};

void check_case(dg::Stream& stream, Tally& tally, const ConvCase& k, int dtype, bool quick, unsigned seed) {
    Problem problem(k, dtype, seed);
    Device device(stream, problem);
    std::vector<double> reference = problem.reference();
    std::vector<unsigned char> unsplit;
    for (int variant = 0; variant <= dg::conv2d_variants(); variant++) {
        if (quick && variant != 0 && variant % 5 != int(seed % 5)) continue;
        char what[200];
        std::snprintf(what, sizeof what,
                      "conv2d, %s, n %d, %dx%d, channels %d + %d -> %d, variant %d, type %d, seed %u", k.name, k.n, k.h,
                      k.w, k.c, k.c2, k.o, variant, dtype, seed);
        std::string trouble;
        std::vector<unsigned char> y = device.run(variant, 0, k.n, trouble);
        if (trouble.empty()) trouble = difference(y, reference, dtype);
        bool split = dg::conv2d_variant(device.params(0, k.n), variant) > dg::conv2d_variants() / 2;
        if (!split && unsplit.empty()) unsplit = y;
        if (!split && trouble.empty() && y != unsplit) trouble = "tiles differ in their bits";
        tally.record(trouble.empty(), std::string(what) + ": " + trouble);
    }
}

// An image has the same bits alone and in a batch. tiles_differ: the picker must have chosen differently, or the case
// shows nothing.
void check_batch(dg::Stream& stream, Tally& tally, const ConvCase& k, int dtype, bool tiles_differ) {
    Problem problem(k, dtype, 77);
    Device device(stream, problem);
    int batched = dg::conv2d_variant(device.params(0, k.n), 0), alone = dg::conv2d_variant(device.params(0, 1), 0);
    std::string trouble;
    if (tiles_differ && batched == alone) trouble = "the same variant for one image and for all: choose a larger case";
    std::vector<unsigned char> all = device.run(0, 0, k.n, trouble);
    size_t bytes = all.size() / k.n;
    for (int i = 0; i < k.n && trouble.empty(); i++) {
        std::vector<unsigned char> one = device.run(0, i, 1, trouble);
        if (std::memcmp(one.data(), &all[i * bytes], bytes) != 0) trouble = "bits depend on the batch";
    }
    tally.record(trouble.empty(),
                 std::string("conv2d, batch of ") + std::to_string(k.n) + ", " + k.name + ": " + trouble);
}

void check_refusals(dg::Stream& stream, Tally& tally) {
    Problem problem(same3("refused", 1, 4, 4, 8, 8, 8), DG_F16, 5);
    Device device(stream, problem);
    Buffer y(4 * 4 * 8 * 2);
    auto refused = [&](const char* what, int dtype, int variant, auto change) {
        dg::ConvParams p = device.params(0, 1);
        p.y = y.data();
        change(p);
        bool thrown = false;
        try {
            dg::conv2d(stream, dtype, variant, p);
        } catch (const dg::Error& e) {
            thrown = e.status() == DG_ERROR_ARGUMENT && std::string(e.what()).find("conv2d: expected") == 0;
        }
        tally.record(thrown, std::string("conv2d must refuse ") + what);
    };
    refused("a missing source", DG_F16, 0, [](dg::ConvParams& p) { p.x2 = nullptr; });
    refused("an input between two 16-byte blocks", DG_F16, 0,
            [](dg::ConvParams& p) { p.x = static_cast<const char*>(p.x) + 2; });
    refused("another type", DG_BF16, 0, [](dg::ConvParams&) {});
    refused("a variant that does not exist", DG_F16, 13, [](dg::ConvParams&) {});
    refused("downsampling by nearest", DG_F16, 0, [](dg::ConvParams& p) { p.uh = 2; });
    refused("an empty output", DG_F16, 0, [](dg::ConvParams& p) { p.ow = 0; });
    refused("more than 2^31 pixels", DG_F16, 0, [](dg::ConvParams& p) { p.n = 1 << 28; });
    refused("split-K without workspace", DG_F16, 7, [](dg::ConvParams&) {});
}

}  // namespace

void run_conv2d(dg::Stream& stream, Tally& tally, bool quick) {
    std::vector<ConvCase> cases;
    for (auto& group : {geometries(), tile_edges(), channel_patterns(), activations()}) {
        cases.insert(cases.end(), group.begin(), group.end());
    }
    unsigned seed = 1;
    for (const ConvCase& k : cases) {
        for (int dtype : {int(DG_F16), int(DG_BF16)}) {
            if (quick && dtype != DG_F16) continue;
            check_case(stream, tally, k, dtype, quick, seed++);
        }
    }
    ConvCase split = same3("a level that needs split-K", 4, 8, 8, 128, 64, 40);
    split.emb = 1;
    check_batch(stream, tally, split, DG_F16, false);
    if (!quick) {  // the parts would number 4 for one image and 1 for four, if they depended on the batch
        check_batch(stream, tally, {"split-K by one image's shape", 4, 8, 8, 1024, 0, 2048, 1, 1}, DG_F16, false);
    }
    check_batch(stream, tally, same3("another tile for the batch", 4, 64, 64, 8, 0, 72), DG_F16, true);
    if (!quick) check_batch(stream, tally, same3("gathered", 3, 5, 5, 5, 0, 9), DG_BF16, false);
    check_refusals(stream, tally);
}

}  // namespace gemm_test
