#include "gpu/engine.h"

#include <algorithm>

#include "launchers.h"

namespace dg {

namespace {

constexpr int OLDEST_MAJOR = 8;  // compute capability: mma.m16n8k16, cp.async

int device_count() {
    int count = 0;
    check(cudaGetDeviceCount(&count), "looking for a GPU");
    expect(count > 0, "looking for a GPU: the driver reports none");
    return count;
}

cudaDeviceProp device_properties(int device) {
    cudaDeviceProp properties = {};
    check(cudaGetDeviceProperties(&properties, device), "reading the GPU's properties");
    return properties;
}

std::string too_old(const cudaDeviceProp& p) {
    return text(p.name, " has compute capability ", p.major, ".", p.minor, ", expected ", OLDEST_MAJOR, ".0 or newer");
}

std::string detail(const cudaDeviceProp& p) {
    return text("compute capability ", p.major, ".", p.minor, ", ", p.multiProcessorCount, " multiprocessors, ",
                p.totalGlobalMem >> 20, " MiB");
}

std::string json_string(const std::string& raw) {
    std::string quoted = "\"";
    for (char c : raw) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return quoted + "\"";
}

}  // namespace

std::string list_devices() {
    std::string list, rejected;
    for (int i = 0, count = device_count(); i < count; i++) {
        cudaDeviceProp p = device_properties(i);
        if (p.major < OLDEST_MAJOR) {
            rejected += (rejected.empty() ? "" : "; ") + too_old(p);
            continue;
        }
        list += text(list.empty() ? "" : ",", "{\"index\":", i, ",\"name\":", json_string(p.name),
                     ",\"detail\":", json_string(detail(p)), "}");
    }
    if (list.empty()) fail(DG_ERROR_UNSUPPORTED, "looking for a GPU: ", rejected);
    return "[" + list + "]";
}

Engine::Engine(int device, const Options& options) : device_(device) {
    int count = device_count();
    expect(device >= 0 && device < count, "open: expected a device from 0 to ", count - 1, ", found ", device);
    properties_ = device_properties(device);
    if (properties_.major < OLDEST_MAJOR) fail(DG_ERROR_UNSUPPORTED, "open: ", too_old(properties_));
    use_device();
    stream.synchronous = options.synchronous;
    check(cudaStreamCreateWithFlags(&stream.handle, cudaStreamNonBlocking), "open");
    arena = std::make_unique<Arena>(stream, options.memory_limit, options.direct_arena);
    staging = std::make_unique<Staging>(stream);
}

// A destructor cannot report: what fails here has failed before.
Engine::~Engine() {
    cudaSetDevice(device_);
    if (recording_ != 0) close_recording();
    cudaStreamSynchronize(stream.handle);
    for (auto& graph : graphs_) cudaGraphExecDestroy(graph.second);
    for (cudaEvent_t event : events_) {
        if (event != nullptr) cudaEventDestroy(event);
    }
    staging.reset();
    arena.reset();
    cudaStreamDestroy(stream.handle);
    cudaGetLastError();
}

void Engine::use_device() { check(cudaSetDevice(device_), "choosing the GPU"); }

void Engine::expect_alive() const {
    if (lost()) fail(DG_ERROR_DEVICE, "the GPU context was lost by an earlier failure: ", lost_by_);
}

std::string Engine::describe() const {
    int runtime = 0, driver = 0;
    cudaRuntimeGetVersion(&runtime);
    cudaDriverGetVersion(&driver);
    auto version = [](int v) { return text(v / 1000, ".", v % 1000 / 10); };
    return text(properties_.name, ", ", detail(properties_), ", CUDA runtime ", version(runtime), ", driver ",
                version(driver));
}

void Engine::expect_not_recording(const char* operation) const {
    expect(recording_ == 0 || lost(), operation, ": not possible while a graph is being recorded");
}

void Engine::capture_begin() {
    expect_not_recording("capture_begin");
    int64_t graph = next_handle_++;
    // Relaxed: the arena may have to call cudaMalloc while recording, which is harmless and which the stricter modes
    // refuse.
    check(cudaStreamBeginCapture(stream.handle, cudaStreamCaptureModeRelaxed), "capture_begin");
    recording_ = graph;
    stream.capturing = true;
    arena->set_owner(graph);
}

void Engine::close_recording() {
    cudaGraph_t graph = nullptr;
    if (cudaStreamEndCapture(stream.handle, &graph) == cudaSuccess && graph != nullptr) cudaGraphDestroy(graph);
    cudaGetLastError();
    stream.capturing = false;
    arena->set_owner(Arena::COMMON);
    recording_ = 0;
}

int64_t Engine::capture_end() {
    expect(recording_ != 0, "capture_end: expected a recording begun by capture_begin");
    int64_t handle = recording_;
    cudaGraph_t graph = nullptr;
    cudaError_t ended = cudaStreamEndCapture(stream.handle, &graph);
    recording_ = 0;
    stream.capturing = false;
    arena->set_owner(Arena::COMMON);
    cudaGraphExec_t executable = nullptr;
    cudaError_t made = ended == cudaSuccess ? cudaGraphInstantiate(&executable, graph, 0) : ended;
    if (graph != nullptr) cudaGraphDestroy(graph);
    if (made != cudaSuccess) {
        arena->disown(handle);
        check(made, "capture_end");
    }
    graphs_[handle] = executable;
    return handle;
}

void Engine::graph_launch(int64_t graph) {
    expect_not_recording("graph_launch");
    auto found = graphs_.find(graph);
    expect(found != graphs_.end(), "graph_launch: expected a graph made by capture_end, found handle ", graph);
    check(cudaGraphLaunch(found->second, stream.handle), "graph_launch");
    graph_launches_++;
    if (stream.synchronous) synchronize(stream, "graph_launch");
}

void Engine::graph_free(int64_t graph) {
    expect_not_recording("graph_free");
    auto found = graphs_.find(graph);
    expect(found != graphs_.end(), "graph_free: expected a graph made by capture_end, found handle ", graph);
    cudaGraphExec_t executable = found->second;
    graphs_.erase(found);
    arena->disown(graph);
    check(cudaGraphExecDestroy(executable), "graph_free");
}

void Engine::event_record(int slot) {
    expect_not_recording("event_record");
    expect(slot >= 0 && slot < EVENTS, "event_record: expected a slot from 0 to ", EVENTS - 1, ", found ", slot);
    if (events_[slot] == nullptr) check(cudaEventCreateWithFlags(&events_[slot], cudaEventDefault), "event_record");
    check(cudaEventRecord(events_[slot], stream.handle), "event_record");
    event_recorded_[slot] = true;
}

float Engine::event_elapsed(int from, int to) {
    expect_not_recording("event_elapsed");
    for (int slot : {from, to}) {
        expect(slot >= 0 && slot < EVENTS && event_recorded_[slot],
               "event_elapsed: expected slots of recorded events, found ", slot);
    }
    stream.synchronizations++;
    check(cudaEventSynchronize(events_[from]), "event_elapsed");
    check(cudaEventSynchronize(events_[to]), "event_elapsed");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, events_[from], events_[to]), "event_elapsed");
    return milliseconds;
}

