// Stream capture, and graphs replayed as one operation.
#include "runtime.h"

#include <algorithm>

namespace simt {

struct GraphExec {
    std::shared_ptr<const Graph> graph;  // shared with launches still queued
};

namespace {

template <class T>
class Registry {
public:
    T* add(std::unique_ptr<T> object) {
        living_.push_back(std::move(object));
        return living_.back().get();
    }
    bool contains(const T* object) const {
        return std::any_of(living_.begin(), living_.end(), [object](auto& o) { return o.get() == object; });
    }
    bool remove(const T* object) {
        auto found = std::find_if(living_.begin(), living_.end(), [object](auto& o) { return o.get() == object; });
        if (found == living_.end()) {
            return false;
        }
        living_.erase(found);
        return true;
    }

private:
    std::vector<std::unique_ptr<T>> living_;
};

Registry<Graph>& graphs() {
    static auto* all = new Registry<Graph>;
    return *all;
}

Registry<GraphExec>& executables() {
    static auto* all = new Registry<GraphExec>;
    return *all;
}

cudaError_t replay(const Graph& graph) {
    for (const Work& node : graph.nodes) {
        cudaError_t error = node();
        if (error != cudaSuccess) {
            return error;
        }
    }
    return cudaSuccess;
}

// The capture and its streams refer to each other until here.
void release_streams(Capture& capture) {
    for (auto& [stream, branch] : capture.branches) {
        stream->capture.reset();
    }
    capture.branches.clear();
    capture.origin.reset();
}

bool is_joined(const Capture& capture) {
    return std::all_of(capture.branches.begin(), capture.branches.end(), [&](auto& entry) {
        return entry.first == capture.origin || entry.second.joined >= entry.second.captured;
    });
}

}  // namespace
}  // namespace simt

using namespace simt;

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
    Call call;
    SIMT_TRY(call.error);
    auto stream = find_stream(handle);
    SIMT_TRY(stream ? cudaSuccess : cudaErrorInvalidResourceHandle);
    SIMT_TRY(handle ? cudaSuccess : cudaErrorStreamCaptureUnsupported);  // the default stream cannot be captured
    SIMT_TRY(stream->capture ? cudaErrorInvalidValue : cudaSuccess);
    auto capture = std::make_shared<Capture>();
    capture->origin = stream;
    capture->mode = mode;
    capture->thread = std::this_thread::get_id();
    stream->capture = capture;
    capture->branches[stream] = {};
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(graph ? cudaSuccess : cudaErrorInvalidValue);
    *graph = nullptr;
    auto stream = find_stream(handle);
    SIMT_TRY(stream ? cudaSuccess : cudaErrorInvalidResourceHandle);
    auto capture = stream->capture;
    SIMT_TRY(capture ? cudaSuccess : cudaErrorInvalidValue);
    SIMT_TRY(capture->origin == stream ? cudaSuccess : cudaErrorStreamCaptureUnmatched);
    bool joined = is_joined(*capture);
    release_streams(*capture);
    SIMT_TRY(capture->invalid ? cudaErrorStreamCaptureInvalidated : cudaSuccess);
    SIMT_TRY(joined ? cudaSuccess : cudaErrorStreamCaptureUnjoined);
    *graph = graphs().add(std::make_unique<Graph>(capture->graph));
    return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(status ? cudaSuccess : cudaErrorInvalidValue);
    auto stream = find_stream(handle);
    SIMT_TRY(stream ? cudaSuccess : cudaErrorInvalidResourceHandle);
    *status = !stream->capture           ? cudaStreamCaptureStatusNone
              : stream->capture->invalid ? cudaStreamCaptureStatusInvalidated
                                         : cudaStreamCaptureStatusActive;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(exec && graphs().contains(graph) ? cudaSuccess : cudaErrorInvalidValue);
    *exec = executables().add(std::make_unique<GraphExec>(GraphExec{std::make_shared<Graph>(*graph)}));
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(executables().contains(exec) ? cudaSuccess : cudaErrorInvalidValue);
    auto graph = exec->graph;
    SIMT_TRY(enqueue(stream, [graph] { return replay(*graph); }));
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(graphs().remove(graph) ? cudaSuccess : cudaErrorInvalidValue);
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(executables().remove(exec) ? cudaSuccess : cudaErrorInvalidValue);
    return cudaSuccess;
}
