#include "weights.h"

#include <algorithm>
#include <cstring>

#include "../kernels.h"
#include "error.h"
#include "number.h"
#include "parallel.h"

namespace dg {
namespace {

int64_t hash_bytes(const std::vector<uint8_t>& bytes) {
    uint64_t hash = 1469598103934665603ull;  // FNV-1a
    for (uint8_t byte : bytes) hash = (hash ^ byte) * 1099511628211ull;
    return static_cast<int64_t>(hash);
}

// Offset of each index of one dimension inside the inner blocks and, for what remains of the index, by the outer
// stride.
std::vector<int64_t> dimension_offsets(const dnnl::memory::desc& layout, int dimension, int64_t size) {
    auto blocks = layout.get_inner_blks();
    auto owners = layout.get_inner_idxs();
    auto strides = layout.get_strides();
    std::vector<int64_t> result(static_cast<size_t>(size));
    for (int64_t index = 0; index < size; ++index) {
        int64_t rest = index, stride = 1, offset = 0;
        for (size_t b = blocks.size(); b-- > 0;) {
            if (owners[b] == dimension) {
                offset += rest % blocks[b] * stride;
                rest /= blocks[b];
            }
            stride *= blocks[b];
        }
        result[static_cast<size_t>(index)] = offset + rest * strides[static_cast<size_t>(dimension)];
    }
    return result;
}

constexpr int64_t OUTPUTS = 16;  // converted together: side by side in the target they share cache lines
constexpr int64_t STRIP = 512;   // elements of each that are converted at once

// Whether inputs 2i and 2i + 1 of an output lie side by side, as products in bf16 like them: then they move together.
bool inputs_in_pairs(const BlockedOffsets& at) {
    if (at.input.size() % 2 != 0) return false;
    for (size_t i = 0; i < at.input.size(); i += 2) {
        if (at.input[i + 1] != at.input[i] + 1) return false;
    }
    return true;
}

// Rows [first, last) of `source` [O, I, taps] to their places. `strip` has room for OUTPUTS * max(STRIP, taps)
// elements.
template <class Element, class Convert>
void scatter_rows(const BlockedOffsets& at, Element* target, int64_t first, int64_t last, Element* strip,
                  const Convert& convert) {
    int64_t inputs = static_cast<int64_t>(at.input.size()), taps = static_cast<int64_t>(at.kernel.size());
    int64_t step = std::max<int64_t>(STRIP / taps, 1), width = step * taps;
    bool paired = taps == 1 && inputs_in_pairs(at);
    for (int64_t i0 = 0; i0 < inputs; i0 += step) {
        int64_t i1 = std::min(i0 + step, inputs);
        for (int64_t o = first; o < last; ++o)
            convert(strip + (o - first) * width, (o * inputs + i0) * taps, (i1 - i0) * taps);
        if (paired) {
            for (int64_t i = i0; i < i1; i += 2) {
                for (int64_t o = first; o < last; ++o)
                    std::memcpy(target + at.output[o] + at.input[i], strip + (o - first) * width + (i - i0),
                                2 * sizeof(Element));
            }
            continue;
        }
        for (int64_t i = i0; i < i1; ++i) {
            for (int64_t o = first; o < last; ++o) {
                const Element* from = strip + (o - first) * width + (i - i0) * taps;
                Element* place = target + at.output[o] + at.input[i];
                for (int64_t k = 0; k < taps; ++k) place[at.kernel[k]] = from[k];
            }
        }
    }
}

template <class Element, class Convert>
void scatter_all(int threads, const BlockedOffsets& at, Element* target, const Convert& convert) {
    int64_t outputs = static_cast<int64_t>(at.output.size()), taps = static_cast<int64_t>(at.kernel.size());
    int64_t room = OUTPUTS * std::max(STRIP, taps);
    std::vector<Element> strips(static_cast<size_t>(room * threads));
    parallel_items(threads, (outputs + OUTPUTS - 1) / OUTPUTS, [&](int thread, int64_t item) {
        int64_t first = item * OUTPUTS, last = std::min(first + OUTPUTS, outputs);
        scatter_rows(at, target, first, last, strips.data() + thread * room, convert);
    });
}

template <class From>
void gather(int threads, const BlockedOffsets& at, float* target, const From* source) {
    int64_t inputs = static_cast<int64_t>(at.input.size()), taps = static_cast<int64_t>(at.kernel.size());
    parallel_ranges(threads, static_cast<int64_t>(at.output.size()), 16, [&](int64_t begin, int64_t end) {
        for (int64_t o = begin; o < end; ++o) {
            for (int64_t i = 0; i < inputs; ++i) {
                for (int64_t k = 0; k < taps; ++k) {
                    target[(o * inputs + i) * taps + k] = to_float(source[at.output[o] + at.input[i] + at.kernel[k]]);
                }
            }
        }
    });
}

Type element_type(int dtype) { return dtype == DG_F32 ? Type::F32 : dtype == DG_F16 ? Type::F16 : Type::BF16; }

float element(WeightSource source, int64_t index) {
    if (source.type == DG_F32) return static_cast<const float*>(source.data)[index];
    if (source.type == DG_F16) return to_float(static_cast<const F16*>(source.data)[index]);
    return to_float(static_cast<const BF16*>(source.data)[index]);
}

}  // namespace

Weights::Weights(Arena& arena, const KernelTable& kernels, int threads, Kind kind, int dtype, int o, int c, int c2,
                 int kh, int kw, bool geglu)
    : kind(kind),
      dtype(dtype),
      o(o),
      c(c),
      c2(c2),
      kh(kh),
      kw(kw),
      geglu(geglu),
      arena_(arena),
      kernels_(kernels),
      threads_(threads) {}

Weights::~Weights() { arena_.release(accounted_); }

void Weights::set_layout(const dnnl::memory::desc& layout) {
    int64_t bytes = static_cast<int64_t>(layout.get_size());
    int64_t bias_bytes = int64_t{o} * 4;
    arena_.account(bytes + bias_bytes);
    SystemBlock block;
    try {
        block = SystemBlock(bytes);
    } catch (...) {
        arena_.release(bytes + bias_bytes);
        throw;
    }
    arena_.release(accounted_);
    accounted_ = bytes + bias_bytes;
    data_ = std::move(block);
    layout_ = layout;
    layout_id_ = hash_bytes(layout_.get_blob());
    used = false;
}

BlockedOffsets Weights::offsets() const {
    // linear weights are described as [K, O] (the right factor of the product), convolutions as [O, I, KH, KW].
    bool linear = kind == Kind::LINEAR;
    BlockedOffsets at;
    at.output = dimension_offsets(layout_, linear ? 1 : 0, o);
    at.input = dimension_offsets(layout_, linear ? 0 : 1, c + c2);
    if (linear) {
        at.kernel = {0};
        return at;
    }
    auto rows = dimension_offsets(layout_, 2, kh), columns = dimension_offsets(layout_, 3, kw);
    for (int64_t row : rows) {
        for (int64_t column : columns) at.kernel.push_back(row + column);
    }
    return at;
}

void Weights::scatter(WeightSource source) {
    int64_t target_bytes = dtype == DG_BF16 ? 2 : 4, source_bytes = source.type == DG_F32 ? 4 : 2;
    if (data_.bytes() > elements() * target_bytes)
        std::memset(data_.data(), 0, static_cast<size_t>(data_.bytes()));  // padding
    auto convert = [&](void* out, int64_t first, int64_t count) {
        const char* from = static_cast<const char*>(source.data) + first * source_bytes;
        CombineCall call{element_type(dtype), out, 1, {element_type(source.type)}, {from}, {1.0f}};
        kernels_.combine(call, 0, count);
    };
    if (dtype == DG_BF16) scatter_all(threads_, offsets(), static_cast<uint16_t*>(data_.data()), convert);
    else scatter_all(threads_, offsets(), static_cast<uint32_t*>(data_.data()), convert);
}

void Weights::pack(const dnnl::memory::desc& layout, WeightSource source, WeightSource bias) {
    if (layout.get_format_kind() != dnnl::memory::format_kind::blocked) {
        throw Error(DG_ERROR_UNSUPPORTED, "pack: expected a blocked weight layout from oneDNN, found an opaque one");
    }
    bias_ = SystemBlock(int64_t{o} * 4);
    float* bias_data = static_cast<float*>(bias_.data());
    for (int64_t i = 0; i < o; ++i) bias_data[i] = bias.data == nullptr ? 0.0f : element(bias, i);
    set_layout(layout);
    scatter(source);
}

void Weights::repack(const dnnl::memory::desc& layout) {
    SystemBlock plain(elements() * 4);
    unpack(static_cast<float*>(plain.data()));
    set_layout(layout);
    scatter({plain.data(), DG_F32});
}

void Weights::unpack(float* plain) const {
    if (dtype == DG_BF16) gather(threads_, offsets(), plain, static_cast<const BF16*>(data_.data()));
    else gather(threads_, offsets(), plain, static_cast<const float*>(data_.data()));
}

}  // namespace dg
