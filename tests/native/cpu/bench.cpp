// bench.cpp - cpu_bench PLUGIN [OPTIONS] [f32|bf16] [FILTER]: times operations at the shapes of SD 1.5 at 512 x 512
// (guided: batch 2) and its VAE. Prints milliseconds (best of several), TFLOP/s with the share of the matrix product's
// peak, and GB/s for operations that move data.
#include <dlfcn.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "../../../src/main/cpp/plugin.h"

namespace {

struct Bench {
    const dg_plugin* p = nullptr;
    int64_t engine = 0;
    int type = DG_BF16;
    std::string filter;
    double peak = 0.0;  // FLOP/s
    bool single = false;

    void check(int status) const {
        if (status == DG_OK) return;
        std::fprintf(stderr, "%s\n", p->last_error());
        std::exit(1);
    }
    int64_t element() const { return type == DG_F32 ? 4 : 2; }

    int64_t tensor(int64_t count, int as = -1) const {
        int t = as < 0 ? type : as;
        int64_t address = 0, bytes = count * (t == DG_F32 ? 4 : 2);
        check(p->alloc(engine, bytes, &address));
        std::vector<float> values(static_cast<size_t>(std::min<int64_t>(count, 1 << 16)));
        std::mt19937 random(7);
        std::normal_distribution<float> normal;
        for (float& value : values) value = normal(random);
        std::vector<uint16_t> half(values.size());
        for (size_t i = 0; i < values.size(); ++i) {
            uint32_t bits;
            std::memcpy(&bits, &values[i], 4);
            half[i] = static_cast<uint16_t>(bits >> 16);
        }
        const void* source = t == DG_F32 ? static_cast<const void*>(values.data()) : half.data();
        int64_t unit = static_cast<int64_t>(values.size()) * (t == DG_F32 ? 4 : 2);
        for (int64_t at = 0; at < bytes; at += unit) {
            check(p->upload(engine, address + at, reinterpret_cast<int64_t>(source), std::min(unit, bytes - at)));
        }
        return address;
    }

