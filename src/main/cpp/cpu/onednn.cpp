#include "onednn.h"

#include <unordered_map>

#include "../kernels.h"

namespace dg {
namespace {

// Appends the activation; a code may need more than one step.
void append_activation(dnnl::post_ops& steps, int activation) {
    using dnnl::algorithm;
    switch (activation) {
        case DG_ACT_SILU: steps.append_eltwise(algorithm::eltwise_swish, 1.0f, 0.0f); break;
        case DG_ACT_GELU: steps.append_eltwise(algorithm::eltwise_gelu_erf, 0.0f, 0.0f); break;
        case DG_ACT_QUICK_GELU: steps.append_eltwise(algorithm::eltwise_swish, 1.702f, 0.0f); break;
        case DG_ACT_RELU: steps.append_eltwise(algorithm::eltwise_relu, 0.0f, 0.0f); break;
        case DG_ACT_LEAKY_RELU: steps.append_eltwise(algorithm::eltwise_relu, 0.2f, 0.0f); break;
        case DG_ACT_LEAKY_RELU_01: steps.append_eltwise(algorithm::eltwise_relu, 0.01f, 0.0f); break;
        case DG_ACT_TANH: steps.append_eltwise(algorithm::eltwise_tanh, 0.0f, 0.0f); break;
        case DG_ACT_SIGMOID: steps.append_eltwise(algorithm::eltwise_logistic, 0.0f, 0.0f); break;
        case DG_ACT_ELU: steps.append_eltwise(algorithm::eltwise_elu, 1.0f, 0.0f); break;
        case DG_ACT_SOFTPLUS: steps.append_eltwise(algorithm::eltwise_soft_relu, 1.0f, 0.0f); break;
        case DG_ACT_MISH: steps.append_eltwise(algorithm::eltwise_mish, 0.0f, 0.0f); break;
        case DG_ACT_SOFT_CLAMP_3:
            steps.append_eltwise(algorithm::eltwise_linear, 1.0f / 3.0f, 0.0f);
            steps.append_eltwise(algorithm::eltwise_tanh, 0.0f, 0.0f);
            steps.append_eltwise(algorithm::eltwise_linear, 3.0f, 0.0f);
            break;
        default: break;
    }
}

}  // namespace

dnnl::memory::data_type dnnl_type(int dtype) {
    return dtype == DG_BF16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
}

dnnl::primitive_attr Epilogue::attributes(const dnnl::memory::desc& shape, Primitive& primitive) const {
    dnnl::post_ops steps;
    int function = activation & ~DG_ACT_AFTER_RESIDUAL;
    bool after = (activation & DG_ACT_AFTER_RESIDUAL) != 0;
    if (!after) append_activation(steps, function);
    if (residual && in_place) {
        steps.append_sum(1.0f);
    } else if (residual) {
        primitive.operands.resize(static_cast<size_t>(steps.len()) + 1);
        primitive.operands.back() = shape;
        steps.append_binary(dnnl::algorithm::binary_add, shape);
    }
    if (after) append_activation(steps, function);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(steps);
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
}

const Primitive* OneDnn::find(const std::vector<int64_t>& key) {
    auto known = index_.find(key);
    if (known == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, known->second);  // most recently used first
    return &entries_.front().second;
}

const Primitive& OneDnn::insert(const std::vector<int64_t>& key, Primitive primitive) {
    entries_.emplace_front(key, std::move(primitive));
    index_[key] = entries_.begin();
    if (entries_.size() > CAPACITY) {
        index_.erase(entries_.back().first);
        entries_.pop_back();
    }
    return entries_.front().second;
}

void OneDnn::reorder(const dnnl::memory::desc& from, const void* source, const dnnl::memory::desc& to, void* target) {
    dnnl::memory a(from, engine_, const_cast<void*>(source)), b(to, engine_, target);
    dnnl::reorder(a, b).execute(stream_, a, b);
    stream_.wait();
}

void OneDnn::run(const Primitive& primitive, const PrimitiveCall& call) {
    auto memory = [this](const dnnl::memory::desc& shape, const void* address) {
        return dnnl::memory(shape, engine_, const_cast<void*>(address));
    };
    std::unordered_map<int, dnnl::memory> arguments;
    arguments.emplace(DNNL_ARG_SRC, memory(primitive.source, call.source));
    arguments.emplace(DNNL_ARG_WEIGHTS, memory(primitive.weights, call.weights));
    arguments.emplace(DNNL_ARG_BIAS, memory(primitive.bias, call.bias));
    arguments.emplace(DNNL_ARG_DST, memory(primitive.destination, call.destination));
    if (call.scratchpad != nullptr)
        arguments.emplace(DNNL_ARG_SCRATCHPAD, memory(primitive.scratchpad, call.scratchpad));
    for (size_t i = 0; i < primitive.operands.size(); ++i) {
        if (primitive.operands[i].is_zero()) continue;
        arguments.emplace(DNNL_ARG_ATTR_MULTIPLE_POST_OP(static_cast<int>(i)) | DNNL_ARG_SRC_1,
                          memory(primitive.operands[i], call.operand));
    }
    primitive.primitive.execute(stream_, arguments);
    stream_.wait();
}

std::string OneDnn::version() {
    const dnnl_version_t* v = dnnl::version();
    return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

}  // namespace dg
