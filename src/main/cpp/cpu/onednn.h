// onednn.h - the part of oneDNN we use: convolution and matrix product primitives, kept in a bounded cache.
#ifndef DAGUERRE_CPU_ONEDNN_H
#define DAGUERRE_CPU_ONEDNN_H

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "dnnl.hpp"

namespace dg {

// A compiled primitive with what is needed to run it.
struct Primitive {
    dnnl::primitive primitive;
    dnnl::memory::desc source, weights, bias, destination, scratchpad;
    std::vector<dnnl::memory::desc>
        operands;  // second operands of binary post-ops, by post-op index; zero descriptors elsewhere
    std::string implementation;
};

// Arguments of one run, by address; `operands` are the addresses for Primitive::operands.
struct PrimitiveCall {
    const void* source;
    const void* weights;
    const float* bias;
    void* destination;
    void* scratchpad;
    const void* operand;  // the one binary operand (residual), may be null
};

class OneDnn {
public:
    OneDnn() : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {}

    // The primitive of `key`, or null. Pointers stay valid until the next insert.
    const Primitive* find(const std::vector<int64_t>& key);
    const Primitive& insert(const std::vector<int64_t>& key, Primitive primitive);

    void run(const Primitive& primitive, const PrimitiveCall& call);
    // Copies weights from one layout to another (the slow way, when a shape insists on its own).
    void reorder(const dnnl::memory::desc& from, const void* source, const dnnl::memory::desc& to, void* target);
    const dnnl::engine& engine() const { return engine_; }
    static std::string version();

private:
    static constexpr size_t CAPACITY = 768;
    using Entry = std::pair<std::vector<int64_t>, Primitive>;
    dnnl::engine engine_;
    dnnl::stream stream_;
    std::list<Entry> entries_;
    std::map<std::vector<int64_t>, std::list<Entry>::iterator> index_;
};

dnnl::memory::data_type dnnl_type(int dtype);

// Epilogue of a convolution or matrix product: activation and residual in the order that `activation` asks for.
// in_place: the residual is the destination itself.
struct Epilogue {
    int activation = 0;
    bool residual = false;
    bool in_place = false;
    // Attributes with the post-ops; fills primitive.operands. shape: descriptor of the residual.
    dnnl::primitive_attr attributes(const dnnl::memory::desc& shape, Primitive& primitive) const;
};

}  // namespace dg
#endif
