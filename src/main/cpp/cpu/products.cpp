#include "products.h"

namespace dg {
namespace {

using dnnl::memory;
using Tag = dnnl::memory::format_tag;

bool is_reference(const Primitive& primitive) { return primitive.implementation.rfind("ref", 0) == 0; }

// `make(layout)` creates the primitive; see products.h for the rule.
template <class Make>
const Primitive& primitive_for(Engine& engine, Weights& weights, std::vector<int64_t> key, const Make& make) {
    key.push_back(weights.layout_id());
    if (const Primitive* known = engine.dnn.find(key)) {
        weights.used = true;
        return *known;
    }
    Primitive free = make(memory::desc());
    if (free.weights != weights.layout() && !weights.used) {
        weights.repack(free.weights);
        key.back() = weights.layout_id();
    }
    weights.used = true;
    if (free.weights == weights.layout()) return engine.dnn.insert(key, std::move(free));
    try {
        Primitive bound = make(weights.layout());
        if (!is_reference(bound) || is_reference(free)) return engine.dnn.insert(key, std::move(bound));
    } catch (const dnnl::error& e) {
        if (e.status != dnnl_unimplemented) throw;  // the shape insists on its own layout
    }
    return engine.dnn.insert(key, std::move(free));
}

std::vector<int64_t> epilogue_key(const Epilogue& epilogue) {
    return {epilogue.activation, epilogue.residual ? (epilogue.in_place ? 2 : 1) : 0};
}

void append(std::vector<int64_t>& key, std::initializer_list<int64_t> values) { key.insert(key.end(), values); }

}  // namespace

namespace {

// Fills the descriptors of `result`.
dnnl::convolution_forward::primitive_desc describe(OneDnn& dnn, const ConvShape& s, const Epilogue& epilogue,
                                                   const memory::desc& layout, Primitive& result) {
    memory::data_type type = dnnl_type(s.dtype);
    result.source = memory::desc({1, s.c, s.h, s.w}, type, Tag::nhwc);
    result.destination = memory::desc({1, s.o, s.oh, s.ow}, type, Tag::nhwc);
    result.bias = memory::desc({s.o}, memory::data_type::f32, Tag::a);
    result.weights = layout.is_zero() ? memory::desc({s.o, s.c, s.kh, s.kw}, type, Tag::any) : layout;
    dnnl::primitive_attr attributes = epilogue.attributes(result.destination, result);
    dnnl::convolution_forward::primitive_desc description(
        dnn.engine(), dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, result.source,
        result.weights, result.bias, result.destination, {s.stride, s.stride}, {s.pad_top, s.pad_left},
        {s.pad_bottom, s.pad_right}, attributes);
    result.weights = description.weights_desc();
    result.scratchpad = description.scratchpad_desc();
    result.implementation = description.impl_info_str();
    return description;
}

dnnl::matmul::primitive_desc describe(OneDnn& dnn, const ProductShape& s, const Epilogue& epilogue,
                                      const memory::desc& layout, Primitive& result) {
    memory::data_type type = dnnl_type(s.dtype);
    result.source = memory::desc({s.rows, s.k}, type, Tag::ab);
    result.destination = memory::desc({s.rows, s.o}, type, Tag::ab);
    result.bias = memory::desc({1, s.o}, memory::data_type::f32, Tag::ab);
    result.weights = layout.is_zero() ? memory::desc({s.k, s.o}, type, Tag::any) : layout;
    dnnl::primitive_attr attributes = epilogue.attributes(result.destination, result);
    dnnl::matmul::primitive_desc description(dnn.engine(), result.source, result.weights, result.bias,
                                             result.destination, attributes);
    result.weights = description.weights_desc();
    result.scratchpad = description.scratchpad_desc();
    result.implementation = description.impl_info_str();
    return description;
}

}  // namespace

memory::desc convolution_layout(OneDnn& dnn, const ConvShape& shape) {
    Primitive result;
    describe(dnn, shape, Epilogue(), memory::desc(), result);
    return result.weights;
}

memory::desc product_layout(OneDnn& dnn, const ProductShape& shape) {
    Primitive result;
    describe(dnn, shape, Epilogue(), memory::desc(), result);
    return result.weights;
}

Primitive make_convolution(OneDnn& dnn, const ConvShape& shape, const Epilogue& epilogue, const memory::desc& layout) {
    Primitive result;
    result.primitive = dnnl::convolution_forward(describe(dnn, shape, epilogue, layout, result));
    return result;
}

Primitive make_product(OneDnn& dnn, const ProductShape& shape, const Epilogue& epilogue, const memory::desc& layout) {
    Primitive result;
    result.primitive = dnnl::matmul(describe(dnn, shape, epilogue, layout, result));
    return result;
}

const Primitive& convolution_for(Engine& engine, Weights& weights, const ConvShape& s, const Epilogue& epilogue) {
    std::vector<int64_t> key = epilogue_key(epilogue);
    append(key, {0, s.dtype, s.o, s.c, s.kh, s.kw, s.h, s.w, s.oh, s.ow, s.stride, s.pad_top, s.pad_left});
    return primitive_for(engine, weights, std::move(key),
                         [&](const memory::desc& layout) { return make_convolution(engine.dnn, s, epilogue, layout); });
}

const Primitive& product_for(Engine& engine, Weights& weights, const ProductShape& s, const Epilogue& epilogue) {
    std::vector<int64_t> key = epilogue_key(epilogue);
    append(key, {1, s.dtype, s.rows, s.o, s.k});
    return primitive_for(engine, weights, std::move(key),
                         [&](const memory::desc& layout) { return make_product(engine.dnn, s, epilogue, layout); });
}

void run_product(Engine& engine, const Primitive& primitive, const Weights& weights, const void* source,
                 const float* bias, void* destination, const void* residual) {
    Scratch scratchpad(engine.arena, static_cast<int64_t>(primitive.scratchpad.get_size()));
    bool own_layout = primitive.weights != weights.layout();
    Scratch copy(engine.arena, own_layout ? static_cast<int64_t>(primitive.weights.get_size()) : 0);
    if (own_layout) engine.dnn.reorder(weights.layout(), weights.data(), primitive.weights, copy.data());
    engine.dnn.run(primitive,
                   {source, own_layout ? copy.data() : weights.data(), bias, destination, scratchpad.data(), residual});
}

}  // namespace dg
