// loader.cpp - the functions that Java calls: each looks up its engine and forwards to the plug-in's function table.
//
// A plug-in is opened with dlopen on first use and stays loaded: unloading a library with thread-local state or a GPU context is unsafe.

#include "plugin.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <string>

namespace {

thread_local std::string t_message;

int fail(int status, const std::string& message) {
    t_message = message;
    return status;
}

struct Engine {
    const dg_plugin* table;
    int64_t context;
};

std::mutex s_mutex;

// Opened plug-ins by path.
std::map<std::string, const dg_plugin*>& plugins() {
    static auto* map = new std::map<std::string, const dg_plugin*>();  // never destroyed: engines may outlive static destruction
    return *map;
}

// A thread of OpenMP's that has nothing to do spins before it sleeps, by default for milliseconds, which other processes then lack: with the
// processors in demand, steps of the built-in model took 10 to 40 times as long (a few microseconds of spinning were no better). Sleeping at
// once costs a wake-up per parallel loop, some 10 us: 4 ms in a step of the built-in model, 2 % of one of SD 1.5. libgomp reads this when
// it is loaded, which happens after this library; what the user has set stays.
__attribute__((constructor)) void do_not_spin() {
    if (getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "0", 0);
}

int find_plugin(const char* library, const dg_plugin** table) {
    if (library == nullptr) {
        return fail(DG_ERROR_ARGUMENT, "open: expected the path of a plug-in, found null");
    }
    std::lock_guard<std::mutex> lock(s_mutex);
    auto known = plugins().find(library);
    if (known != plugins().end()) {
        *table = known->second;
        return DG_OK;
    }
    void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        return fail(DG_ERROR_UNSUPPORTED, std::string("open: cannot load the plug-in: ") + dlerror());
    }
    auto entry = reinterpret_cast<decltype(&daguerre_plugin)>(dlsym(handle, "daguerre_plugin"));
    const dg_plugin* found = entry == nullptr ? nullptr : entry();
    if (found == nullptr || found->abi != DG_ABI) {
        std::string what = found == nullptr ? "none" : std::to_string(found->abi);
        dlclose(handle);
        return fail(DG_ERROR_UNSUPPORTED, std::string("open ") + library + ": expected a plug-in with ABI " + std::to_string(DG_ABI)
                    + ", found " + what);
    }
    plugins()[library] = found;
    *table = found;
    return DG_OK;
}

// Calls an entry of the table and takes over the plug-in's message if it fails. Plug-ins do not throw; the catch is a last guard.
template <class Entry, class... Args>
int forward(int64_t engine, Entry dg_plugin::*entry, Args... args) {
    if (engine == 0) {
        return fail(DG_ERROR_ARGUMENT, "expected an open engine, found none");
    }
    auto* e = reinterpret_cast<Engine*>(engine);
    try {
        int status = (e->table->*entry)(e->context, args...);
        if (status != DG_OK) {
            t_message = e->table->last_error();
        }
        return status;
    } catch (const std::exception& x) {
        return fail(DG_ERROR_DEVICE, x.what());
    } catch (...) {
        return fail(DG_ERROR_DEVICE, "unknown exception in the plug-in");
    }
}

}  // namespace

