// test_engine.cpp - opening, memory, statistics, events, and refusal of wrong arguments: an error each, never a crash.
#include "harness.h"

namespace test {
namespace {

int64_t statistic(Suite& suite, int64_t engine, int slot) {
    int64_t values[DG_STAT_COUNT] = {};
    suite.expect_ok(suite.plugin->statistics(engine, values, DG_STAT_COUNT), "statistics");
    return values[slot];
}

int64_t open(Suite& suite, const std::string& options) {
    int64_t engine = 0;
    suite.expect_ok(suite.plugin->open(0, options.c_str(), &engine), "open " + options);
    return engine;
}

void test_options(Suite& suite) {
    int64_t engine = 0;
    const dg_plugin& p = *suite.plugin;
    suite.expect_error(p.open(1, "", &engine), DG_ERROR_ARGUMENT, "open");
    suite.expect_error(p.open(0, "threads=x", &engine), DG_ERROR_ARGUMENT, "open");
    suite.expect_error(p.open(0, "threads=-1", &engine), DG_ERROR_ARGUMENT, "open");
    suite.expect_error(p.open(0, "isa=mmx", &engine), DG_ERROR_ARGUMENT, "open");
    suite.expect_error(p.open(0, "colour=blue", &engine), DG_ERROR_ARGUMENT, "open");
    suite.expect_error(p.open(0, "", nullptr), DG_ERROR_ARGUMENT, "open");
    engine = open(suite, "threads=3;isa=scalar;sync=1");
    char text[512] = "", tiny[4];
    suite.expect_ok(p.describe(engine, text, sizeof text), "describe");
    suite.expect(std::strstr(text, "3 threads") != nullptr && std::strstr(text, "scalar") != nullptr
                     && std::strstr(text, "oneDNN") != nullptr && std::strstr(text, "bf16") == nullptr,
                 std::string("description: ") + text);
    suite.expect_error(p.describe(engine, tiny, sizeof tiny), DG_ERROR_ARGUMENT, "describe");
    suite.expect_error(p.describe(engine, nullptr, 100), DG_ERROR_ARGUMENT, "describe");
    suite.expect_ok(p.devices(text, sizeof text), "devices");
    suite.expect(text[0] == '[' && std::strstr(text, "\"index\":0") != nullptr, std::string("devices: ") + text);
    suite.expect_ok(p.close(engine), "close");
    suite.expect_error(p.close(engine), DG_ERROR_ARGUMENT, "close");
    suite.expect_error(p.synchronize(engine), DG_ERROR_ARGUMENT, "synchronize");
    suite.expect_error(p.synchronize(123456789), DG_ERROR_ARGUMENT, "synchronize");
    suite.expect_error(p.alloc(0, 100, &engine), DG_ERROR_ARGUMENT, "alloc");
}

void test_memory(Suite& suite) {
    const dg_plugin& p = *suite.plugin;
    int64_t engine = open(suite, "memory_limit=1000000;threads=1"), a = 0, b = 0, c = 0;
    suite.expect_ok(p.alloc(engine, 600000, &a), "alloc");
    suite.expect(a % 64 == 0, "alignment");
    suite.expect_error(p.alloc(engine, 500000, &b), DG_ERROR_MEMORY, "memory");
    suite.expect_error(p.alloc(engine, -1, &b), DG_ERROR_ARGUMENT, "alloc");
    suite.expect_error(p.alloc(engine, INT64_MAX, &b), DG_ERROR_ARGUMENT, "alloc");
    suite.expect_error(p.alloc(engine, int64_t{1} << 45, &b), DG_ERROR_MEMORY, "memory");
    suite.expect_error(p.alloc(engine, 5, nullptr), DG_ERROR_ARGUMENT, "alloc");
    suite.expect_ok(p.alloc(engine, 300000, &b), "alloc after a refusal");
    suite.expect(statistic(suite, engine, DG_STAT_LIVE_BYTES) == 900000, "live bytes");
    suite.expect_ok(p.free(engine, a), "free");
    suite.expect_error(p.free(engine, a), DG_ERROR_ARGUMENT, "free");
    suite.expect_error(p.free(engine, b + 64), DG_ERROR_ARGUMENT, "free");
    suite.expect_error(p.free(engine, 0), DG_ERROR_ARGUMENT, "free");
    suite.expect_ok(p.alloc(engine, 600000, &c), "alloc");
    suite.expect(c == a, "a hole is used again");
    suite.expect(statistic(suite, engine, DG_STAT_PEAK_BYTES) == 900000, "peak bytes");
    p.free(engine, c);
    p.free(engine, b);
    suite.expect(statistic(suite, engine, DG_STAT_LIVE_BYTES) == 0, "live bytes at the end");
    suite.expect(statistic(suite, engine, DG_STAT_RESERVED_BYTES) >= 900000, "reserved bytes before trim");
    suite.expect_ok(p.trim(engine), "trim");
    suite.expect(statistic(suite, engine, DG_STAT_RESERVED_BYTES) == 0, "reserved bytes after trim");
    p.reset_peak(engine);
    suite.expect(statistic(suite, engine, DG_STAT_PEAK_BYTES) == 0, "peak after reset");
    // The extent stays at what is live, whatever the order of frees.
    int64_t blocks[16];
    for (int round = 0; round < 20; ++round) {
        for (int64_t& block : blocks) suite.expect_ok(p.alloc(engine, 50000 + 64 * round, &block), "alloc in rounds");
        for (int i = 0; i < 16; ++i) p.free(engine, blocks[(i * 7 + round) % 16]);
    }
    suite.expect(statistic(suite, engine, DG_STAT_RESERVED_BYTES) <= 16 * (50000 + 64 * 20 + 192),
                 "reserved bytes after many rounds");
    std::vector<float> w(1000 * 1000);
    int64_t weights = 0;
    suite.expect_error(p.pack_linear(engine, DG_F32, Tensor::host(w.data()), DG_F32, 0, 0, 1000, 1000, 0, &weights),
                       DG_ERROR_MEMORY, "memory");
    suite.expect_ok(p.pack_linear(engine, DG_F32, Tensor::host(w.data()), DG_F32, 0, 0, 100, 1000, 0, &weights),
                    "pack after a refusal");
    suite.expect(statistic(suite, engine, DG_STAT_LIVE_BYTES) >= 400000, "weights count as live");
    suite.expect_ok(p.free_weights(engine, weights), "free_weights");
    suite.expect_error(p.free_weights(engine, weights), DG_ERROR_ARGUMENT, "free_weights");
    suite.expect(statistic(suite, engine, DG_STAT_LIVE_BYTES) == 0, "live bytes without weights");
    suite.expect_ok(p.close(engine), "close");
}

void test_marks(Suite& suite) {
    const dg_plugin& p = *suite.plugin;
    float ms = -1.0f;
    int features = 0;
    int64_t graph = 0;
    suite.expect_ok(p.features(suite.engine, &features), "features");
    suite.expect(features == DG_FEATURE_EVENTS, "features");
    suite.expect_error(p.event_elapsed(suite.engine, 14, 15, &ms), DG_ERROR_ARGUMENT, "event_elapsed");
    suite.expect_ok(p.event_record(suite.engine, 0), "event_record");
    suite.expect_ok(p.flush_cache(suite.engine), "flush_cache");
    suite.expect_ok(p.event_record(suite.engine, 1), "event_record");
    suite.expect_ok(p.event_elapsed(suite.engine, 0, 1, &ms), "event_elapsed");
    suite.expect(ms > 0.1f && ms < 60000.0f, "elapsed " + std::to_string(ms));
    suite.expect_error(p.event_record(suite.engine, 16), DG_ERROR_ARGUMENT, "event_record");
    suite.expect_error(p.capture_begin(suite.engine), DG_ERROR_UNSUPPORTED, "capture");
    suite.expect_error(p.capture_end(suite.engine, &graph), DG_ERROR_UNSUPPORTED, "capture");
    suite.expect_error(p.graph_launch(suite.engine, 1), DG_ERROR_UNSUPPORTED, "capture");
    int count = 0;
    suite.expect_error(p.variants(suite.engine, DG_OP_COUNT, &count), DG_ERROR_ARGUMENT, "variants");
    suite.expect_error(p.set_variant(suite.engine, DG_OP_CONV2D, 99), DG_ERROR_ARGUMENT, "set_variant");
}

void test_refusals(Suite& suite) {
    const dg_plugin& p = *suite.plugin;
    int64_t e = suite.engine, w = 0, l = 0;
    std::vector<float> data(4096, 0.5f);
    int64_t host = Tensor::host(data.data());
    suite.expect_ok(p.pack_conv2d(e, DG_F32, host, DG_F32, 0, 0, 8, 4, 0, 3, 3, &w), "pack");
    suite.expect_ok(p.pack_linear(e, DG_F32, host, DG_F32, 0, 0, 8, 4, 0, &l), "pack");
    Tensor a(suite, Values(4096, 1.0), DG_F32), y(suite, Values(4096, 1.0), DG_F32);
    const int bad = DG_ERROR_ARGUMENT;
    auto conv = [&](int dtype, int64_t out, int64_t in, int c, int64_t weights, int n, int h, int oh, int stride,
                    int pad, int act) {
        return p.conv2d(e, dtype, out, in, c, 0, 0, weights, 0, 0, 0, n, h, h, h, h, oh, oh, stride, pad, pad, act);
    };
    suite.expect_ok(conv(DG_F32, y, a, 4, w, 1, 8, 8, 1, 1, 0), "conv2d");
    suite.expect_error(conv(DG_F16, y, a, 4, w, 1, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_BF16, y, a, 4, w, 1, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, 0, a, 4, w, 1, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, 12345, 4, w, 1, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, host, 4, w, 1, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 5, w, 1, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, l, 1, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, 77, 1, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, w, -1, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, w, 100, 8, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, w, 1, 1 << 23, 8, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, w, 1, 8, 12, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, w, 1, 8, 3, 1, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, w, 1, 8, 8, 0, 1, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, w, 1, 8, 8, 1, 3, 0), bad, "conv2d");
    suite.expect_error(conv(DG_F32, y, a, 4, w, 1, 8, 8, 1, 1, 99), bad, "conv2d");
    suite.expect_error(p.linear(e, DG_F32, y, a, l, 0, 0, 0), bad, "linear");
    suite.expect_error(p.linear(e, DG_F32, y, a, l, 0, INT64_MAX, 0), bad, "linear");
    suite.expect_error(p.linear(e, DG_F32, y, a, w, 0, 1, 0), bad, "linear");
    suite.expect_error(p.linear(e, DG_F32, y, a, l, 0, 1 << 20, 0), bad, "linear");
    suite.expect_error(p.pack_conv2d(e, DG_F32, 0, DG_F32, 0, 0, 8, 4, 0, 3, 3, &w), bad, "pack_conv2d");
    suite.expect_error(p.pack_conv2d(e, DG_F32, host, DG_I32, 0, 0, 8, 4, 0, 3, 3, &w), bad, "pack_conv2d");
    suite.expect_error(p.pack_conv2d(e, 9, host, DG_F32, 0, 0, 8, 4, 0, 3, 3, &w), bad, "pack_conv2d");
    suite.expect_error(p.pack_conv2d(e, DG_F32, host, DG_F32, 0, 0, 8, -4, 0, 3, 3, &w), bad, "pack_conv2d");
    suite.expect_error(p.pack_conv2d(e, DG_F32, host, DG_F32, 0, 0, 8, 4, 0, 3, 3, nullptr), bad, "pack_conv2d");
    suite.expect_error(p.pack_linear(e, DG_F32, host, DG_F32, 0, 0, 7, 4, 1, &w), bad, "pack_linear");
    auto attend = [&](int64_t ld, int lq, int lk, int heads, int d, float scale, int causal) {
        return p.attention(e, DG_F32, y, ld, a, ld, a, ld, a, ld, 1, lq, lk, heads, d, scale, causal);
    };
    suite.expect_ok(attend(16, 4, 4, 2, 8, 1.0f, 0), "attention");
    suite.expect_error(attend(15, 4, 4, 2, 8, 1.0f, 0), bad, "attention");
    suite.expect_error(attend(16, 4, 5, 2, 8, 1.0f, 1), bad, "attention");
    suite.expect_error(attend(16, 4, 4, 2, 8, NAN, 0), bad, "attention");
    suite.expect_error(attend(16, 4, 0, 2, 8, 1.0f, 0), bad, "attention");
    suite.expect_error(attend(16, 1 << 20, 4, 2, 8, 1.0f, 0), bad, "attention");
    suite.expect_error(attend(int64_t{1} << 39, 1 << 24, 4, 2, 8, 1.0f, 0), bad, "attention");
    suite.expect_error(p.group_norm(e, DG_F32, y, a, 10, 0, 0, a, a, 1, 4, 3, 1e-5f, 0), bad, "group_norm");
    suite.expect_error(p.group_norm(e, DG_F32, y, a, 8, 0, 0, 0, a, 1, 4, 4, 1e-5f, 0), bad, "group_norm");
    suite.expect_error(p.group_norm(e, DG_F32, y, a, 8, 0, 0, a, a, 1, 4, 4, -1.0f, 0), bad, "group_norm");
    suite.expect_error(p.group_norm(e, DG_F32, y, a, 8, 0, 0, a, a, 1, 4, 4, 1e-5f, DG_ACT_GELU), bad, "group_norm");
    suite.expect_error(p.layer_norm(e, DG_F32, y, a, 0, 0, 1 << 20, 8, 1e-5f), bad, "layer_norm");
    suite.expect_error(p.combine(e, DG_F32, y, 4, 9, 0, a, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), bad,
                       "combine");
    suite.expect_error(p.combine(e, DG_F32, y, 4, 1, 7, a, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), bad,
                       "combine");
    suite.expect_error(p.combine(e, DG_F32, y, 4, 2, 0, a, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), bad,
                       "combine");
    suite.expect_error(p.blend(e, y, a, a, a, 2, 3, 4, 4), bad, "blend");
    suite.expect_error(p.pixel_unshuffle(e, DG_F32, y, a, 1, 7, 8, 1, 2), bad, "pixel_unshuffle");
    suite.expect_error(p.pixel_shuffle(e, DG_F32, y, a, 1, 2, 2, 6, 2), bad, "pixel_shuffle");
    suite.expect_error(p.resize(e, DG_F32, y, a, 1, 4, 4, 1, 4, 4, 3), bad, "resize");
    suite.expect_error(p.max_pool(e, DG_F32, y, a, 1, 4, 4, 1, 4, 4, 3, 1, 3, 1), bad, "max_pool");
    suite.expect_error(p.copy_columns(e, DG_F32, y, 3, a, 4, 2, 4), bad, "copy_columns");
    suite.expect_error(p.upload(e, y, 0, 4), bad, "upload");
    suite.expect_error(p.upload(e, y, host, -4), bad, "upload");
    suite.expect_error(p.download(e, host, y, 1 << 20), bad, "download");
    suite.expect_ok(conv(DG_F32, y, a, 4, w, 1, 8, 8, 1, 1, 0), "conv2d after refusals");
    p.free_weights(e, w);
    p.free_weights(e, l);
}

}  // namespace

void test_engine(Suite& suite) {
    test_options(suite);
    test_memory(suite);
    test_marks(suite);
    test_refusals(suite);
}

}  // namespace test
