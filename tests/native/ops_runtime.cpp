// ops_runtime.cpp - the host runtime: memory, copies, recording and replay, counters, errors.
#include "gpu/engine.h"
#include "launch.h"
#include "ops_support.h"

namespace ops_test {

namespace {

int64_t alloc(Gpu& gpu, int64_t bytes) {
    int64_t address = 0;
    gpu.must(gpu.table->alloc(gpu.context, bytes, &address), "alloc");
    return address;
}

void release(Gpu& gpu, int64_t address) { gpu.must(gpu.table->free(gpu.context, address), "free"); }

void test_description(Gpu& gpu, Tally& tally) {
    char text[1024] = "";
    gpu.must(gpu.table->describe(gpu.context, text, sizeof text), "describe");
    tally.record(std::strstr(text, "compute capability") != nullptr, format("describe: found '%s'", text));
    gpu.must(gpu.table->devices(text, sizeof text), "devices");
    tally.record(std::strncmp(text, "[{\"index\":0,\"name\":\"", 20) == 0 && text[std::strlen(text) - 1] == ']',
                 format("devices: found '%s'", text));
    refuses(tally, gpu, "describe into 3 characters", gpu.table->describe(gpu.context, text, 3), DG_ERROR_ARGUMENT,
            "room for");
    int64_t other = 0;
    refuses(tally, gpu, "device 1000", gpu.table->open(1000, "", &other), DG_ERROR_ARGUMENT, "expected a device");
    refuses(tally, gpu, "unknown option", gpu.table->open(0, "speed=11", &other), DG_ERROR_ARGUMENT, "'speed'");
    refuses(tally, gpu, "bad limit", gpu.table->open(0, "memory_limit=many", &other), DG_ERROR_ARGUMENT,
            "memory_limit");
    int features = 0;
    gpu.must(gpu.table->features(gpu.context, &features), "features");
    tally.record(features == (DG_FEATURE_GRAPHS | DG_FEATURE_EVENTS), "features");
}

// The same calls from the same state give the same addresses; everything merges again.
void test_repeating_addresses(Tally& tally) {
    Gpu gpu("");
    auto sequence = [&] {
        std::vector<int64_t> seen, held;
        for (int i = 0; i < 60; i++) {
            int64_t bytes = (i * 7919 % 97 + 1) * (i % 3 == 0 ? 100000 : 700);
            held.push_back(alloc(gpu, bytes));
            seen.push_back(held.back());
            if (i % 2 == 1) {
                size_t victim = size_t(i * 31) % held.size();
                release(gpu, held[victim]);
                held.erase(held.begin() + victim);
            }
        }
        for (int64_t address : held) release(gpu, address);
        return seen;
    };
    sequence();
    std::vector<int64_t> second = sequence();
    int64_t reserved = gpu.statistic(DG_STAT_RESERVED_BYTES), calls = gpu.statistic(DG_STAT_SYSTEM_ALLOCATIONS);
    tally.record(second == sequence(), "arena: the same calls gave other addresses");
    tally.record(gpu.statistic(DG_STAT_LIVE_BYTES) == 0 && gpu.statistic(DG_STAT_SYSTEM_ALLOCATIONS) == calls &&
                     gpu.statistic(DG_STAT_RESERVED_BYTES) == reserved,
                 "arena: a repeated sequence allocated from the system");
    gpu.must(gpu.table->trim(gpu.context), "trim");
    tally.record(gpu.statistic(DG_STAT_RESERVED_BYTES) == 0,
                 "arena: trim left reserved memory behind: blocks did not merge");
}

void test_arena_overlap(Tally& tally) {
    Gpu gpu("");
    std::vector<std::pair<int64_t, int64_t>> held;
    bool apart = true, aligned = true;
    for (int i = 0; i < 300; i++) {
        int64_t bytes = i * 7907 % 5000 * (i % 5 == 0 ? 300 : 1), address = alloc(gpu, bytes);
        for (auto& other : held)
            apart = apart && (address + bytes <= other.first || other.first + other.second <= address);
        aligned = aligned && address % 256 == 0;
        held.push_back({address, std::max<int64_t>(bytes, 1)});
        if (i % 3 == 2) {
            size_t victim = size_t(i * 17) % held.size();
            release(gpu, held[victim].first);
            held.erase(held.begin() + victim);
        }
    }
    tally.record(apart, "arena: two blocks in use overlap");
    tally.record(aligned, "arena: a block is not aligned");
}

void test_out_of_memory(Tally& tally) {
    Gpu gpu("memory_limit=8000000");
    int64_t first = alloc(gpu, 3000000), address = 0;
    refuses(tally, gpu, "8 MB of 8 MB with 3 MB in use", gpu.table->alloc(gpu.context, 7000000, &address),
            DG_ERROR_MEMORY, "out of GPU memory");
    refuses(tally, gpu, "2^62 bytes", gpu.table->alloc(gpu.context, int64_t{1} << 62, &address), DG_ERROR_ARGUMENT,
            "alloc");
    refuses(tally, gpu, "-1 bytes", gpu.table->alloc(gpu.context, -1, &address), DG_ERROR_ARGUMENT, "alloc");
    tally.record(gpu.statistic(DG_STAT_LIVE_BYTES) == 3000000, "out of memory: live bytes changed");
    release(gpu, first);
    int64_t again = alloc(gpu, 7000000);  // needs the cached segment of the first one back
    tally.record(again != 0 && gpu.statistic(DG_STAT_RESERVED_BYTES) <= 8000000, "out of memory: the limit was passed");
    release(gpu, again);
}

void test_copies(Gpu& gpu, Tally& tally) {
    std::vector<unsigned char> from(9500001), to(from.size(), 0);
    for (size_t i = 0; i < from.size(); i++) from[i] = static_cast<unsigned char>(i * 2654435761u >> 13);
    int64_t address = alloc(gpu, int64_t(from.size())), copies = gpu.statistic(DG_STAT_COPIES);
    auto bytes = static_cast<int64_t>(from.size());
    std::vector<unsigned char> changing = from;
    gpu.must(gpu.table->upload(gpu.context, address, reinterpret_cast<int64_t>(changing.data()), bytes), "upload");
    std::fill(changing.begin(), changing.end(), 0);  // the caller may reuse its memory at once
    gpu.must(gpu.table->download(gpu.context, reinterpret_cast<int64_t>(to.data()), address, bytes), "download");
    tally.record(from == to, "copies: 9.5 MB came back changed");
    tally.record(gpu.statistic(DG_STAT_COPIES) == copies + 2, "copies: expected to count one upload and one download");
    refuses(tally, gpu, "upload past the end",
            gpu.table->upload(gpu.context, address, reinterpret_cast<int64_t>(from.data()), bytes + 1),
            DG_ERROR_ARGUMENT, "inside one allocation");
    refuses(tally, gpu, "download from nowhere",
            gpu.table->download(gpu.context, reinterpret_cast<int64_t>(to.data()), 4096, 4), DG_ERROR_ARGUMENT,
            "inside one allocation");
    refuses(tally, gpu, "host address 0", gpu.table->upload(gpu.context, address, 0, 4), DG_ERROR_ARGUMENT,
            "host address");
    release(gpu, address);
    refuses(tally, gpu, "free twice", gpu.table->free(gpu.context, address), DG_ERROR_ARGUMENT, "free");
    refuses(tally, gpu, "use after free",
            gpu.table->upload(gpu.context, address, reinterpret_cast<int64_t>(from.data()), 4), DG_ERROR_ARGUMENT,
            "inside one allocation");
}

int activation(Gpu& gpu, int64_t y, int64_t x, int64_t count, int kind) {
    return gpu.table->activation_forward(gpu.context, DG_F32, y, x, count, kind);
}

// tanh(silu(x)) through a temporary that is allocated while recording; a replay sees the new x and nothing else touches
// the temporary.
void test_graph(Gpu& gpu, Tally& tally) {
    const int64_t count = 5000;
    Values values(3);
    List first = values.normal(count, 1, DG_F32), second = values.normal(count, 1, DG_F32);
    Tensor x(gpu, first, DG_F32), y(gpu, count, DG_F32), eager(gpu, count, DG_F32);
    auto step = [&](const Tensor& out) {
        int64_t temporary = alloc(gpu, count * 4);
        gpu.must(activation(gpu, temporary, x.at(), count, DG_ACT_SILU), "silu");
        int64_t other = alloc(gpu, count * 4);
        gpu.must(activation(gpu, other, temporary, count, DG_ACT_TANH), "tanh");
        release(gpu, temporary);
        gpu.must(activation(gpu, out.at(), other, count, DG_ACT_RELU), "relu");
        release(gpu, other);
    };
    step(eager);
    std::vector<unsigned char> before = y.raw(), expected = eager.raw();
    int64_t launches = gpu.statistic(DG_STAT_LAUNCHES), graph = 0;
    gpu.must(gpu.table->capture_begin(gpu.context), "capture_begin");
    step(y);
    gpu.must(gpu.table->capture_end(gpu.context, &graph), "capture_end");
    tally.record(gpu.statistic(DG_STAT_LAUNCHES) == launches, "graph: recorded launches were counted as run");
    tally.record(y.raw() == before, "graph: recording ran the operations");
    // What is allocated now must not be the graph's memory.
    Tensor bystander(gpu, List(count, 5.0), DG_F32);
    int64_t allocations = gpu.statistic(DG_STAT_SYSTEM_ALLOCATIONS), waits = gpu.statistic(DG_STAT_SYNCHRONIZATIONS),
            graphs = gpu.statistic(DG_STAT_GRAPH_LAUNCHES);
    gpu.must(gpu.table->graph_launch(gpu.context, graph), "graph_launch");
    tally.record(gpu.statistic(DG_STAT_SYSTEM_ALLOCATIONS) == allocations &&
                     gpu.statistic(DG_STAT_SYNCHRONIZATIONS) == waits &&
                     gpu.statistic(DG_STAT_GRAPH_LAUNCHES) == graphs + 1 && gpu.statistic(DG_STAT_LAUNCHES) == launches,
                 "graph: a replay is one launch, no allocation and no wait");
    tally.record(y.raw() == expected, "graph: the replay differs from the eager run");
    x.set(second);
    step(eager);
    gpu.must(gpu.table->graph_launch(gpu.context, graph), "graph_launch");
    tally.record(y.raw() == eager.raw(), "graph: the second replay differs from the eager run");
    tally.record(bystander.get() == List(count, 5.0), "graph: a replay wrote into memory that is not its own");
    gpu.must(gpu.table->graph_free(gpu.context, graph), "graph_free");
    refuses(tally, gpu, "launch after free", gpu.table->graph_launch(gpu.context, graph), DG_ERROR_ARGUMENT,
            "graph_launch: expected a graph");
    refuses(tally, gpu, "free twice", gpu.table->graph_free(gpu.context, graph), DG_ERROR_ARGUMENT,
            "graph_free: expected a graph");
}

// A block that lives on after the recording stays valid after the graph is freed; then everything goes back to the
// system.
void test_graph_memory(Tally& tally) {
    Gpu gpu("");
    int64_t graph = 0;
    gpu.must(gpu.table->capture_begin(gpu.context), "capture_begin");
    int64_t kept = alloc(gpu, 70000000), dropped = alloc(gpu, 3000);
    release(gpu, dropped);
    gpu.must(gpu.table->capture_end(gpu.context, &graph), "capture_end");
    int64_t fresh = alloc(gpu, 3000);
    tally.record(fresh != dropped, "graph memory: a block of the graph was handed out");
    gpu.must(gpu.table->graph_free(gpu.context, graph), "graph_free");
    List host(100);
    gpu.must(gpu.table->upload(gpu.context, kept, reinterpret_cast<int64_t>(host.data()), 800), "upload");
    release(gpu, kept);
    release(gpu, fresh);
    gpu.must(gpu.table->trim(gpu.context), "trim");
    tally.record(gpu.statistic(DG_STAT_LIVE_BYTES) == 0 && gpu.statistic(DG_STAT_RESERVED_BYTES) == 0,
                 "graph memory: something stayed");
}

void test_forbidden_while_recording(Gpu& gpu, Tally& tally) {
    Tensor x(gpu, List(64, 1.0), DG_F32);
    List host(64);
    auto at = reinterpret_cast<int64_t>(host.data());
    int64_t graph = 0, weights = 0;
    refuses(tally, gpu, "end without begin", gpu.table->capture_end(gpu.context, &graph), DG_ERROR_ARGUMENT,
            "capture_end: expected a recording");
    gpu.must(gpu.table->capture_begin(gpu.context), "capture_begin");
    const char* words = "while a graph is being recorded";
    refuses(tally, gpu, "upload", gpu.table->upload(gpu.context, x.at(), at, 8), DG_ERROR_ARGUMENT, words);
    refuses(tally, gpu, "download", gpu.table->download(gpu.context, at, x.at(), 8), DG_ERROR_ARGUMENT, words);
    refuses(tally, gpu, "synchronize", gpu.table->synchronize(gpu.context), DG_ERROR_ARGUMENT, words);
    refuses(tally, gpu, "trim", gpu.table->trim(gpu.context), DG_ERROR_ARGUMENT, words);
    refuses(tally, gpu, "event", gpu.table->event_record(gpu.context, 0), DG_ERROR_ARGUMENT, words);
    refuses(tally, gpu, "pack", gpu.table->pack_linear(gpu.context, DG_F16, at, DG_F32, 0, 0, 8, 8, 0, &weights),
            DG_ERROR_ARGUMENT, words);
    refuses(tally, gpu, "nested", gpu.table->capture_begin(gpu.context), DG_ERROR_ARGUMENT, words);
    gpu.must(activation(gpu, x.at(), x.at(), 64, DG_ACT_RELU), "relu");
    gpu.must(gpu.table->capture_end(gpu.context, &graph), "capture_end");
    gpu.must(gpu.table->graph_launch(gpu.context, graph), "graph_launch");
    gpu.must(gpu.table->graph_free(gpu.context, graph), "graph_free");
}

void test_events(Gpu& gpu, Tally& tally) {
    Tensor x(gpu, List(100000, 1.0), DG_F32);
    gpu.must(gpu.table->event_record(gpu.context, 3), "event_record");
    gpu.must(activation(gpu, x.at(), x.at(), 100000, DG_ACT_TANH), "tanh");
    gpu.must(gpu.table->flush_cache(gpu.context), "flush_cache");
    gpu.must(gpu.table->event_record(gpu.context, 15), "event_record");
    float milliseconds = -1;
    gpu.must(gpu.table->event_elapsed(gpu.context, 3, 15, &milliseconds), "event_elapsed");
    tally.record(milliseconds > 0 && milliseconds < 60000, format("events: found %g ms", milliseconds));
    refuses(tally, gpu, "slot 16", gpu.table->event_record(gpu.context, 16), DG_ERROR_ARGUMENT, "slot");
    refuses(tally, gpu, "unused slot", gpu.table->event_elapsed(gpu.context, 3, 7, &milliseconds), DG_ERROR_ARGUMENT,
            "recorded");
}

void test_counters(Gpu& gpu, Tally& tally) {
    Tensor x(gpu, List(64, 1.0), DG_F32);
    int64_t launches = gpu.statistic(DG_STAT_LAUNCHES), waits = gpu.statistic(DG_STAT_SYNCHRONIZATIONS);
    for (int i = 0; i < 5; i++) gpu.must(activation(gpu, x.at(), x.at(), 64, DG_ACT_RELU), "relu");
    gpu.must(gpu.table->synchronize(gpu.context), "synchronize");
    tally.record(
        gpu.statistic(DG_STAT_LAUNCHES) == launches + 5 && gpu.statistic(DG_STAT_SYNCHRONIZATIONS) == waits + 1,
        "counters: expected five launches and one wait");
    int64_t live = gpu.statistic(DG_STAT_LIVE_BYTES), block = alloc(gpu, 12345);
    gpu.must(gpu.table->reset_peak(gpu.context), "reset_peak");
    release(gpu, block);
    tally.record(gpu.statistic(DG_STAT_LIVE_BYTES) == live && gpu.statistic(DG_STAT_PEAK_BYTES) == live + 12345,
                 "counters: live and peak bytes");
    int64_t many[DG_STAT_COUNT + 2];
    gpu.must(gpu.table->statistics(gpu.context, many, DG_STAT_COUNT + 2), "statistics");
    tally.record(many[DG_STAT_COUNT + 1] == 0, "counters: unknown slots are zero");
}

void test_variants(Gpu& gpu, Tally& tally) {
    bool right = true;
    for (int operation = 0; operation < DG_OP_COUNT; operation++) {
        int count = 0;
        gpu.must(gpu.table->variants(gpu.context, operation, &count), "variants");
        right = right && count >= 1 && gpu.table->set_variant(gpu.context, operation, count) == DG_OK &&
                gpu.table->set_variant(gpu.context, operation, count + 1) == DG_ERROR_ARGUMENT &&
                gpu.table->set_variant(gpu.context, operation, 0) == DG_OK;
    }
    tally.record(right, "variants: 1 to count can be set, count + 1 cannot");
    refuses(tally, gpu, "operation -1", gpu.table->set_variant(gpu.context, -1, 0), DG_ERROR_ARGUMENT, "operation");
}

// Weights through the table: a 1x1 convolution and a linear layer, against each other; handles are checked.
void test_weights(Gpu& gpu, Tally& tally) {
    Values values(9);
    const int rows = 5, k = 24, o = 16;
    List w = values.normal(o * k, 0.2, DG_F32), b = values.normal(o, 1, DG_F32), x = values.normal(rows * k, 1, DG_F16),
         expected(rows * o);
    std::vector<float> wf(w.begin(), w.end()), bf(b.begin(), b.end());
    for (int r = 0; r < rows; r++) {
        for (int i = 0; i < o; i++) {
            for (int j = 0; j < k; j++) expected[r * o + i] += x[r * k + j] * rounded(w[i * k + j], DG_F16);
            expected[r * o + i] += b[i];
        }
    }
    auto w_at = reinterpret_cast<int64_t>(wf.data()), b_at = reinterpret_cast<int64_t>(bf.data());
    int64_t linear = 0, conv = 0, live = gpu.statistic(DG_STAT_LIVE_BYTES);
    gpu.must(gpu.table->pack_linear(gpu.context, DG_F16, w_at, DG_F32, b_at, DG_F32, o, k, 0, &linear), "pack_linear");
    gpu.must(gpu.table->pack_conv2d(gpu.context, DG_F16, w_at, DG_F32, b_at, DG_F32, o, k, 0, 1, 1, &conv),
             "pack_conv2d");
    {
        Tensor tx(gpu, x, DG_F16), y(gpu, rows * o, DG_F16), z(gpu, rows * o, DG_F16);
        verify(tally, gpu, "linear through the table",
               gpu.table->linear(gpu.context, DG_F16, y.at(), tx.at(), linear, 0, rows, 0), y, expected);
        auto run_conv = [&](int64_t weights, int channels, int height) {
            return gpu.table->conv2d(gpu.context, DG_F16, z.at(), tx.at(), channels, 0, 0, weights, 0, 0, 0, 1, height,
                                     1, height, 1, height, 1, 1, 0, 0, 0);
        };
        verify(tally, gpu, "conv2d through the table", run_conv(conv, k, rows), z, expected);
        refuses(tally, gpu, "linear weights", run_conv(linear, k, rows), DG_ERROR_ARGUMENT, "made by pack_conv2d");
        refuses(tally, gpu, "channels", run_conv(conv, 8, rows), DG_ERROR_ARGUMENT, "input channels");
        refuses(tally, gpu, "too many rows", run_conv(conv, k, rows + 90000), DG_ERROR_ARGUMENT,
                "inside one allocation");
        refuses(tally, gpu, "bf16", gpu.table->linear(gpu.context, DG_BF16, y.at(), tx.at(), linear, 0, rows, 0),
                DG_ERROR_ARGUMENT, "weights packed");
        refuses(tally, gpu, "handle 0", gpu.table->linear(gpu.context, DG_F16, y.at(), tx.at(), 0, 0, rows, 0),
                DG_ERROR_ARGUMENT, "packed weights");
    }
    gpu.must(gpu.table->free_weights(gpu.context, linear), "free_weights");
    gpu.must(gpu.table->free_weights(gpu.context, conv), "free_weights");
    refuses(tally, gpu, "freed twice", gpu.table->free_weights(gpu.context, conv), DG_ERROR_ARGUMENT, "packed weights");
    tally.record(gpu.statistic(DG_STAT_LIVE_BYTES) == live, "weights: live bytes are left");
    refuses(tally, gpu, "f32 weights",
            gpu.table->pack_linear(gpu.context, DG_F32, w_at, DG_F32, 0, 0, o, k, 0, &linear), DG_ERROR_UNSUPPORTED,
            "f16 or bf16");
    refuses(tally, gpu, "huge weights",
            gpu.table->pack_linear(gpu.context, DG_F16, w_at, DG_F32, 0, 0, INT32_MAX - 1, INT32_MAX - 1, 0, &linear),
            DG_ERROR_ARGUMENT, "pack_linear: expected sizes");
}

__global__ void trap_kernel() { __trap(); }

// After a fault of the device the engine refuses work with the first error's message, whatever the device says next
// (the emulator's error is gone, a GPU's is not), and everything can still be given back.
void test_lost_context(const char* options, Tally& tally) {
    Gpu gpu(options);
    Tensor x(gpu, List(64, -1.0), DG_F32);
    List w(64 * 4);
    int64_t weights = 0, graph = 0;
    gpu.must(gpu.table->pack_linear(gpu.context, DG_F16, reinterpret_cast<int64_t>(w.data()), DG_F32, 0, 0, 8, 8, 0,
                                    &weights),
             "pack_linear");
    gpu.must(gpu.table->capture_begin(gpu.context), "capture_begin");
    gpu.must(activation(gpu, x.at(), x.at(), 64, DG_ACT_RELU), "relu");
    gpu.must(gpu.table->capture_end(gpu.context, &graph), "capture_end");
    dg::launch(reinterpret_cast<dg::Engine*>(gpu.context)->stream, "trap", dim3(1), dim3(32), 0, trap_kernel);
    refuses(tally, gpu, "the fault", gpu.table->synchronize(gpu.context), DG_ERROR_DEVICE,
            "the GPU context is lost and the process must be started again");
    const char* words = "the GPU context was lost by an earlier failure: synchronize: CUDA error 719";
    int64_t address = 0;
    refuses(tally, gpu, "alloc", gpu.table->alloc(gpu.context, 64, &address), DG_ERROR_DEVICE, words);
    refuses(tally, gpu, "relu", activation(gpu, x.at(), x.at(), 64, DG_ACT_RELU), DG_ERROR_DEVICE, words);
    refuses(tally, gpu, "replay", gpu.table->graph_launch(gpu.context, graph), DG_ERROR_DEVICE, words);
    refuses(tally, gpu, "download",
            gpu.table->download(gpu.context, reinterpret_cast<int64_t>(w.data()), x.at(), 64), DG_ERROR_DEVICE, words);
    gpu.must(gpu.table->graph_free(gpu.context, graph), "graph_free after a fault");
    gpu.must(gpu.table->free_weights(gpu.context, weights), "free_weights after a fault");
    tally.record(gpu.statistic(DG_STAT_LAUNCHES) > 0, "statistics after a fault");
    int64_t before = gpu.statistic(DG_STAT_LIVE_BYTES);
    gpu.must(gpu.table->free(gpu.context, x.at() - static_cast<int64_t>(gemm_test::guard_bytes)), "free after a fault");
    tally.record(gpu.statistic(DG_STAT_LIVE_BYTES) < before, "a fault: memory is given back");
}

void test_synchronous(Tally& tally) {
    Gpu gpu("sync=1");
    Tensor x(gpu, List(64, -1.0), DG_F32);
    int64_t waits = gpu.statistic(DG_STAT_SYNCHRONIZATIONS);
    gpu.must(activation(gpu, x.at(), x.at(), 64, DG_ACT_RELU), "relu");
    tally.record(gpu.statistic(DG_STAT_SYNCHRONIZATIONS) == waits + 1, "sync=1: expected a wait after the launch");
}

}  // namespace

void run_runtime(Gpu& gpu, Tally& tally) {
    test_description(gpu, tally);
    test_repeating_addresses(tally);
    test_arena_overlap(tally);
    test_out_of_memory(tally);
    test_copies(gpu, tally);
    test_graph(gpu, tally);
    test_graph_memory(tally);
    test_forbidden_while_recording(gpu, tally);
    test_events(gpu, tally);
    test_counters(gpu, tally);
    test_variants(gpu, tally);
    test_weights(gpu, tally);
    test_synchronous(tally);
    test_lost_context("", tally);
    test_lost_context("arena=direct", tally);
}

}  // namespace ops_test
