// memory_entries.cpp - memory, copies, recording, time marks and packed weights of the plug-in's table.
#include "gpu/entries.h"

namespace dg {

namespace {

void expect_host(const Arguments& args, int64_t host, int64_t bytes) {
    args.require(bytes >= 0, "a number of bytes that is not negative, found ", bytes);
    args.require(host != 0 || bytes == 0, "a host address, found 0");
}

// A device copy of a tensor of the file, for the kernels that pack it.
struct Uploaded {
    Uploaded(Engine& engine, const Arguments& args, int64_t host, int64_t elements, int type)
        : bytes(host == 0 ? 0 : elements * args.element_bytes(type)), scratch(engine, bytes) {
        if (bytes > 0) engine.staging->upload(scratch.as<void>(), reinterpret_cast<const void*>(host), bytes);
    }
    const int64_t bytes;
    Scratch scratch;
};

void expect_file_type(const Arguments& args, const char* name, int type) {
    args.require(type == DG_F32 || type == DG_F16 || type == DG_BF16, "the type of ", name,
                 " to be f32, f16 or bf16, found code ", type);
}

int64_t pack(Engine& engine, const Arguments& args, PackedWeights packed, bool linear, int64_t w, int w_type,
             int64_t bias, int b_type) {
    engine.expect_not_recording(args.operation());
    args.require(w != 0, "a host address of the weights, found 0");
    expect_file_type(args, "the weights", w_type);
    if (bias != 0) expect_file_type(args, "the bias", b_type);
    if (packed.dtype == DG_F32) {
        fail(DG_ERROR_UNSUPPORTED, args.operation(), ": expected activations of type f16 or bf16, found f32");
    }
    args.require(packed.dtype == DG_F16 || packed.dtype == DG_BF16, "activations of type f16 or bf16, found code ",
                 packed.dtype);
    int64_t elements = args.count({packed.o, args.count({packed.c + int64_t{packed.c2}, packed.kh, packed.kw})});
    int64_t block_bytes = static_cast<int64_t>(packed_bytes(packed));
    Uploaded w_copy(engine, args, w, elements, w_type), bias_copy(engine, args, bias, packed.o, b_type);
    void* block = engine.arena->allocate(block_bytes);
    try {
        place_packed(packed, block);
        pack_weights(engine.stream, packed, w_copy.scratch.as<void>(), w_type, bias_copy.scratch.as<void>(), b_type);
        return engine.add_weights({packed, linear, block});
    } catch (...) {
        engine.arena->release(block);
        throw;
    }
}

}  // namespace

namespace entry {

int reset_peak(int64_t context) {
    return with_books(context, [](Engine& engine) { engine.arena->reset_peak(); });
}

int synchronize(int64_t context) {
    return with_engine(context, [](Engine& engine) {
        engine.expect_not_recording("synchronize");
        dg::synchronize(engine.stream, "synchronize");
    });
}

int alloc(int64_t context, int64_t bytes, int64_t* address) {
    return with_engine(context, [&](Engine& engine) {
        expect(address != nullptr, "alloc: expected a place for the address, found null");
        *address = reinterpret_cast<int64_t>(engine.arena->allocate(bytes));
    });
}

int free(int64_t context, int64_t address) {
    return with_books(context, [&](Engine& engine) { engine.arena->release(reinterpret_cast<void*>(address)); });
}

int trim(int64_t context) {
    return with_engine(context, [](Engine& engine) { engine.arena->trim(); });
}

int upload(int64_t context, int64_t address, int64_t host, int64_t bytes) {
    return operation(context, "upload", [&](Engine& engine, const Arguments& args) {
        engine.expect_not_recording("upload");
        expect_host(args, host, bytes);
        args.require(engine.arena->contains(address, bytes), bytes,
                     " bytes inside one allocation of this engine, found address ", address);
        engine.staging->upload(reinterpret_cast<void*>(address), reinterpret_cast<const void*>(host), bytes);
    });
}

int download(int64_t context, int64_t host, int64_t address, int64_t bytes) {
    return operation(context, "download", [&](Engine& engine, const Arguments& args) {
        engine.expect_not_recording("download");
        expect_host(args, host, bytes);
        args.require(engine.arena->contains(address, bytes), bytes,
                     " bytes inside one allocation of this engine, found address ", address);
        engine.staging->download(reinterpret_cast<void*>(host), reinterpret_cast<const void*>(address), bytes);
    });
}

int capture_begin(int64_t context) {
    return with_engine(context, [](Engine& engine) { engine.capture_begin(); });
}

int capture_end(int64_t context, int64_t* graph) {
    return with_engine(context, [&](Engine& engine) {
        expect(graph != nullptr, "capture_end: expected a place for the graph, found null");
        *graph = engine.capture_end();
    });
}

int graph_launch(int64_t context, int64_t graph) {
    return with_engine(context, [&](Engine& engine) { engine.graph_launch(graph); });
}

int graph_free(int64_t context, int64_t graph) {
    return with_books(context, [&](Engine& engine) { engine.graph_free(graph); });
}

int event_record(int64_t context, int slot) {
    return with_engine(context, [&](Engine& engine) { engine.event_record(slot); });
}

int event_elapsed(int64_t context, int from, int to, float* milliseconds) {
    return with_engine(context, [&](Engine& engine) {
        expect(milliseconds != nullptr, "event_elapsed: expected a place for the result, found null");
        *milliseconds = engine.event_elapsed(from, to);
    });
}

int flush_cache(int64_t context) {
    return with_engine(context, [](Engine& engine) { engine.flush_cache(); });
}

int pack_conv2d(int64_t context, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int c, int c2,
                int kh, int kw, int64_t* weights) {
    return operation(context, "pack_conv2d", [&](Engine& engine, const Arguments& args) {
        args.require(weights != nullptr, "a place for the handle, found null");
        args.positive("O", o);
        args.positive("C", c);
        args.within("C2", c2, 0, INT32_MAX - int64_t{c});
        args.positive("KH", kh);
        args.positive("KW", kw);
        PackedWeights packed;
        packed.dtype = dtype;
        packed.o = o;
        packed.c = c;
        packed.c2 = c2;
        packed.kh = kh;
        packed.kw = kw;
        *weights = pack(engine, args, packed, false, w, w_type, bias, b_type);
    });
}

int pack_linear(int64_t context, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int k, int geglu,
                int64_t* weights) {
    return operation(context, "pack_linear", [&](Engine& engine, const Arguments& args) {
        args.require(weights != nullptr, "a place for the handle, found null");
        args.positive("O", o);
        args.positive("K", k);
        args.require(geglu == 0 || o % 2 == 0, "an even O for geglu, found ", o);
        PackedWeights packed;
        packed.dtype = dtype;
        packed.o = o;
        packed.c = k;
        packed.geglu = geglu != 0;
        *weights = pack(engine, args, packed, true, w, w_type, bias, b_type);
    });
}

int free_weights(int64_t context, int64_t weights) {
    return with_books(context, [&](Engine& engine) { engine.free_weights(weights); });
}

}  // namespace entry
}  // namespace dg
