#include "runtime.h"

#include "core/order.h"

#include <algorithm>

namespace simt {

struct Stream {
    std::shared_ptr<StreamState> state;
};

namespace {

// A host that never waits still gets its work done.
constexpr size_t MAX_QUEUED = 8192;

struct Streams {
    std::shared_ptr<StreamState> legacy = std::make_shared<StreamState>();  // the default stream
    std::vector<std::unique_ptr<Stream>> living;
};

Streams& streams() {
    static auto* all = new Streams;
    return *all;
}

Stream* find_living(cudaStream_t handle) {
    for (auto& stream : streams().living) {
        if (stream.get() == handle) {
            return stream.get();
        }
    }
    return nullptr;
}

// The default stream waits for all ordinary streams, and they for it.
void add_implicit_waits(const std::shared_ptr<StreamState>& state, std::vector<Marker>& after) {
    Streams& all = streams();
    if (state == all.legacy) {
        for (auto& other : all.living) {
            if (other->state->blocking && other->state->completed < other->state->enqueued) {
                after.push_back({other->state, other->state->enqueued});
            }
        }
    } else if (state->blocking && all.legacy->completed < all.legacy->enqueued) {
        after.push_back({all.legacy, all.legacy->enqueued});
    }
}

std::vector<std::shared_ptr<StreamState>> all_states() {
    std::vector<std::shared_ptr<StreamState>> states = {streams().legacy};
    for (auto& stream : streams().living) {
        states.push_back(stream->state);
    }
    if (g_reverse) {
        std::reverse(states.begin(), states.end());
    }
    return states;
}

}  // namespace

std::shared_ptr<StreamState> find_stream(cudaStream_t handle) {
    if (!handle) {
        return streams().legacy;
    }
    Stream* stream = find_living(handle);
    return stream ? stream->state : nullptr;
}

cudaError_t enqueue(cudaStream_t handle, Work work) {
    auto state = find_stream(handle);
    if (!state) {
        return cudaErrorInvalidResourceHandle;
    }
    if (state->capture) {
        if (state->capture->invalid) {
            return cudaErrorStreamCaptureInvalidated;
        }
        state->capture->graph.nodes.push_back(std::move(work));
        state->capture->branches[state].captured++;
        return cudaSuccess;
    }
    if (!handle) {
        cudaError_t error = refuse_implicit_dependency();
        if (error != cudaSuccess) {
            return error;
        }
    }
    StreamState::Operation operation = {std::move(work), std::move(state->pending_waits)};
    state->pending_waits.clear();
    add_implicit_waits(state, operation.after);
    state->queue.push_back(std::move(operation));
    state->enqueued++;
    if (state->queue.size() > MAX_QUEUED) {
        run_until({state, state->enqueued});
    }
    return cudaSuccess;
}

// Waits always name earlier operations, so this ends.
void run_until(const Marker& marker) {
    StreamState& stream = *marker.stream;
    while (stream.completed < marker.number && !stream.queue.empty()) {
        StreamState::Operation operation = std::move(stream.queue.front());
        stream.queue.pop_front();
        uint64_t number = stream.enqueued - stream.queue.size();
        for (const Marker& earlier : operation.after) {
            run_until(earlier);
        }
        if (stream.completed >= number) {
            return;  // a failure in what it waits for emptied all queues
        }
        operation.work();  // a failure has been noted by device_failed
        stream.completed = std::max(stream.completed, number);
    }
}

cudaError_t run_stream(const std::shared_ptr<StreamState>& stream) {
    run_until({stream, stream->enqueued});
    return take_device_error();
}

cudaError_t run_all() {
    for (auto& state : all_states()) {
        run_until({state, state->enqueued});
    }
    return take_device_error();
}

void drop_all_queued() {
    for (auto& state : all_states()) {
        state->queue.clear();
        state->completed = state->enqueued;
    }
}

bool capture_active() {
    auto states = all_states();
    return std::any_of(states.begin(), states.end(), [](auto& s) { return s->capture && !s->capture->invalid; });
}

cudaError_t invalidate(const std::shared_ptr<Capture>& capture, cudaError_t error) {
    capture->invalid = true;
    return error;
}

cudaError_t refuse_unsafe_call() {
    for (auto& state : all_states()) {
        auto& capture = state->capture;
        if (!capture || capture->invalid || capture->mode == cudaStreamCaptureModeRelaxed) {
            continue;
        }
        if (capture->mode == cudaStreamCaptureModeGlobal || capture->thread == std::this_thread::get_id()) {
            return invalidate(capture, cudaErrorStreamCaptureUnsupported);
        }
    }
    return cudaSuccess;
}

cudaError_t refuse_implicit_dependency() {
    for (auto& stream : streams().living) {
        auto& state = stream->state;
        if (state->capture && !state->capture->invalid && state->blocking) {
            return invalidate(state->capture, cudaErrorStreamCaptureImplicit);
        }
    }
    return cudaSuccess;
}

}  // namespace simt

using namespace simt;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* handle, unsigned flags) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(handle && flags <= cudaStreamNonBlocking ? cudaSuccess : cudaErrorInvalidValue);
    auto stream = std::make_unique<Stream>();
    stream->state = std::make_shared<StreamState>();
    stream->state->blocking = flags != cudaStreamNonBlocking;
    *handle = stream.get();
    streams().living.push_back(std::move(stream));
    return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t* handle) { return cudaStreamCreateWithFlags(handle, cudaStreamDefault); }

// Work already in the stream is still done. The handle's memory is kept, so that its address never names a new stream.
cudaError_t cudaStreamDestroy(cudaStream_t handle) {
    Call call;
    SIMT_TRY(call.error);
    Stream* stream = find_living(handle);
    SIMT_TRY(stream ? cudaSuccess : cudaErrorInvalidResourceHandle);
    if (auto capture = std::move(stream->state->capture)) {
        capture->invalid = true;
        capture->branches.erase(stream->state);
    }
    run_until({stream->state, stream->state->enqueued});
    auto& living = streams().living;
    auto found = std::find_if(living.begin(), living.end(), [&](auto& s) { return s.get() == stream; });
    static auto* destroyed = new std::vector<std::unique_ptr<Stream>>;
    destroyed->push_back(std::move(*found));
    destroyed->back()->state.reset();
    living.erase(found);
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
    Call call;
    SIMT_TRY(call.error);
    auto state = find_stream(handle);
    SIMT_TRY(state ? cudaSuccess : cudaErrorInvalidResourceHandle);
    if (state->capture) {
        return fail(invalidate(state->capture, cudaErrorStreamCaptureUnsupported));
    }
    for (const Marker& wait : state->pending_waits) {
        run_until(wait);
    }
    if (!handle) {
        SIMT_TRY(refuse_implicit_dependency());
        std::vector<Marker> ordinary;
        add_implicit_waits(state, ordinary);
        for (const Marker& marker : ordinary) {
            run_until(marker);
        }
    }
    SIMT_TRY(run_stream(state));
    return cudaSuccess;
}

// Polling makes progress, but the first answer about unfinished work is "not yet".
cudaError_t cudaStreamQuery(cudaStream_t handle) {
    Call call;
    SIMT_TRY(call.error);
    auto state = find_stream(handle);
    SIMT_TRY(state ? cudaSuccess : cudaErrorInvalidResourceHandle);
    if (state->capture) {
        return fail(invalidate(state->capture, cudaErrorStreamCaptureUnsupported));
    }
    bool unfinished = state->completed < state->enqueued;
    SIMT_TRY(run_stream(state));
    return unfinished ? cudaErrorNotReady : cudaSuccess;
}
