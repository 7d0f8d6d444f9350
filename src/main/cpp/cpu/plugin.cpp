// plugin.cpp - the function table of the cpu engine.
#include "../plugin.h"

#include <malloc.h>

#include <cstring>

#include "guard.h"
#include "operations.h"
#include "parallel.h"

namespace {

using dg::Engine;
using dg::Error;
using dg::guarded;
using dg::operation;
using dg::with_engine;

void write_text(const char* name, const std::string& value, char* text, int capacity) {
    if (text == nullptr) dg::fail_argument(name, "a text buffer", "null");
    int64_t needed = static_cast<int64_t>(value.size()) + 1;
    if (capacity < needed)
        dg::fail_argument(name, "room for " + std::to_string(needed) + " characters", std::to_string(capacity));
    std::memcpy(text, value.c_str(), static_cast<size_t>(needed));
}

template <class T>
void require_pointer(const char* name, const T* pointer) {
    if (pointer == nullptr) dg::fail_argument(name, "a place for the result", "null");
}

std::string json_text(const std::string& value) {
    std::string result;
    for (char c : value) {
        if (c == '"' || c == '\\') result += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) result += c;
    }
    return result;
}

const char* last_error() { return dg::last_message(); }

int devices(char* text, int capacity) {
    return guarded("devices", [&] {
        std::string detail = std::string(dg::isa_name(dg::detect_isa())) + ", "
                             + std::to_string(dg::available_threads()) + " threads, oneDNN " + dg::OneDnn::version();
        write_text("devices",
                   "[{\"index\":0,\"name\":\"" + json_text(dg::processor_name()) + "\",\"detail\":\"" + detail + "\"}]",
                   text, capacity);
    });
}

int open(int device, const char* options, int64_t* context) {
    return guarded("open", [&] {
        require_pointer("open", context);
        dg::require_range("open", "device", device, 0, 0);
        auto engine = std::make_shared<Engine>(dg::Options::parse(options));
        *context = dg::add_engine(std::move(engine));
    });
}

int close(int64_t context) {
    return guarded("close", [&] {
        std::shared_ptr<Engine> engine = dg::find_engine("close", context);
        dg::remove_engine(context);
        std::lock_guard<std::mutex> running(engine->mutex);  // a call on another thread ends first
    });
}

int describe(int64_t context, char* text, int capacity) {
    return with_engine("describe", context, [&](Engine& e) { write_text("describe", e.describe(), text, capacity); });
}

int features(int64_t context, int* features) {
    return with_engine("features", context, [&](Engine&) {
        require_pointer("features", features);
        *features = DG_FEATURE_EVENTS;
    });
}

int statistics(int64_t context, int64_t* values, int count) {
    return with_engine("statistics", context, [&](Engine& e) {
        require_pointer("statistics", values);
        dg::require_range("statistics", "count", count, 1, 1 << 20);
        int64_t all[DG_STAT_COUNT] = {
            e.arena.live(),     e.arena.peak(), e.arena.reserved(), e.arena.system_allocations(), e.operations, 0,
            e.synchronizations, e.copies};
        for (int i = 0; i < count; ++i) values[i] = i < DG_STAT_COUNT ? all[i] : 0;
    });
}

int reset_peak(int64_t context) {
    return with_engine("reset_peak", context, [](Engine& e) { e.arena.reset_peak(); });
}

int synchronize(int64_t context) {
    return with_engine("synchronize", context,
                       [](Engine& e) { ++e.synchronizations; });  // every call has run to its end already
}

int variant_count(const Engine& engine, int operation) {
    if (operation == DG_OP_ATTENTION) return static_cast<int>(engine.attention_kernels.size());
    return operation == DG_OP_CONV2D ? 2 : 1;  // see conv2d.cpp
}

int variants(int64_t context, int operation, int* count) {
    return with_engine("variants", context, [&](Engine& e) {
        require_pointer("variants", count);
        dg::require_range("variants", "operation", operation, 0, DG_OP_COUNT - 1);
        *count = variant_count(e, operation);
    });
}