void Engine::flush_cache() {
    expect_not_recording("flush_cache");
    int64_t bytes = std::max<int64_t>(2 * static_cast<int64_t>(properties_.l2CacheSize), int64_t{1} << 20);
    if (flush_buffer_ == nullptr) flush_buffer_ = arena->allocate(bytes, false);
    check(cudaMemsetAsync(flush_buffer_, 0, static_cast<size_t>(bytes), stream.handle), "flush_cache");
}

int64_t Engine::add_weights(const WeightsEntry& entry) {
    int64_t handle = next_handle_++;
    weights_[handle] = entry;
    return handle;
}

const WeightsEntry& Engine::weights(int64_t handle, const char* operation) const {
    auto found = weights_.find(handle);
    expect(found != weights_.end(), operation, ": expected packed weights that were not freed, found handle ", handle);
    return found->second;
}

void Engine::free_weights(int64_t handle) {
    expect_not_recording("free_weights");
    void* block = weights(handle, "free_weights").block;
    weights_.erase(handle);
    arena->release(block);
}

void Engine::set_variant(int operation, int variant) {
    int count = variant_count(operation);
    expect(variant >= 0 && variant <= count, "set_variant: operation ", operation, ": expected a variant from 0 to ",
           count, ", found ", variant);
    variants_[operation] = variant;
}

void Engine::statistics(int64_t* values, int count) const {
    int64_t all[DG_STAT_COUNT] = {};
    all[DG_STAT_LIVE_BYTES] = arena->live_bytes();
    all[DG_STAT_PEAK_BYTES] = arena->peak_bytes();
    all[DG_STAT_RESERVED_BYTES] = arena->reserved_bytes();
    all[DG_STAT_SYSTEM_ALLOCATIONS] = arena->system_allocations();
    all[DG_STAT_LAUNCHES] = stream.launches;
    all[DG_STAT_GRAPH_LAUNCHES] = graph_launches_;
    all[DG_STAT_SYNCHRONIZATIONS] = stream.synchronizations;
    all[DG_STAT_COPIES] = staging->copies();
    std::copy(all, all + std::min<int>(count, DG_STAT_COUNT), values);
    std::fill(values + std::min<int>(count, DG_STAT_COUNT), values + count, 0);
}

int variant_count(int operation) {
    switch (operation) {
        case DG_OP_CONV2D:
            return conv2d_variants();
        case DG_OP_LINEAR:
            return linear_variants();
        case DG_OP_ATTENTION:
            return attention_variants();
        case DG_OP_GROUP_NORM:
            return group_norm_variants();
        case DG_OP_LAYER_NORM:
        case DG_OP_COMBINE:
        case DG_OP_GUIDANCE:
            return 1;
        default:
            fail(DG_ERROR_ARGUMENT, "expected an operation from 0 to ", DG_OP_COUNT - 1, ", found ", operation);
    }
}

}  // namespace dg
