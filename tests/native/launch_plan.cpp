// launch_plan.cpp - what the launchers would start for given sizes; nothing runs. docs/kernels.md is made with it
// (KernelTable.java).
//
// Reads one operation per line from stdin:
//   conv2d N H W C C2 UH UW OH OW O KH KW STRIDE PAD_TOP PAD_LEFT
//   linear ROWS K O GEGLU
//   attention N LQ LK HEADS D CAUSAL
// and answers each with one line of fields between tabs: the variant, the instance of the kernel (empty for attention,
// which has one per head size), the workspace in bytes, and for each launch its name, grid x y z, threads and bytes of
// dynamic shared memory.
#include <cstdio>
#include <iostream>
#include <sstream>

#include "gemm_launchers.h"
#include "launch.h"
#include "launchers.h"
#include "tile.cuh"

namespace {

using namespace dg;

// Addresses are never followed: they only have to look like aligned ones.
template <class T = void>
T* somewhere() {
    return reinterpret_cast<T*>(uintptr_t{1} << 20);
}

std::string tile_name(int tile) {
    std::string name;
    for_tile(tile, [&](auto shape) {
        using S = decltype(shape);
        name = text("Tile<", S::BM, ", ", S::BN, ", ", S::WARPS_M, ", ", S::WARPS_N, ", ", S::STAGES, ", ", S::BLOCKS,
            ">");
    });
    return name;
}

std::string instance(const char* kernel, int variant, bool aligned) {
    int tile = aligned ? (variant - 1) % TILE_COUNT + 1 : GATHER_TILE;
    return text(kernel, "<__half, ", tile_name(tile), ", ", aligned ? "true" : "false", ">");
}

PackedWeights weights(int o, int c, int c2, int kh, int kw, bool geglu) {
    PackedWeights w;
    w.o = o;
    w.c = c;
    w.c2 = c2;
    w.kh = kh;
    w.kw = kw;
    w.geglu = geglu;
    w.w = somewhere();
    w.bias = somewhere<float>();
    return w;
}

struct Answer {
    int variant;
    std::string instance;
    size_t workspace;
};

Answer plan_conv2d(std::istream& in, Stream& stream) {
    ConvParams p;
    int c, c2, o, kh, kw;
    in >> p.n >> p.h >> p.w >> c >> c2 >> p.uh >> p.uw >> p.oh >> p.ow >> o >> kh >> kw >> p.stride >>
        p.pad_top >> p.pad_left;
    expect(!in.fail(), "conv2d: expected 15 numbers");
    p.weights = weights(o, c, c2, kh, kw, false);
    p.y = somewhere();
    p.x = somewhere();
    p.x2 = c2 > 0 ? somewhere() : nullptr;
    p.workspace = somewhere<float>();
    conv2d(stream, DG_F16, 0, p);
    int variant = conv2d_variant(p, 0);
    return {variant, instance("conv2d_kernel", variant, p.weights.aligned()), conv2d_workspace(p, 0)};
}

Answer plan_linear(std::istream& in, Stream& stream) {
    LinearParams p;
    int k, o, geglu;
    in >> p.rows >> k >> o >> geglu;
    expect(!in.fail(), "linear: expected 4 numbers");
    p.weights = weights(o, k, 0, 1, 1, geglu != 0);
    p.y = somewhere();
    p.x = somewhere();
    linear(stream, DG_F16, 0, p);
    int variant = linear_variant(p, 0);
    return {variant, instance("linear_kernel", variant, p.weights.aligned()), 0};
}

Answer plan_attention(std::istream& in, Stream& stream) {
    AttentionParams p;
    int causal;
    in >> p.n >> p.lq >> p.lk >> p.heads >> p.d >> causal;
    expect(!in.fail(), "attention: expected 6 numbers");
    p.causal = causal != 0;
    p.y = somewhere();
    p.q = p.k = p.v = somewhere();
    p.ldy = p.ldq = p.ldk = p.ldv = int64_t{p.heads} * p.d;
    attention(stream, DG_F16, 0, p);
    return {p.d % 8 == 0 ? 1 : 2, "", 0};
}

void answer(const std::string& line) {
    std::istringstream in(line);
    std::string operation;
    in >> operation;
    std::vector<PlannedLaunch> launches;
    Stream stream;
    stream.plan = &launches;
    expect(operation == "conv2d" || operation == "linear" || operation == "attention",
           "expected conv2d, linear or attention, found ", operation);
    Answer a = operation == "conv2d" ? plan_conv2d(in, stream)
             : operation == "linear" ? plan_linear(in, stream)
                                     : plan_attention(in, stream);
    std::cout << a.variant << '\t' << a.instance << '\t' << a.workspace;
    for (const PlannedLaunch& l : launches) {
        std::cout << '\t' << l.name << ' ' << l.grid.x << ' ' << l.grid.y << ' ' << l.grid.z << ' ' << l.block.x << ' '
                  << l.shared_bytes;
    }
    std::cout << '\n';
}

}  // namespace

int main() {
    try {
        std::string line;
        while (std::getline(std::cin, line)) answer(line);
    } catch (const dg::Error& e) {
        std::cerr << "launch_plan: " << e.what() << '\n';
        return 1;
    }
    return 0;
}
