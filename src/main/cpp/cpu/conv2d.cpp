// conv2d.cpp
// WHAT      y = act(conv(nearest(x | x2)) + bias + emb) + residual, NHWC, on oneDNN's direct convolution.
// VARIANTS  1  direct     enlarged or concatenated inputs are written out first
//           2  upsampled  3x3 on a doubled picture as four 2x2 (upsample.cpp); the default where it applies
// NUMERICS  Picture by picture, so that a picture alone and in a batch has the same bits; this costs nothing
//           measurable. The time embedding joins the bias in f32; activation and residual are post-ops on the f32 sums.
// LIMITS    Padding below the kernel size on each side.
#include <cstring>
#include <vector>

#include "number.h"
#include "operations.h"
#include "parallel.h"
#include "products.h"
#include "upsample.h"

namespace dg {
namespace {

constexpr const char* NAME = "conv2d";

// Padding after the last row that OH rows need; negative (unused rows) counts as none.
int trailing_padding(const char* what, int out, int stride, int kernel, int in, int before) {
    int64_t after = (int64_t{out} - 1) * stride + kernel - in - before;
    if (after >= kernel) fail_argument(NAME, std::string(what) + " within the padded input", std::to_string(out));
    if (after <= -stride) {
        // oneDNN derives the output size from the padding, so rows that a whole further window would reach must not be
        // left over
        fail_argument(NAME, std::string(what) + " that uses the whole input", std::to_string(out));
    }
    return static_cast<int>(after < 0 ? 0 : after);
}

void check_sizes(const Conv2d& a, const Weights& weights) {
    for (auto size : {a.n, a.h, a.w, a.uh, a.uw, a.oh, a.ow}) require_range(NAME, "each size", size, 1, 1 << 24);
    require_range(NAME, "stride", a.stride, 1, 255);
    if (weights.kind != Weights::Kind::CONV2D) fail_argument(NAME, "convolution weights", "linear weights");
    require_equal(NAME, "c", a.c, weights.c);
    require_equal(NAME, "c2", a.c2, weights.c2);
    require_equal(NAME, "dtype of the weights", a.dtype, weights.dtype);
    require_range(NAME, "pad_top", a.pad_top, 0, weights.kh - 1);
    require_range(NAME, "pad_left", a.pad_left, 0, weights.kw - 1);
    require_activation(NAME, a.activation, true);
    if (a.uh < a.h || a.uw < a.w) {
        fail_argument(NAME, "uh and uw of at least " + std::to_string(a.h) + " and " + std::to_string(a.w),
                      std::to_string(a.uh) + " and " + std::to_string(a.uw));
    }
    if ((a.c2 > 0) != (a.x2 != 0)) fail_argument(NAME, "x2 exactly where c2 > 0", "c2 = " + std::to_string(a.c2));
    if (a.emb != 0 && a.emb_stride != 0 && a.emb_stride < weights.o) {
        fail_argument(NAME, "emb_stride 0 or at least " + std::to_string(weights.o), std::to_string(a.emb_stride));
    }
}

// target [UH, UW, C + C2] = nearest(x | x2), one picture
void gather_input(int threads, const Conv2d& a, int64_t uh, int64_t uw, char* target, const char* x, const char* x2) {
    int64_t element = type_bytes(NAME, a.dtype), left = a.c * element, right = a.c2 * element, width = left + right;
    parallel_ranges(threads, uh, 1, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            int64_t source_row = row * a.h / uh * a.w;
            for (int64_t column = 0; column < uw; ++column) {
                int64_t source = source_row + column * a.w / uw;
                char* out = target + (row * uw + column) * width;
                std::memcpy(out, x + source * left, static_cast<size_t>(left));
                if (right > 0) std::memcpy(out + left, x2 + source * right, static_cast<size_t>(right));
            }
        }
    });
}

void add_embedding(float* sum, const float* bias, const char* emb, int dtype, int64_t first, int o) {
    for (int64_t i = 0; i < o; ++i) {
        float value = dtype == DG_BF16 ? to_float(reinterpret_cast<const BF16*>(emb)[first + i])
                                       : reinterpret_cast<const float*>(emb)[first + i];
        sum[i] = bias[i] + value;
    }
}

}  // namespace

void conv2d(Engine& engine, const Conv2d& a) {
    require_activation_type(NAME, a.dtype);
    Weights& weights = find_weights(engine, NAME, a.weights);
    check_sizes(a, weights);
    int64_t element = type_bytes(NAME, a.dtype);
    int o = weights.o;
    int64_t x_bytes = product(NAME, {a.h, a.w, a.c, element}), x2_bytes = product(NAME, {a.h, a.w, a.c2, element});
    int64_t y_bytes = product(NAME, {a.oh, a.ow, o, element});
    const char* x = engine.in<char>(NAME, "x", a.x, product(NAME, {a.n, x_bytes}));
    const char* x2 = a.c2 > 0 ? engine.in<char>(NAME, "x2", a.x2, product(NAME, {a.n, x2_bytes})) : nullptr;
    char* y = engine.in<char>(NAME, "y", a.y, product(NAME, {a.n, y_bytes}));
    const char* residual =
        a.residual != 0 ? engine.in<char>(NAME, "residual", a.residual, product(NAME, {a.n, y_bytes})) : nullptr;
    int64_t emb_elements = product(NAME, {a.n - 1, a.emb_stride}) + o;
    const char* emb =
        a.emb != 0 ? engine.in<char>(NAME, "emb", a.emb, product(NAME, {emb_elements, element})) : nullptr;

    int pad_bottom = trailing_padding("oh", a.oh, a.stride, weights.kh, a.uh, a.pad_top);
    int pad_right = trailing_padding("ow", a.ow, a.stride, weights.kw, a.uw, a.pad_left);
    ConvShape shape{a.dtype, o,    a.c + a.c2, weights.kh, weights.kw, a.uh,       a.uw,
                    a.oh,    a.ow, a.stride,   a.pad_top,  a.pad_left, pad_bottom, pad_right};
    Epilogue epilogue{a.activation, residual != nullptr, residual == y};
    bool doubled = engine.variants[DG_OP_CONV2D] != 1 && upsample_applies(a, weights);
    int64_t uh = doubled ? a.h : a.uh, uw = doubled ? a.w : a.uw;  // of the input that is written out
    bool gather = a.c2 > 0 || uh != a.h || uw != a.w;
    Scratch input(engine.arena, gather ? product(NAME, {uh, uw, int64_t{a.c} + a.c2, element}) : 0);
    std::vector<float> sum(emb != nullptr ? static_cast<size_t>(o) : 0);
    for (int64_t i = 0; i < a.n; ++i) {
        const char* source = x + i * x_bytes;
        if (gather)
            gather_input(engine.threads, a, uh, uw, input.as<char>(), source,
                         x2 == nullptr ? nullptr : x2 + i * x2_bytes);
        if (gather) source = input.as<char>();
        if (emb != nullptr) add_embedding(sum.data(), weights.bias(), emb, a.dtype, i * a.emb_stride, o);
        const float* bias = emb != nullptr ? sum.data() : weights.bias();
        if (doubled) {
            upsample_picture(engine, a, weights, source, bias, y + i * y_bytes);
            continue;
        }
        run_product(engine, convolution_for(engine, weights, shape, epilogue), weights, source, bias, y + i * y_bytes,
                    residual == nullptr ? nullptr : residual + i * y_bytes);
    }
}

}  // namespace dg
