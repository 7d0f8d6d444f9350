// attention.cpp - WHAT  y = softmax(scale q k^T) v per head, tiled; see kernels/attention_block.h.
#include <cmath>

#include "operations.h"
#include "parallel.h"

namespace dg {
namespace {

constexpr const char* NAME = "attention";

void check_sizes(const Attention& a) {
    for (auto size : {a.n, a.lq, a.lk, a.heads}) require_range(NAME, "each size", size, 1, 1 << 24);
    require_range(NAME, "d", a.d, 1, 4096);
    int64_t width = int64_t{a.heads} * a.d;
    for (auto stride : {a.ldy, a.ldq, a.ldk, a.ldv})
        require_range(NAME, "each row stride", stride, width, int64_t{1} << 40);
    if (!(a.scale >= 1e-6f && a.scale <= 1e6f)) fail_argument(NAME, "a scale in 1e-6..1e6", std::to_string(a.scale));
    if (a.causal != 0) require_equal(NAME, "lk of causal attention", a.lk, a.lq);
}

int64_t view_bytes(int64_t rows, int64_t stride, int64_t width, int64_t element) {
    return product(NAME, {product(NAME, {rows - 1, stride}) + width, element});
}

// The engine's choice, or the variant the caller asked for; bf16 kernels cannot read f32.
const AttentionKernel& pick(const Engine& engine, int dtype) {
    if (dtype == DG_F32) return *engine.kernels.attention;
    int variant = engine.variants[DG_OP_ATTENTION];
    return *engine.attention_kernels[variant == 0 ? 0 : static_cast<size_t>(variant - 1)];
}

}  // namespace

void attention(Engine& engine, const Attention& a) {
    require_activation_type(NAME, a.dtype);
    check_sizes(a);
    int64_t element = type_bytes(NAME, a.dtype), width = int64_t{a.heads} * a.d;
    int64_t query_rows = product(NAME, {a.n, a.lq}), key_rows = product(NAME, {a.n, a.lk});
    AttentionCall call;
    call.type = kernel_type(a.dtype);
    call.y = engine.in(NAME, "y", a.y, view_bytes(query_rows, a.ldy, width, element));
    call.q = engine.in(NAME, "q", a.q, view_bytes(query_rows, a.ldq, width, element));
    call.k = engine.in(NAME, "k", a.k, view_bytes(key_rows, a.ldk, width, element));
    call.v = engine.in(NAME, "v", a.v, view_bytes(key_rows, a.ldv, width, element));
    call.ldy = a.ldy, call.ldq = a.ldq, call.ldk = a.ldk, call.ldv = a.ldv;
    call.lq = a.lq, call.lk = a.lk, call.heads = a.heads, call.d = a.d;
    call.scale = a.scale, call.causal = a.causal != 0;

    const AttentionKernel& kernel = pick(engine, a.dtype);
    int64_t heads = int64_t{a.n} * a.heads, threads = engine.threads;
    call.packed_stride = kernel.packed_bytes(call);
    Scratch packed(engine.arena, product(NAME, {heads, call.packed_stride}));
    call.packed = packed.as<char>();
    int64_t scratch_bytes = kernel.scratch_bytes(call);
    Scratch scratch(engine.arena, product(NAME, {threads, scratch_bytes}));

    int64_t parts = (a.lk + PACK_KEYS * 8 - 1) / (PACK_KEYS * 8);
    if (call.packed_stride > 0) {
        parallel_items(engine.threads, heads * parts, [&](int, int64_t item) {
            int64_t begin = item % parts * PACK_KEYS * 8;
            kernel.pack(call, item / parts, begin, std::min<int64_t>(begin + PACK_KEYS * 8, a.lk));
        });
    }
    int64_t blocks = (a.lq + kernel.queries - 1) / kernel.queries;
    parallel_items(engine.threads, heads * blocks, [&](int thread, int64_t item) {
        kernel.run(call, scratch.as<char>() + thread * scratch_bytes, item / blocks, item % blocks * kernel.queries);
    });
}

}  // namespace dg