    // One thread is timed by its processor time, which other programs on the machine do not disturb.
    double now() const {
        timespec t;
        clock_gettime(single ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
    }

    // Best time of `run` in seconds.
    double time(const std::function<int()>& run) const {
        check(run());
        double best = 1e9, total = 0.0;
        for (int i = 0; i < 50 && (i < 5 || total < 0.5); ++i) {
            double start = now();
            check(run());
            double seconds = now() - start;
            best = std::min(best, seconds);
            total += seconds;
        }
        return best;
    }

    bool wanted(const std::string& name) const { return filter.empty() || name.find(filter) != std::string::npos; }

    void report(const std::string& name, double seconds, double flops, double bytes) const {
        std::printf("%-46s %9.3f ms", name.c_str(), seconds * 1e3);
        if (flops > 0.0)
            std::printf("  %6.3f TFLOP/s  %5.1f %%", flops / seconds * 1e-12, 100.0 * flops / seconds / peak);
        if (bytes > 0.0) std::printf("  %6.1f GB/s", bytes / seconds * 1e-9);
        std::printf("\n");
        std::fflush(stdout);
    }

    int64_t pack_linear(int o, int k, int geglu) const {
        std::vector<float> w(static_cast<size_t>(o) * k, 0.01f);
        int64_t weights = 0;
        check(p->pack_linear(engine, type, reinterpret_cast<int64_t>(w.data()), DG_F32, 0, 0, o, k, geglu, &weights));
        return weights;
    }

    void measure_peak() {
        int64_t weights = pack_linear(2048, 2048, 0), x = tensor(2048 * 2048), y = tensor(2048 * 2048);
        double seconds = time([&] { return p->linear(engine, type, y, x, weights, 0, 2048, 0); });
        peak = 2.0 * 2048 * 2048 * 2048 / seconds;
        report("peak: product 2048 x 2048 x 2048", seconds, peak * seconds, 0);
        p->free_weights(engine, weights), p->free(engine, x), p->free(engine, y);
    }

    void linear(int64_t rows, int k, int o, bool geglu = false, bool residual = false) const {
        std::string name = "linear " + std::to_string(rows) + " x " + std::to_string(k) + " -> " + std::to_string(o)
                           + (geglu      ? " geglu"
                              : residual ? " + residual"
                                         : "");
        if (!wanted(name)) return;
        int64_t weights = pack_linear(o, k, geglu), x = tensor(rows * k), y = tensor(rows * o), r = tensor(rows * o);
        report(name, time([&] { return p->linear(engine, type, y, x, weights, residual ? r : 0, rows, 0); }),
               2.0 * rows * k * o, 0);
        p->free_weights(engine, weights), p->free(engine, x), p->free(engine, y), p->free(engine, r);
    }

    void conv(int n, int c, int c2, int side, int o, int k, int target = 0, bool emb = false, bool residual = false,
              int stride = 1) const {
        target = target == 0 ? side : target;
        int out = target / stride;
        std::string name = "conv " + std::to_string(n) + " x " + std::to_string(side) + "^2 x " + std::to_string(c)
                           + (c2 > 0 ? "+" + std::to_string(c2) : "") + " -> " + std::to_string(o) + " k"
                           + std::to_string(k) + (target != side ? " upsampled" : "") + (emb ? " + emb" : "")
                           + (residual ? " + residual" : "") + (stride > 1 ? " stride 2" : "");
        if (!wanted(name)) return;
        std::vector<float> w(static_cast<size_t>(o) * (c + c2) * k * k, 0.01f);
        int64_t weights = 0, pixels = int64_t{n} * side * side, outputs = int64_t{n} * out * out * o;
        check(
            p->pack_conv2d(engine, type, reinterpret_cast<int64_t>(w.data()), DG_F32, 0, 0, o, c, c2, k, k, &weights));
        int64_t x = tensor(pixels * c), x2 = tensor(pixels * std::max(c2, 1)), y = tensor(outputs), r = tensor(outputs),
                e = tensor(n * o);
        double seconds = time([&] {
            return p->conv2d(engine, type, y, x, c, c2 > 0 ? x2 : 0, c2, weights, emb ? e : 0, o, residual ? r : 0, n,
                             side, side, target, target, out, out, stride, k / 2, k / 2, 0);
        });
        report(name, seconds, 2.0 * outputs * (c + c2) * k * k, 0);
        p->free_weights(engine, weights);
        for (int64_t t : {x, x2, y, r, e}) p->free(engine, t);
    }

    void attention(int n, int lq, int lk, int heads, int d, bool causal = false) const {
        std::string name = "attention " + std::to_string(n) + " x " + std::to_string(lq) + " x " + std::to_string(lk)
                           + ", " + std::to_string(heads) + " heads of " + std::to_string(d);
        if (!wanted(name)) return;
        int64_t width = int64_t{heads} * d;
        int64_t q = tensor(n * lq * width), k = tensor(n * lk * width), v = tensor(n * lk * width),
                y = tensor(n * lq * width);
        int count = 1;
        check(p->variants(engine, DG_OP_ATTENTION, &count));
        for (int variant = 1; variant <= (type == DG_F32 ? 1 : count); ++variant) {
            check(p->set_variant(engine, DG_OP_ATTENTION, variant));
            double seconds = time([&] {
                return p->attention(engine, type, y, width, q, width, k, width, v, width, n, lq, lk, heads, d, 0.15f,
                                    causal);
            });
            report(name + " v" + std::to_string(variant), seconds, 4.0 * n * heads * lq * lk * d, 0);
        }
        check(p->set_variant(engine, DG_OP_ATTENTION, 0));
        for (int64_t t : {q, k, v, y}) p->free(engine, t);
    }

    void group_norm(int n, int64_t pixels, int c, int c2 = 0) const {
        std::string name = "group_norm + silu " + std::to_string(n) + " x " + std::to_string(pixels) + " x "
                           + std::to_string(c) + (c2 > 0 ? "+" + std::to_string(c2) : "");
        if (!wanted(name)) return;
        int64_t x = tensor(n * pixels * c), x2 = tensor(n * pixels * std::max(c2, 1)),
                y = tensor(n * pixels * (c + c2));
        int64_t w = tensor(c + c2, DG_F32), b = tensor(c + c2, DG_F32);
        double seconds = time([&] {
            return p->group_norm(engine, type, y, x, c, c2 > 0 ? x2 : 0, c2, w, b, n, pixels, 32, 1e-5f, DG_ACT_SILU);
        });
        report(name, seconds, 0, 3.0 * n * pixels * (c + c2) * element());
        for (int64_t t : {x, x2, y, w, b}) p->free(engine, t);
    }

    void layer_norm(int64_t rows, int c) const {
        std::string name = "layer_norm " + std::to_string(rows) + " x " + std::to_string(c);
        if (!wanted(name)) return;
        int64_t x = tensor(rows * c), y = tensor(rows * c), w = tensor(c, DG_F32), b = tensor(c, DG_F32);
        report(name, time([&] { return p->layer_norm(engine, type, y, x, w, b, rows, c, 1e-5f); }), 0,
               2.0 * rows * c * element());
        for (int64_t t : {x, y, w, b}) p->free(engine, t);
    }

    void pack(int o, int c, int k) const {
        std::string name = "pack f16 conv " + std::to_string(c) + " -> " + std::to_string(o) + " k" + std::to_string(k);
        if (!wanted(name)) return;
        size_t count = static_cast<size_t>(o) * c * k * k;
        std::vector<uint16_t> w(count, 0x3c01);
        double seconds = time([&] {
            int64_t weights = 0;
            check(p->pack_conv2d(engine, type, reinterpret_cast<int64_t>(w.data()), DG_F16, 0, 0, o, c, 0, k, k,
                                 &weights));
            return p->free_weights(engine, weights);
        });
        report(name, seconds, 0, static_cast<double>(count) * (2.0 + static_cast<double>(element())));
    }

    void all() {
        measure_peak();
        for (bool residual : {false, true}) {
            conv(2, 320, 0, 64, 320, 3, 0, !residual, residual);
            conv(2, 640, 0, 32, 640, 3, 0, !residual, residual);
            conv(2, 1280, 0, 16, 1280, 3, 0, !residual, residual);
            conv(2, 1280, 0, 8, 1280, 3, 0, !residual, residual);
        }
        conv(2, 4, 0, 64, 320, 3), conv(2, 320, 0, 64, 4, 3), conv(2, 320, 0, 64, 320, 3, 0, false, false, 2);
        conv(2, 320, 320, 64, 320, 1), conv(2, 640, 640, 32, 640, 1), conv(2, 1280, 1280, 16, 1280, 1),
            conv(2, 1280, 1280, 8, 1280, 1);
        conv(2, 320, 0, 64, 320, 1, 0, false, true);
        conv(2, 640, 0, 32, 640, 3, 64), conv(2, 1280, 0, 16, 1280, 3, 32), conv(2, 1280, 0, 8, 1280, 3, 16);
        conv(1, 512, 0, 64, 512, 3), conv(1, 512, 0, 128, 512, 3), conv(1, 256, 0, 256, 256, 3),
            conv(1, 128, 0, 512, 128, 3), conv(1, 128, 0, 512, 3, 3);
        conv(1, 512, 0, 64, 512, 3, 128), conv(1, 512, 0, 128, 512, 3, 256), conv(1, 256, 0, 256, 256, 3, 512);
        conv(1, 512, 0, 128, 256, 1), conv(1, 256, 0, 512, 128, 1);
        linear(8192, 320, 320), linear(8192, 320, 320, false, true), linear(8192, 320, 2560, true),
            linear(8192, 1280, 320, false, true);
        linear(2048, 640, 640), linear(2048, 640, 5120, true), linear(2048, 2560, 640, false, true);
        linear(512, 1280, 1280), linear(512, 1280, 10240, true), linear(512, 5120, 1280, false, true);
        linear(128, 1280, 1280), linear(128, 1280, 10240, true), linear(154, 768, 320), linear(2, 1280, 1280);
        attention(2, 4096, 4096, 8, 40), attention(2, 1024, 1024, 8, 80), attention(2, 256, 256, 8, 160),
            attention(2, 64, 64, 8, 160);
        attention(2, 4096, 77, 8, 40), attention(2, 1024, 77, 8, 80), attention(2, 256, 77, 8, 160);
        attention(2, 4096, 4096, 10, 64), attention(1, 4096, 4096, 1, 512), attention(2, 77, 77, 12, 64, true);
        group_norm(2, 4096, 320), group_norm(2, 1024, 640), group_norm(2, 256, 1280), group_norm(2, 64, 1280),
            group_norm(2, 4096, 320, 320);
        group_norm(1, 4096, 512), group_norm(1, 65536, 256), group_norm(1, 262144, 128);
        layer_norm(8192, 320), layer_norm(2048, 640), layer_norm(512, 1280);
        pack(1280, 1280, 3), pack(1280, 1280, 1), pack(320, 320, 3);
    }
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: cpu_bench PLUGIN [OPTIONS] [f32|bf16] [FILTER]\n");
        return 2;
    }
    void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    auto entry =
        library == nullptr ? nullptr : reinterpret_cast<decltype(&daguerre_plugin)>(dlsym(library, "daguerre_plugin"));
    if (entry == nullptr) {
        std::fprintf(stderr, "cannot load %s: %s\n", argv[1], dlerror());
        return 2;
    }
    Bench bench;
    bench.p = entry();
    bench.check(bench.p->open(0, argc > 2 ? argv[2] : "", &bench.engine));
    bench.single = argc > 2 && std::strstr(argv[2], "threads=1") != nullptr;
    if (argc > 3 && std::strcmp(argv[3], "f32") == 0) bench.type = DG_F32;
    if (argc > 4) bench.filter = argv[4];
    char text[512];
    bench.check(bench.p->describe(bench.engine, text, sizeof text));
    std::printf("%s, %s\n", text, bench.type == DG_F32 ? "f32" : "bf16");
    bench.all();
    bench.check(bench.p->close(bench.engine));
    return 0;
}
