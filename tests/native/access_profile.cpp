// access_profile.cpp - bank conflicts and sectors of the kernels, counted in emulation (simt/profile.h), as the table of
// docs/kernels.md. Fails where ldmatrix or cp.async of a main loop waits for banks more than the table allows.
//
//   access_profile            prints the table
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "access_profile_kernels.h"
#include "gemm_launchers.h"
#include "gemm_support.h"
#include "launch.h"
#include "launchers.h"
#include "simt/profile.h"

namespace {

using gemm_test::Buffer;
using gemm_test::Tally;
using simt::AccessCount;
using simt::KernelProfile;

KernelProfile profile_of(dg::Stream& stream, const std::function<void()>& launch) {
    simt::profile_start();
    launch();
    dg::synchronize(stream, "profile");
    return simt::profile_stop();
}

AccessCount count_of(const KernelProfile& profile, const std::string& kind) {
    auto found = profile.find(kind);
    return found == profile.end() ? AccessCount{} : found->second;
}

void expect_count(Tally& tally, const KernelProfile& profile, const std::string& kind, uint64_t needed,
                  uint64_t taken, const std::string& what) {
    AccessCount c = count_of(profile, kind);
    char text[200];
    std::snprintf(text, sizeof text, "%s: expected 1 request of %llu, %llu taken, found %llu of %llu, %llu taken",
                  what.c_str(), (unsigned long long)needed, (unsigned long long)taken, (unsigned long long)c.requests,
                  (unsigned long long)c.needed, (unsigned long long)c.taken);
    tally.record(c.requests == 1 && c.needed == needed && c.taken == taken, text);
}

// The counter itself, against patterns whose answer is known.
void test_counter(Tally& tally, dg::Stream& stream) {
    Buffer data(1 << 16);
    auto floats = reinterpret_cast<float*>(data.data());
    auto run = [&](int stride, auto kernel) {
        return profile_of(stream, [&] { dg::launch(stream, "probe", dim3(1), dim3(32), 0, kernel, floats, stride); });
    };
    expect_count(tally, run(1, probe_shared), "shared store", 1, 1, "neighbouring words");
    expect_count(tally, run(2, probe_shared), "shared store", 1, 2, "every second word");
    expect_count(tally, run(32, probe_shared), "shared store", 1, 32, "one column of a 32-word row");
    expect_count(tally, run(33, probe_shared), "shared store", 1, 1, "one column of a 33-word row");
    expect_count(tally, run(4, probe_wide), "shared store", 4, 4, "neighbouring 16-byte pieces");
    expect_count(tally, run(32, probe_wide), "shared store", 4, 32, "16-byte pieces of one column");
    expect_count(tally, run(1, probe_halves), "global load", 2, 2, "32 neighbouring halves");
    expect_count(tally, run(16, probe_halves), "global load", 2, 32, "halves one sector apart");
    expect_count(tally, run(4, probe_wide), "global load", 16, 16, "16 bytes per lane");
    expect_count(tally, run(8, probe_wide), "global load", 16, 32, "16 of every 32 bytes");
    expect_count(tally, run(64, probe_matrix), "ldmatrix", 4, 32, "rows of 128 bytes");
    expect_count(tally, run(72, probe_matrix), "ldmatrix", 4, 4, "rows of 144 bytes");
    expect_count(tally, run(4, probe_async), "cp.async to shared", 4, 4, "cp.async to neighbours");
    expect_count(tally, run(4, probe_async), "global load", 16, 16, "cp.async from neighbours");
}

// Rows of 6, 10 or 20 chunks have an odd pitch for the sake of ldmatrix, which reads each of them four times or more;
// eight chunks that are copied at once then wrap around the end of a row.
constexpr double ATTENTION_ASYNC = 1.75;

struct Case {
    std::string name;
    std::function<void()> launch;
    double matrix, async;  // the most wavefronts over those needed
};

std::string cell(const AccessCount& c) {
    if (c.requests == 0) return "-";
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", double(c.taken) / double(c.needed));
    return text;
}

void run_case(Tally& tally, dg::Stream& stream, const Case& c) {
    KernelProfile p = profile_of(stream, c.launch);
    std::printf("| %s |", c.name.c_str());
    for (const char* kind :
         {"ldmatrix", "cp.async to shared", "shared load", "shared store", "global load", "global store"}) {
        std::printf(" %s |", cell(count_of(p, kind)).c_str());
    }
    std::printf("\n");
    AccessCount matrix = count_of(p, "ldmatrix"), async = count_of(p, "cp.async to shared");
    tally.record(double(matrix.taken) <= c.matrix * double(matrix.needed), c.name + ": ldmatrix waits for banks");
    tally.record(double(async.taken) <= c.async * double(async.needed), c.name + ": cp.async waits for banks");
    tally.record(count_of(p, "global store").requests > 0, c.name + ": nothing was counted");
}

// Device memory that a kernel may read as any values: zeros.
struct Memory {
    std::vector<std::unique_ptr<Buffer>> held;
    char* zeros(size_t bytes) {
        held.push_back(std::make_unique<Buffer>(bytes));
        dg::check(cudaMemset(held.back()->data(), 0, bytes), "test buffer");
        return held.back()->data();
    }
};

dg::PackedWeights weights(Memory& memory, int o, int c, int kernel, bool geglu) {
    dg::PackedWeights w;
    w.o = o;
    w.c = c;
    w.kh = w.kw = kernel;
    w.geglu = geglu;
    dg::place_packed(w, memory.zeros(dg::packed_bytes(w)));
    return w;
}

void add_products(std::vector<Case>& cases, Memory& memory, dg::Stream& stream) {
    static const char* const tiles[] = {"256x128", "128x128", "128x64", "128x32", "64x64", "64x32"};
    for (int variant : {1, 2, 3, 4, 5, 6, 11}) {
        dg::ConvParams p;
        p.weights = weights(memory, 128, 64, 3, false);
        p.n = 1;
        p.h = p.w = p.uh = p.uw = p.oh = p.ow = 16;
        p.pad_top = p.pad_left = 1;
        p.x = memory.zeros(256 * 64 * 2);
        p.y = memory.zeros(256 * 128 * 2);
        p.residual = memory.zeros(256 * 128 * 2);
        p.workspace = reinterpret_cast<float*>(memory.zeros(dg::conv2d_workspace(p, variant) + 16));
        std::string split = variant > 6 ? " split" : "";
        cases.push_back({"conv2d 3x3, 64 to 128, " + std::string(tiles[(variant - 1) % 6]) + split,
                         [=, &stream] { dg::conv2d(stream, DG_F16, variant, p); }, 1.0, 1.0});
    }
    for (bool geglu : {false, true}) {
        for (int variant : {1, 3}) {
            dg::LinearParams p;
            p.weights = weights(memory, 256, 320, 1, geglu);
            p.rows = 256;
            p.x = memory.zeros(256 * 320 * 2);
            p.y = memory.zeros(256 * 256 * 2);
            cases.push_back({"linear 320 to 256, " + std::string(tiles[variant - 1]) + (geglu ? ", GEGLU" : ""),
                             [=, &stream] { dg::linear(stream, DG_F16, variant, p); }, 1.0, 1.0});
        }
    }
}

void add_others(std::vector<Case>& cases, Memory& memory, dg::Stream& stream) {
    for (int d : {40, 64, 80, 160, 512}) {
        dg::AttentionParams p;
        p.n = 1;
        p.heads = d == 512 ? 1 : 2;
        p.lq = p.lk = 128;
        p.d = d;
        p.ldy = p.ldq = p.ldk = p.ldv = int64_t{p.heads} * d;
        size_t bytes = size_t(p.lq) * p.heads * d * 2;
        p.q = memory.zeros(bytes);
        p.k = memory.zeros(bytes);
        p.v = memory.zeros(bytes);
        p.y = memory.zeros(bytes);
        cases.push_back({"attention, heads of " + std::to_string(d),
                         [=, &stream] { dg::attention(stream, DG_F16, 1, p); }, 1.0, ATTENTION_ASYNC});
    }
    for (int variant : {1, 2}) {
        dg::GroupNormParams p;
        p.c = 320;
        p.n = 1;
        p.pixels = 512;
        p.groups = 32;
        p.eps = 1e-5f;
        p.x = memory.zeros(512 * 320 * 2);
        p.y = memory.zeros(512 * 320 * 2);
        p.weight = p.bias = reinterpret_cast<float*>(memory.zeros(320 * 4));
        p.workspace = reinterpret_cast<float*>(memory.zeros(dg::group_norm_workspace(p, variant) + 16));
        cases.push_back({std::string("group norm, 320 channels, ") + (variant == 1 ? "fused" : "split"),
                         [=, &stream] { dg::group_norm(stream, DG_F16, variant, p); }, 1.0, 1.0});
    }
    char* x = memory.zeros(64 * 640 * 2);
    char* y = memory.zeros(64 * 640 * 2);
    auto one = reinterpret_cast<float*>(memory.zeros(640 * 4));
    cases.push_back({"layer norm, 640 channels",
                     [=, &stream] { dg::layer_norm(stream, DG_F16, y, x, one, one, 64, 640, 1e-5f); }, 1.0, 1.0});
    cases.push_back({"NCHW to NHWC, 64 channels",
                     [=, &stream] { dg::nchw_to_nhwc(stream, DG_F16, y, DG_F16, x, 1, 64, 640); }, 1.0, 1.0});
}

}  // namespace

int main() {
    Tally tally;
    try {
        gemm_test::guard_bytes = 0;
        dg::Stream stream;
        dg::check(cudaStreamCreateWithFlags(&stream.handle, cudaStreamNonBlocking), "stream");
        test_counter(tally, stream);
        Memory memory;
        std::vector<Case> cases;
        add_products(cases, memory, stream);
        add_others(cases, memory, stream);
        std::printf("| launch | ldmatrix | cp.async | shared load | shared store | global load | global store |\n");
        std::printf("| --- | --: | --: | --: | --: | --: | --: |\n");
        for (const Case& c : cases) run_case(tally, stream, c);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "FAILED %s\n", e.what());
        return 1;
    }
    std::fprintf(stderr, "%d passed, %d failed\n", tally.passed, tally.failed);
    return tally.failed == 0 && tally.passed > 0 ? 0 : 1;
}