int set_variant(int64_t context, int operation, int variant) {
    return with_engine("set_variant", context, [&](Engine& e) {
        dg::require_range("set_variant", "operation", operation, 0, DG_OP_COUNT - 1);
        dg::require_range("set_variant", "variant", variant, 0, variant_count(e, operation));
        e.variants[operation] = variant;
    });
}

int alloc(int64_t context, int64_t bytes, int64_t* address) {
    return with_engine("alloc", context, [&](Engine& e) {
        require_pointer("alloc", address);
        *address = static_cast<int64_t>(reinterpret_cast<uintptr_t>(e.arena.allocate(bytes)));
    });
}

int free_block(int64_t context, int64_t address) {
    return with_engine("free", context,
                       [&](Engine& e) { e.arena.free(reinterpret_cast<void*>(static_cast<uintptr_t>(address))); });
}

int trim(int64_t context) {
    return with_engine("trim", context, [](Engine& e) {
        e.arena.trim();
        malloc_trim(0);  // small weights lie in the C library's heap, which keeps what is freed
    });
}

int upload(int64_t context, int64_t address, int64_t host, int64_t bytes) {
    return with_engine("upload", context, [&](Engine& e) {
        if (host == 0 && bytes > 0) dg::fail_argument("upload", "a host address", "null");
        if (bytes < 0) dg::fail_argument("upload", "bytes >= 0", std::to_string(bytes));
        void* target = e.in("upload", "target", address, bytes);
        if (bytes > 0)
            std::memcpy(target, reinterpret_cast<const void*>(static_cast<uintptr_t>(host)),
                        static_cast<size_t>(bytes));
        ++e.copies;
    });
}

int download(int64_t context, int64_t host, int64_t address, int64_t bytes) {
    return with_engine("download", context, [&](Engine& e) {
        if (host == 0 && bytes > 0) dg::fail_argument("download", "a host address", "null");
        if (bytes < 0) dg::fail_argument("download", "bytes >= 0", std::to_string(bytes));
        const void* source = e.in("download", "source", address, bytes);
        if (bytes > 0)
            std::memcpy(reinterpret_cast<void*>(static_cast<uintptr_t>(host)), source, static_cast<size_t>(bytes));
        ++e.copies;
    });
}

[[noreturn]] void fail_capture() {
    throw Error(DG_ERROR_UNSUPPORTED, "capture: the cpu engine runs each call at once and records none (see features)");
}
int capture_begin(int64_t context) {
    return with_engine("capture_begin", context, [](Engine&) { fail_capture(); });
}
int capture_end(int64_t context, int64_t*) {
    return with_engine("capture_end", context, [](Engine&) { fail_capture(); });
}
int graph_launch(int64_t context, int64_t) {
    return with_engine("graph_launch", context, [](Engine&) { fail_capture(); });
}
int graph_free(int64_t context, int64_t) {
    return with_engine("graph_free", context, [](Engine&) { fail_capture(); });
}

int event_record(int64_t context, int slot) {
    return with_engine("event_record", context, [&](Engine& e) {
        dg::require_range("event_record", "slot", slot, 0, 15);
        e.marks[slot] = std::chrono::steady_clock::now();
        e.marked[slot] = true;
    });
}

int event_elapsed(int64_t context, int from, int to, float* milliseconds) {
    return with_engine("event_elapsed", context, [&](Engine& e) {
        require_pointer("event_elapsed", milliseconds);
        dg::require_range("event_elapsed", "from", from, 0, 15);
        dg::require_range("event_elapsed", "to", to, 0, 15);
        if (!e.marked[from] || !e.marked[to])
            dg::fail_argument("event_elapsed", "recorded slots", "one that never was");
        *milliseconds = std::chrono::duration<float, std::milli>(e.marks[to] - e.marks[from]).count();
    });
}

