// norms.cpp - WHAT  group norm (Wu & He 2018, arXiv:1803.08494) with an activation, and layer norm (Ba et al. 2016);
// kernels/norm.h.
#include <cmath>

#include "operations.h"
#include "parallel.h"

namespace dg {
namespace {

constexpr int64_t CHUNK_PIXELS = 64;
constexpr int64_t GRAIN = 8192;  // elements that are worth a thread

void require_eps(const char* operation, float eps) {
    if (!(eps >= 0.0f && std::isfinite(eps))) fail_argument(operation, "a finite eps >= 0", std::to_string(eps));
}

}  // namespace

void group_norm(Engine& engine, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weight,
                int64_t bias, int n, int64_t pixels, int groups, float eps, int activation) {
    const char* name = "group_norm";
    require_activation_type(name, dtype);
    require_range(name, "c", c, 1, 1 << 24);
    require_range(name, "c2", c2, 0, 1 << 24);
    require_positive(name, "n", n);
    require_positive(name, "pixels", pixels);
    int64_t channels = int64_t{c} + c2;
    require_range(name, "groups", groups, 1, channels);
    if (channels % groups != 0)
        fail_argument(name, "channels divisible by groups", std::to_string(channels) + " / " + std::to_string(groups));
    require_eps(name, eps);
    if (activation != DG_ACT_NONE && activation != DG_ACT_SILU && activation != DG_ACT_RELU) {
        fail_argument(name, "activation none, silu or relu", std::to_string(activation));
    }
    if ((c2 > 0) != (x2 != 0)) fail_argument(name, "x2 exactly where c2 > 0", "c2 = " + std::to_string(c2));
    int64_t element = type_bytes(name, dtype), chunks = (pixels + CHUNK_PIXELS - 1) / CHUNK_PIXELS;
    GroupNormCall call;
    call.type = kernel_type(dtype);
    call.y = engine.in(name, "y", y, product(name, {n, pixels, channels, element}));
    call.x = engine.in(name, "x", x, product(name, {n, pixels, c, element}));
    call.x2 = c2 > 0 ? engine.in(name, "x2", x2, product(name, {n, pixels, c2, element})) : nullptr;
    call.c = c, call.c2 = c2, call.pixels = pixels, call.groups = groups, call.chunk = CHUNK_PIXELS;
    call.weight = engine.in<float>(name, "weight", weight, channels * 4);
    call.bias = engine.in<float>(name, "bias", bias, channels * 4);
    call.eps = eps;
    call.activation = activation;
    Scratch partial(engine.arena, product(name, {n, chunks, groups, 16}));
    Scratch affine(engine.arena, product(name, {n, 3, channels, 4}));
    Scratch sums(engine.arena, product(name, {engine.threads, 3, channels, 4}));
    call.partial = partial.as<double>();
    call.affine = affine.as<float>();

    parallel_ranges(engine.threads, n * chunks, 1 + GRAIN / (CHUNK_PIXELS * channels), [&](int64_t begin, int64_t end) {
        float* scratch = sums.as<float>() + omp_get_thread_num() * 3 * channels;
        for (int64_t i = begin; i < end; ++i) engine.kernels.group_norm_chunk(call, i / chunks, i % chunks, scratch);
    });
    for (int64_t i = 0; i < n; ++i) engine.kernels.group_norm_affine(call, i);
    parallel_ranges(engine.threads, n * pixels, 1 + GRAIN / channels, [&](int64_t begin, int64_t end) {
        for (int64_t first = begin; first < end;) {
            int64_t image = first / pixels, last = std::min(end, (image + 1) * pixels);
            engine.kernels.group_norm_apply(call, image, first - image * pixels, last - image * pixels);
            first = last;
        }
    });
}

void layer_norm(Engine& engine, int dtype, int64_t y, int64_t x, int64_t weight, int64_t bias, int64_t rows, int c,
                float eps) {
    const char* name = "layer_norm";
    require_activation_type(name, dtype);
    require_positive(name, "rows", rows);
    require_range(name, "c", c, 1, 1 << 24);
    require_eps(name, eps);
    int64_t bytes = product(name, {rows, c, type_bytes(name, dtype)});
    LayerNormCall call;
    call.type = kernel_type(dtype);
    call.y = engine.in(name, "y", y, bytes);
    call.x = engine.in(name, "x", x, bytes);
    call.weight = weight != 0 ? engine.in<float>(name, "weight", weight, int64_t{c} * 4) : nullptr;
    call.bias = bias != 0 ? engine.in<float>(name, "bias", bias, int64_t{c} * 4) : nullptr;
    call.c = c;
    call.eps = eps;
    parallel_ranges(engine.threads, rows, 1 + GRAIN / c,
                    [&](int64_t begin, int64_t end) { engine.kernels.layer_norm(call, begin, end); });
}

}  // namespace dg