extern "C" {

const char* dg_last_error(void) { return t_message.c_str(); }

int dg_devices(const char* library, char* text, int capacity) {
    const dg_plugin* table = nullptr;
    int status = find_plugin(library, &table);
    if (status != DG_OK) {
        return status;
    }
    status = table->devices(text, capacity);
    return status == DG_OK ? DG_OK : fail(status, table->last_error());
}

int dg_open(const char* library, int device, const char* options, int64_t* engine) {
    if (engine == nullptr) {
        return fail(DG_ERROR_ARGUMENT, "open: expected a place for the engine, found null");
    }
    *engine = 0;
    const dg_plugin* table = nullptr;
    int status = find_plugin(library, &table);
    if (status != DG_OK) {
        return status;
    }
    int64_t context = 0;
    status = table->open(device, options == nullptr ? "" : options, &context);
    if (status != DG_OK) {
        return fail(status, table->last_error());
    }
    *engine = reinterpret_cast<int64_t>(new (std::nothrow) Engine{table, context});
    return *engine == 0 ? fail(DG_ERROR_MEMORY, "open: out of memory") : DG_OK;
}

int dg_close(int64_t engine) {
    int status = forward(engine, &dg_plugin::close);
    if (engine != 0) {
        delete reinterpret_cast<Engine*>(engine);
    }
    return status;
}

int dg_describe(int64_t engine, char* text, int capacity) { return forward(engine, &dg_plugin::describe, text, capacity); }

int dg_features(int64_t engine, int* features) { return forward(engine, &dg_plugin::features, features); }

int dg_statistics(int64_t engine, int64_t* values, int count) { return forward(engine, &dg_plugin::statistics, values, count); }

int dg_reset_peak(int64_t engine) { return forward(engine, &dg_plugin::reset_peak); }

int dg_synchronize(int64_t engine) { return forward(engine, &dg_plugin::synchronize); }

int dg_variants(int64_t engine, int operation, int* count) { return forward(engine, &dg_plugin::variants, operation, count); }

int dg_set_variant(int64_t engine, int operation, int variant) {
    return forward(engine, &dg_plugin::set_variant, operation, variant);
}

int dg_alloc(int64_t engine, int64_t bytes, int64_t* address) { return forward(engine, &dg_plugin::alloc, bytes, address); }

int dg_free(int64_t engine, int64_t address) { return forward(engine, &dg_plugin::free, address); }

int dg_trim(int64_t engine) { return forward(engine, &dg_plugin::trim); }

int dg_upload(int64_t engine, int64_t address, int64_t host, int64_t bytes) {
    return forward(engine, &dg_plugin::upload, address, host, bytes);
}

int dg_download(int64_t engine, int64_t host, int64_t address, int64_t bytes) {
    return forward(engine, &dg_plugin::download, host, address, bytes);
}

int dg_forget_pages(int64_t host, int64_t bytes) {
    if (host <= 0 || bytes < 0) {
        return fail(DG_ERROR_ARGUMENT, "forget pages: expected an address and a size, found "
                    + std::to_string(host) + ", " + std::to_string(bytes));
    }
    int64_t page = sysconf(_SC_PAGESIZE), begin = (host + page - 1) / page * page, end = (host + bytes) / page * page;
    if (begin < end) {
        // Advice: where the system does not take it, the pages stay.
        madvise(reinterpret_cast<void*>(begin), static_cast<size_t>(end - begin), MADV_DONTNEED);
    }
    return DG_OK;
}

int dg_capture_begin(int64_t engine) { return forward(engine, &dg_plugin::capture_begin); }

int dg_capture_end(int64_t engine, int64_t* graph) { return forward(engine, &dg_plugin::capture_end, graph); }

int dg_graph_launch(int64_t engine, int64_t graph) { return forward(engine, &dg_plugin::graph_launch, graph); }

int dg_graph_free(int64_t engine, int64_t graph) { return forward(engine, &dg_plugin::graph_free, graph); }

int dg_event_record(int64_t engine, int slot) { return forward(engine, &dg_plugin::event_record, slot); }

int dg_event_elapsed(int64_t engine, int from, int to, float* milliseconds) {
    return forward(engine, &dg_plugin::event_elapsed, from, to, milliseconds);
}

int dg_flush_cache(int64_t engine) { return forward(engine, &dg_plugin::flush_cache); }

int dg_pack_conv2d(int64_t engine, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int c, int c2, int kh, int
        kw, int64_t* weights) {
    return forward(engine, &dg_plugin::pack_conv2d, dtype, w, w_type, bias, b_type, o, c, c2, kh, kw, weights);
}

int dg_pack_linear(int64_t engine, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int k, int geglu, int64_t*
        weights) {
    return forward(engine, &dg_plugin::pack_linear, dtype, w, w_type, bias, b_type, o, k, geglu, weights);
}

int dg_free_weights(int64_t engine, int64_t weights) { return forward(engine, &dg_plugin::free_weights, weights); }

int dg_conv2d(int64_t engine, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weights, int64_t emb, int64_t
        emb_stride, int64_t residual, int n, int h, int w, int uh, int uw, int oh, int ow, int stride, int pad_top, int
        pad_left, int activation) {
    return forward(engine, &dg_plugin::conv2d, dtype, y, x, c, x2, c2, weights, emb, emb_stride, residual, n, h, w, uh, uw,
            oh, ow, stride, pad_top, pad_left, activation);
}

int dg_linear(int64_t engine, int dtype, int64_t y, int64_t x, int64_t weights, int64_t residual, int64_t rows, int activation)
        {
    return forward(engine, &dg_plugin::linear, dtype, y, x, weights, residual, rows, activation);
}

int dg_attention(int64_t engine, int dtype, int64_t y, int64_t ldy, int64_t q, int64_t ldq, int64_t k, int64_t ldk, int64_t v,
        int64_t ldv, int n, int lq, int lk, int heads, int d, float scale, int causal) {
    return forward(engine, &dg_plugin::attention, dtype, y, ldy, q, ldq, k, ldk, v, ldv, n, lq, lk, heads, d, scale,
            causal);
}

int dg_group_norm(int64_t engine, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weight, int64_t bias, int
        n, int64_t pixels, int groups, float eps, int activation) {
    return forward(engine, &dg_plugin::group_norm, dtype, y, x, c, x2, c2, weight, bias, n, pixels, groups, eps,
            activation);
}

int dg_layer_norm(int64_t engine, int dtype, int64_t y, int64_t x, int64_t weight, int64_t bias, int64_t rows, int c, float eps)
        {
    return forward(engine, &dg_plugin::layer_norm, dtype, y, x, weight, bias, rows, c, eps);
}

int dg_embedding(int64_t engine, int dtype, int64_t y, int64_t ids, int64_t table, int64_t positions, int64_t rows, int l, int
        c, int v) {
    return forward(engine, &dg_plugin::embedding, dtype, y, ids, table, positions, rows, l, c, v);
}

int dg_timestep_embedding(int64_t engine, int dtype, int64_t y, int64_t t, int n, int dim) {
    return forward(engine, &dg_plugin::timestep_embedding, dtype, y, t, n, dim);
}

int dg_combine(int64_t engine, int y_type, int64_t y, int64_t count, int terms, int x_types, int64_t x0, int64_t x1, int64_t x2,
        int64_t x3, int64_t x4, int64_t x5, int64_t x6, int64_t x7, float c0, float c1, float c2, float c3, float c4, float c5,
        float c6, float c7) {
    return forward(engine, &dg_plugin::combine, y_type, y, count, terms, x_types, x0, x1, x2, x3, x4, x5, x6, x7, c0, c1,
            c2, c3, c4, c5, c6, c7);
}

int dg_guidance(int64_t engine, int dtype, int64_t y, int64_t cond, int64_t uncond, int n, int64_t count, float scale, float
        rescale) {
    return forward(engine, &dg_plugin::guidance, dtype, y, cond, uncond, n, count, scale, rescale);
}

int dg_activation_forward(int64_t engine, int dtype, int64_t y, int64_t x, int64_t count, int activation) {
    return forward(engine, &dg_plugin::activation_forward, dtype, y, x, count, activation);
}

int dg_blend(int64_t engine, int64_t y, int64_t a, int64_t b, int64_t mask, int mask_n, int n, int64_t pixels, int c) {
    return forward(engine, &dg_plugin::blend, y, a, b, mask, mask_n, n, pixels, c);
}

int dg_copy_columns(int64_t engine, int dtype, int64_t y, int64_t ldy, int64_t x, int64_t ldx, int64_t rows, int64_t cols) {
    return forward(engine, &dg_plugin::copy_columns, dtype, y, ldy, x, ldx, rows, cols);
}

int dg_nchw_to_nhwc(int64_t engine, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w) {
    return forward(engine, &dg_plugin::nchw_to_nhwc, y_type, y, x_type, x, n, c, h, w);
}

int dg_nhwc_to_nchw(int64_t engine, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w) {
    return forward(engine, &dg_plugin::nhwc_to_nchw, y_type, y, x_type, x, n, c, h, w);
}

int dg_resize(int64_t engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int bilinear) {
    return forward(engine, &dg_plugin::resize, dtype, y, x, n, h, w, c, oh, ow, bilinear);
}

int dg_pixel_unshuffle(int64_t engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r) {
    return forward(engine, &dg_plugin::pixel_unshuffle, dtype, y, x, n, h, w, c, r);
}

int dg_pixel_shuffle(int64_t engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r) {
    return forward(engine, &dg_plugin::pixel_shuffle, dtype, y, x, n, h, w, c, r);
}

int dg_max_pool(int64_t engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int k, int stride,
        int pad_top, int pad_left) {
    return forward(engine, &dg_plugin::max_pool, dtype, y, x, n, h, w, c, oh, ow, k, stride, pad_top, pad_left);
}

int dg_count_nonfinite(int64_t engine, int dtype, int64_t count, int64_t x, int64_t values) {
    return forward(engine, &dg_plugin::count_nonfinite, dtype, count, x, values);
}

}  // extern "C"
