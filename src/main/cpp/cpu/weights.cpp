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

// Offset of each index of one dimension inside the inner blocks and, for what remains of the index, by the outer stride.
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

template <class To, class From>
void scatter(int threads, const BlockedOffsets& at, To* target, const From* source) {
    int64_t inputs = static_cast<int64_t>(at.input.size()), taps = static_cast<int64_t>(at.kernel.size());
    parallel_ranges(threads, static_cast<int64_t>(at.output.size()), 16, [&](int64_t begin, int64_t end) {
        constexpr int64_t TILE = 16;  // outputs side by side share cache lines of the target
        for (int64_t o0 = begin; o0 < end; o0 += TILE) {
            for (int64_t i = 0; i < inputs; ++i) {
                for (int64_t o = o0; o < std::min(o0 + TILE, end); ++o) {
                    const From* row = source + (o * inputs + i) * taps;
                    To* place = target + at.output[o] + at.input[i];
                    for (int64_t k = 0; k < taps; ++k) from_float(to_float(row[k]), place[at.kernel[k]]);
                }
            }
        }
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

template <class To>
void scatter_any(int threads, const BlockedOffsets& at, To* target, WeightSource source) {
    if (source.type == DG_F32) scatter(threads, at, target, static_cast<const float*>(source.data));
    else if (source.type == DG_F16) scatter(threads, at, target, static_cast<const F16*>(source.data));
    else scatter(threads, at, target, static_cast<const BF16*>(source.data));
}

float element(WeightSource source, int64_t index) {
    if (source.type == DG_F32) return static_cast<const float*>(source.data)[index];
    if (source.type == DG_F16) return to_float(static_cast<const F16*>(source.data)[index]);
    return to_float(static_cast<const BF16*>(source.data)[index]);
}

}  // namespace

Weights::Weights(Arena& arena, Kind kind, int dtype, int o, int c, int c2, int kh, int kw, bool geglu)
    : kind(kind), dtype(dtype), o(o), c(c), c2(c2), kh(kh), kw(kw), geglu(geglu), arena_(arena) {}

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

void Weights::pack(int threads, const dnnl::memory::desc& layout, WeightSource source, WeightSource bias) {
    if (layout.get_format_kind() != dnnl::memory::format_kind::blocked) {
        throw Error(DG_ERROR_UNSUPPORTED, "pack: expected a blocked weight layout from oneDNN, found an opaque one");
    }
    bias_ = SystemBlock(int64_t{o} * 4);
    float* bias_data = static_cast<float*>(bias_.data());
    for (int64_t i = 0; i < o; ++i) bias_data[i] = bias.data == nullptr ? 0.0f : element(bias, i);
    set_layout(layout);
    std::memset(data_.data(), 0, static_cast<size_t>(data_.bytes()));  // the layout may be padded
    if (dtype == DG_BF16) scatter_any(threads, offsets(), static_cast<BF16*>(data_.data()), source);
    else scatter_any(threads, offsets(), static_cast<float*>(data_.data()), source);
}

void Weights::repack(int threads, const dnnl::memory::desc& layout) {
    SystemBlock plain(elements() * 4);
    unpack(threads, static_cast<float*>(plain.data()));
    set_layout(layout);
    std::memset(data_.data(), 0, static_cast<size_t>(data_.bytes()));
    WeightSource source{plain.data(), DG_F32};
    if (dtype == DG_BF16) scatter_any(threads, offsets(), static_cast<BF16*>(data_.data()), source);
    else scatter_any(threads, offsets(), static_cast<float*>(data_.data()), source);
}

void Weights::unpack(int threads, float* plain) const {
    if (dtype == DG_BF16) gather(threads, offsets(), plain, static_cast<const BF16*>(data_.data()));
    else gather(threads, offsets(), plain, static_cast<const float*>(data_.data()));
}

}  // namespace dg