int flush_cache(int64_t context) {
    return with_engine("flush_cache", context, [](Engine& e) {
        constexpr int64_t BYTES = int64_t{256} << 20;
        dg::SystemBlock buffer(BYTES);  // not from the arena, whose peak should be the model's
        dg::parallel_ranges(e.threads, BYTES, 1 << 20, [&](int64_t begin, int64_t end) {
            std::memset(static_cast<char*>(buffer.data()) + begin, static_cast<int>(e.operations & 1),
                        static_cast<size_t>(end - begin));
        });
    });
}

int pack_conv2d(int64_t context, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int c, int c2,
                int kh, int kw, int64_t* weights) {
    return operation("pack_conv2d", context, [&](Engine& e) {
        require_pointer("pack_conv2d", weights);
        *weights = dg::pack_conv2d(e, dtype, w, w_type, bias, b_type, o, c, c2, kh, kw);
    });
}

int pack_linear(int64_t context, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int k, int geglu,
                int64_t* weights) {
    return operation("pack_linear", context, [&](Engine& e) {
        require_pointer("pack_linear", weights);
        *weights = dg::pack_linear(e, dtype, w, w_type, bias, b_type, o, k, geglu);
    });
}

int free_weights(int64_t context, int64_t weights) {
    return with_engine("free_weights", context, [&](Engine& e) {
        dg::find_weights(e, "free_weights", weights);
        e.weights.erase(weights);
    });
}

int conv2d(int64_t context, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weights, int64_t emb,
           int64_t emb_stride, int64_t residual, int n, int h, int w, int uh, int uw, int oh, int ow, int stride,
           int pad_top, int pad_left, int activation) {
    return operation("conv2d", context, [&](Engine& e) {
        dg::conv2d(e, {dtype, y, x,  c,  x2, c2, weights, emb,     emb_stride, residual,  n,
                       h,     w, uh, uw, oh, ow, stride,  pad_top, pad_left,   activation});
    });
}

int linear(int64_t context, int dtype, int64_t y, int64_t x, int64_t weights, int64_t residual, int64_t rows,
           int activation) {
    return operation("linear", context,
                     [&](Engine& e) { dg::linear(e, dtype, y, x, weights, residual, rows, activation); });
}

int attention(int64_t context, int dtype, int64_t y, int64_t ldy, int64_t q, int64_t ldq, int64_t k, int64_t ldk,
              int64_t v, int64_t ldv, int n, int lq, int lk, int heads, int d, float scale, int causal) {
    return operation("attention", context, [&](Engine& e) {
        dg::attention(e, {dtype, y, ldy, q, ldq, k, ldk, v, ldv, n, lq, lk, heads, d, scale, causal});
    });
}

int group_norm(int64_t context, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weight,
               int64_t bias, int n, int64_t pixels, int groups, float eps, int activation) {
    return operation("group_norm", context, [&](Engine& e) {
        dg::group_norm(e, dtype, y, x, c, x2, c2, weight, bias, n, pixels, groups, eps, activation);
    });
}

int layer_norm(int64_t context, int dtype, int64_t y, int64_t x, int64_t weight, int64_t bias, int64_t rows, int c,
               float eps) {
    return operation("layer_norm", context,
                     [&](Engine& e) { dg::layer_norm(e, dtype, y, x, weight, bias, rows, c, eps); });
}

int embedding(int64_t context, int dtype, int64_t y, int64_t ids, int64_t table, int64_t positions, int64_t rows, int l,
              int c, int v) {
    return operation("embedding", context,
                     [&](Engine& e) { dg::embedding(e, dtype, y, ids, table, positions, rows, l, c, v); });
}

int timestep_embedding(int64_t context, int dtype, int64_t y, int64_t t, int n, int dim) {
    return operation("timestep_embedding", context, [&](Engine& e) { dg::timestep_embedding(e, dtype, y, t, n, dim); });
}

