// pack.cpp - WHAT  weights of a checkpoint (host memory) to the engine's own form, once, at load.
#include "operations.h"
#include "products.h"

namespace dg {
namespace {

// A plausible shape, to ask oneDNN for its layout before the real one is known.
constexpr int NOMINAL_SIDE = 32;
constexpr int NOMINAL_ROWS = 1024;
constexpr int LARGEST = 1 << 24;

void require_weight_type(const char* operation, const char* name, int type) {
    if (type != DG_F32 && type != DG_F16 && type != DG_BF16) {
        fail_argument(operation, std::string(name) + " f32, f16 or bf16", type_name(type));
    }
}

// oneDNN has bf16 products from AVX-512 on.
void require_bf16_products(const Engine& engine, const char* operation, int dtype) {
    if (dtype == DG_BF16 && engine.isa < Isa::AVX512) {
        throw Error(DG_ERROR_UNSUPPORTED, std::string(operation) + ": bf16 expected a processor with AVX-512, found "
                                              + isa_name(engine.isa) + "; use f32");
    }
}

WeightSource host_source(const char* operation, const char* name, int64_t address, int type, bool required) {
    if (address == 0 && required) fail_argument(operation, std::string(name) + " present", "null");
    if (address != 0) require_weight_type(operation, name, type);
    return {reinterpret_cast<const void*>(static_cast<uintptr_t>(address)), type};
}

int64_t keep(Engine& engine, std::unique_ptr<Weights> weights) {
    int64_t handle = static_cast<int64_t>(reinterpret_cast<uintptr_t>(weights.get()));
    engine.weights[handle] = std::move(weights);
    return handle;
}

}  // namespace

int64_t pack_conv2d(Engine& engine, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int c, int c2,
                    int kh, int kw) {
    const char* name = "pack_conv2d";
    require_activation_type(name, dtype);
    require_bf16_products(engine, name, dtype);
    require_range(name, "o", o, 1, LARGEST);
    require_range(name, "c", c, 1, LARGEST);
    require_range(name, "c2", c2, 0, LARGEST);
    require_range(name, "kh", kh, 1, 255);
    require_range(name, "kw", kw, 1, 255);
    product(name, {o, int64_t{c} + c2, kh, kw, 4});
    WeightSource source = host_source(name, "w", w, w_type, true),
                 bias_source = host_source(name, "bias", bias, b_type, false);
    int h = NOMINAL_SIDE + kh - 1, width = NOMINAL_SIDE + kw - 1;
    ConvShape shape{dtype, o, c + c2, kh, kw, h, width, NOMINAL_SIDE, NOMINAL_SIDE, 1, 0, 0, 0, 0};
    auto weights = std::make_unique<Weights>(engine.arena, engine.kernels, engine.threads, Weights::Kind::CONV2D, dtype,
                                             o, c, c2, kh, kw, false);
    weights->pack(convolution_layout(engine.dnn, shape), source, bias_source);
    return keep(engine, std::move(weights));
}

int64_t pack_linear(Engine& engine, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int k,
                    int geglu) {
    const char* name = "pack_linear";
    require_activation_type(name, dtype);
    require_bf16_products(engine, name, dtype);
    require_range(name, "o", o, 1, LARGEST);
    require_range(name, "k", k, 1, LARGEST);
    if (geglu != 0 && o % 2 != 0) fail_argument(name, "an even o with geglu", std::to_string(o));
    product(name, {o, k, 4});
    WeightSource source = host_source(name, "w", w, w_type, true),
                 bias_source = host_source(name, "bias", bias, b_type, false);
    auto weights = std::make_unique<Weights>(engine.arena, engine.kernels, engine.threads, Weights::Kind::LINEAR, dtype,
                                             o, k, 0, 1, 1, geglu != 0);
    weights->pack(product_layout(engine.dnn, {dtype, NOMINAL_ROWS, o, k}), source, bias_source);
    return keep(engine, std::move(weights));
}

}  // namespace dg
