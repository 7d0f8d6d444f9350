// weights.h - weights in the layout that oneDNN prefers, converted once from the type in the file.
#ifndef DAGUERRE_CPU_WEIGHTS_H
#define DAGUERRE_CPU_WEIGHTS_H

#include <cstdint>
#include <memory>
#include <vector>

#include "arena.h"
#include "dnnl.hpp"
#include "kernels/kernels.h"

namespace dg {

// A tensor [O, I, KH, KW] in PyTorch order at a host address, in a type of a weight file.
struct WeightSource {
    const void* data;
    int type;
};

// Where element (o, i, k) of a blocked layout lies: output[o] + input[i] + kernel[k] elements from the start. oneDNN's
// blocked layouts all have this form, because each digit of an inner block belongs to one dimension.
struct BlockedOffsets {
    std::vector<int64_t> output, input, kernel;
};

class Weights {
public:
    enum class Kind { CONV2D, LINEAR };

    // kernels convert, on `threads` threads; both stay the engine's.
    Weights(Arena& arena, const KernelTable& kernels, int threads, Kind kind, int dtype, int o, int c, int c2, int kh,
            int kw, bool geglu);
    ~Weights();
    Weights(const Weights&) = delete;
    Weights& operator=(const Weights&) = delete;

    // Converts and reorders into `layout`; bias (type b_type, may be null) becomes f32.
    void pack(const dnnl::memory::desc& layout, WeightSource source, WeightSource bias);
    // Moves the weights to another layout.
    void repack(const dnnl::memory::desc& layout);
    // The elements [O, I, KH, KW] as f32.
    void unpack(float* plain) const;

    const dnnl::memory::desc& layout() const { return layout_; }
    const void* data() const { return data_.data(); }
    const float* bias() const { return static_cast<const float*>(bias_.data()); }
    // A number that is equal for equal layouts: part of the keys of primitives.
    int64_t layout_id() const { return layout_id_; }
    int64_t elements() const { return int64_t{o} * (c + c2) * kh * kw; }

    const Kind kind;
    const int dtype, o, c, c2, kh, kw;  // linear: c = K, the rest 0 or 1
    const bool geglu;
    bool used = false;                   // a primitive has run on the present layout
    std::unique_ptr<Weights> parity[4];  // for upsample.cpp, made on first use

private:
    void set_layout(const dnnl::memory::desc& layout);
    BlockedOffsets offsets() const;
    void scatter(WeightSource source);
    Arena& arena_;
    const KernelTable& kernels_;
    int threads_;
    int64_t accounted_ = 0, layout_id_ = 0;
    dnnl::memory::desc layout_;
    SystemBlock data_, bias_;
};

}  // namespace dg
#endif