int combine(int64_t context, int y_type, int64_t y, int64_t count, int terms, int x_types, int64_t x0, int64_t x1,
            int64_t x2, int64_t x3, int64_t x4, int64_t x5, int64_t x6, int64_t x7, float c0, float c1, float c2,
            float c3, float c4, float c5, float c6, float c7) {
    return operation("combine", context, [&](Engine& e) {
        const int64_t x[8] = {x0, x1, x2, x3, x4, x5, x6, x7};
        const float factors[8] = {c0, c1, c2, c3, c4, c5, c6, c7};
        dg::combine(e, y_type, y, count, terms, x_types, x, factors);
    });
}

int guidance(int64_t context, int dtype, int64_t y, int64_t cond, int64_t uncond, int n, int64_t count, float scale,
             float rescale) {
    return operation("guidance", context,
                     [&](Engine& e) { dg::guidance(e, dtype, y, cond, uncond, n, count, scale, rescale); });
}

int activation_forward(int64_t context, int dtype, int64_t y, int64_t x, int64_t count, int activation) {
    return operation("activation_forward", context,
                     [&](Engine& e) { dg::activation_forward(e, dtype, y, x, count, activation); });
}

int blend(int64_t context, int64_t y, int64_t a, int64_t b, int64_t mask, int mask_n, int n, int64_t pixels, int c) {
    return operation("blend", context, [&](Engine& e) { dg::blend(e, y, a, b, mask, mask_n, n, pixels, c); });
}

int copy_columns(int64_t context, int dtype, int64_t y, int64_t ldy, int64_t x, int64_t ldx, int64_t rows,
                 int64_t cols) {
    return operation("copy_columns", context,
                     [&](Engine& e) { dg::copy_columns(e, dtype, y, ldy, x, ldx, rows, cols); });
}

int nchw_to_nhwc(int64_t context, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w) {
    return operation("nchw_to_nhwc", context,
                     [&](Engine& e) { dg::nchw_to_nhwc(e, y_type, y, x_type, x, n, c, h, w); });
}

int nhwc_to_nchw(int64_t context, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w) {
    return operation("nhwc_to_nchw", context,
                     [&](Engine& e) { dg::nhwc_to_nchw(e, y_type, y, x_type, x, n, c, h, w); });
}

int resize(int64_t context, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int bilinear) {
    return operation("resize", context, [&](Engine& e) { dg::resize(e, dtype, y, x, n, h, w, c, oh, ow, bilinear); });
}

int pixel_unshuffle(int64_t context, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r) {
    return operation("pixel_unshuffle", context,
                     [&](Engine& e) { dg::pixel_unshuffle(e, dtype, y, x, n, h, w, c, r); });
}

int pixel_shuffle(int64_t context, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r) {
    return operation("pixel_shuffle", context, [&](Engine& e) { dg::pixel_shuffle(e, dtype, y, x, n, h, w, c, r); });
}

int max_pool(int64_t context, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int k,
             int stride, int pad_top, int pad_left) {
    return operation("max_pool", context, [&](Engine& e) {
        dg::max_pool(e, dtype, y, x, n, h, w, c, oh, ow, k, stride, pad_top, pad_left);
    });
}

int count_nonfinite(int64_t context, int dtype, int64_t count, int64_t x, int64_t values) {
    return operation("count_nonfinite", context, [&](Engine& e) { dg::count_nonfinite(e, dtype, count, x, values); });
}

dg_plugin make_table() {
    dg_plugin table{};
    table.abi = DG_ABI;
    table.name = "cpu";
    table.last_error = last_error;
    table.devices = devices;
    table.open = open;
    constexpr auto& free = free_block;
#define DG_FILL(entry) table.entry = entry;
    DG_PLUGIN_ENTRIES(DG_FILL)
#undef DG_FILL
    return table;
}

}  // namespace

const dg_plugin* daguerre_plugin(void) {
    static const dg_plugin table = make_table();
    return &table;
}
