// engine.h - one open device: stream, memory, recorded graphs, events, packed weights and the counters.
//
// One source for two plug-ins: with nvcc and cudart it is libdaguerre_cuda.so, with g++ and the SIMT emulator
// libdaguerre_emulated.so. Start reading at plugin.cpp (the table), then memory_entries.cpp and operation_entries.cpp
// (its functions).
#ifndef DAGUERRE_GPU_ENGINE_H
#define DAGUERRE_GPU_ENGINE_H

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gemm_launchers.h"
#include "gpu/arena.h"
#include "gpu/options.h"
#include "gpu/staging.h"
#include "gpu/stream.h"
#include "plugin.h"

namespace dg {

struct WeightsEntry {
    PackedWeights packed;
    bool linear;
    void* block;
};

class Engine {
public:
    static constexpr int EVENTS = 16;

    Engine(int device, const Options& options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Makes this engine's device the calling thread's.
    void use_device();
    // Fails after an error that cost the process its GPU context, with the message of that error.
    void expect_alive() const;
    bool lost() const { return !lost_by_.empty(); }
    void set_lost(const std::string& message) { lost_by_ = message; }
    std::string describe() const;

    // Fails while a graph is being recorded, for calls that wait or whose effect a replay would not repeat.
    void expect_not_recording(const char* operation) const;
    void capture_begin();
    int64_t capture_end();
    void graph_launch(int64_t graph);
    void graph_free(int64_t graph);

    void event_record(int slot);
    float event_elapsed(int from, int to);
    void flush_cache();

    int64_t add_weights(const WeightsEntry& entry);
    const WeightsEntry& weights(int64_t handle, const char* operation) const;
    void free_weights(int64_t handle);

    int variant(int operation) const { return variants_[operation]; }
    void set_variant(int operation, int variant);
    void statistics(int64_t* values, int count) const;

    std::mutex mutex;  // held during each call
    Stream stream;
    std::unique_ptr<Arena> arena;
    std::unique_ptr<Staging> staging;

private:
    void close_recording();

    const int device_;
    std::string lost_by_;  // message of the error after which the GPU context was gone
    cudaDeviceProp properties_ = {};
    int variants_[DG_OP_COUNT] = {};
    int64_t next_handle_ = 1;
    int64_t recording_ = 0;  // the graph between capture_begin and capture_end, or 0
    std::map<int64_t, cudaGraphExec_t> graphs_;
    int64_t graph_launches_ = 0;
    cudaEvent_t events_[EVENTS] = {};
    bool event_recorded_[EVENTS] = {};
    void* flush_buffer_ = nullptr;
    std::map<int64_t, WeightsEntry> weights_;
};

// Number of variants of a DG_OP_* operation.
int variant_count(int operation);

// Memory of one operation: handed back to the arena when the launches that use it are queued.
class Scratch {
public:
    Scratch(Engine& engine, int64_t bytes)
        : engine_(engine), data_(bytes > 0 ? engine.arena->allocate(bytes, false) : nullptr) {}
    // With arena=direct this frees device memory, which fails after a fault of the device: that error is on its way
    // already.
    ~Scratch() {
        try {
            if (data_ != nullptr) engine_.arena->release(data_);
        } catch (...) {
        }
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    template <class T>
    T* as() const {
        return static_cast<T*>(data_);
    }

private:
    Engine& engine_;
    void* data_;
};

// The devices that this build can use, as the JSON text of dg_devices; fails where there is none, and says why.
std::string list_devices();

}  // namespace dg
#endif
