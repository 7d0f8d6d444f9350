// upsample.cpp
// WHAT      conv3x3(nearest2x(x)) as four 2x2 convolutions of x, one per parity of the output's row and column, whose
//           outputs are interleaved. On an even row the taps -1, 0, +1 meet the source rows r - 1, r, r, so the last
//           two are summed; on an odd one r, r, r + 1. 16 products per source pixel and channel instead of 36.
// NUMERICS  Sums of weights are rounded once more to the storage type.
// MEMORY    The 2x2 weights are made on first use and kept with the 3x3 ones: 16/9 of their size more. Scratch: a
//           quarter of y, where the direct way needs the enlarged input.
#include "upsample.h"

#include <cstring>
#include <vector>

#include "parallel.h"

namespace dg {
namespace {

// target [O, I, 2, 2] from w [O, I, 3, 3] for the output pixels of the given parities.
void fold_taps(int threads, float* target, const float* w, int64_t filters, int odd_row, int odd_column) {
    parallel_ranges(threads, filters, 4096, [&](int64_t begin, int64_t end) {
        for (int64_t f = begin; f < end; ++f) {
            float sums[4] = {};
            for (int tap = 0; tap < 9; ++tap) {
                int row = tap / 3, column = tap % 3;
                int to_row = odd_row != 0 ? row / 2 : (row + 1) / 2,
                    to_column = odd_column != 0 ? column / 2 : (column + 1) / 2;
                sums[to_row * 2 + to_column] += w[f * 9 + tap];
            }
            std::memcpy(target + f * 4, sums, sizeof sums);
        }
    });
}

void make_parity_weights(Engine& engine, Weights& weights) {
    int64_t filters = int64_t{weights.o} * (weights.c + weights.c2);
    SystemBlock plain(filters * 9 * 4), folded(filters * 4 * 4);
    weights.unpack(static_cast<float*>(plain.data()));
    ConvShape shape{weights.dtype, weights.o, weights.c + weights.c2, 2, 2, 32, 32, 32, 32, 1, 1, 1, 0, 0};
    dnnl::memory::desc layout = convolution_layout(engine.dnn, shape);
    std::unique_ptr<Weights> made[4];
    for (int parity = 0; parity < 4; ++parity) {
        fold_taps(engine.threads, static_cast<float*>(folded.data()), static_cast<const float*>(plain.data()), filters,
                  parity / 2, parity % 2);
        made[parity] = std::make_unique<Weights>(engine.arena, engine.kernels, engine.threads, Weights::Kind::CONV2D,
                                                 weights.dtype, weights.o, weights.c, weights.c2, 2, 2, false);
        made[parity]->pack(layout, {folded.data(), DG_F32}, {weights.bias(), DG_F32});
    }
    for (int parity = 0; parity < 4; ++parity) weights.parity[parity] = std::move(made[parity]);
}

// Puts part [H, W, O] into every second row and column of y [2H, 2W, O].
void interleave(int threads, char* y, const char* part, int64_t h, int64_t w, int64_t pixel_bytes) {
    parallel_ranges(threads, h, 1, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            for (int64_t column = 0; column < w; ++column) {
                std::memcpy(y + (row * 4 * w + column * 2) * pixel_bytes, part + (row * w + column) * pixel_bytes,
                            static_cast<size_t>(pixel_bytes));
            }
        }
    });
}

}  // namespace

bool upsample_applies(const Conv2d& a, const Weights& weights) {
    return weights.kh == 3 && weights.kw == 3 && a.stride == 1 && a.pad_top == 1 && a.pad_left == 1 && a.uh == 2 * a.h
           && a.uw == 2 * a.w && a.oh == a.uh && a.ow == a.uw && a.residual == 0;
}

void upsample_picture(Engine& engine, const Conv2d& a, Weights& weights, const void* x, const float* bias, char* y) {
    if (weights.parity[0] == nullptr) make_parity_weights(engine, weights);
    int64_t pixel_bytes = weights.o * type_bytes("conv2d", a.dtype);
    Scratch part(engine.arena, int64_t{a.h} * a.w * pixel_bytes);
    for (int parity = 0; parity < 4; ++parity) {
        int odd_row = parity / 2, odd_column = parity % 2;
        ConvShape shape{a.dtype, weights.o,   a.c + a.c2,     2,       2,         a.h, a.w, a.h, a.w,
                        1,       1 - odd_row, 1 - odd_column, odd_row, odd_column};
        Weights& folded = *weights.parity[parity];
        const Primitive& primitive = convolution_for(engine, folded, shape, Epilogue{a.activation, false, false});
        run_product(engine, primitive, folded, x, bias, part.data(), nullptr);
        interleave(engine.threads, y + (odd_row * 2 * a.w + odd_column) * pixel_bytes, part.as<char>(), a.h, a.w,
                   pixel_bytes);
    }
}

}  // namespace dg
