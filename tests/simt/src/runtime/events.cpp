#include "runtime.h"

#include <chrono>

namespace simt {

// The part of an event that queued operations refer to.
struct EventTime {
    double milliseconds = 0;
    bool reached = false;
};

struct Event {
    bool timing = true;
    Marker recorded;                  // stream is null before the first record
    std::shared_ptr<EventTime> time;  // of the latest record
    std::weak_ptr<Capture> capture;   // when it was recorded in a stream that was being captured
    std::shared_ptr<StreamState> captured_stream;
    uint64_t captured_number = 0;
};

namespace {

std::vector<std::unique_ptr<Event>>& living_events() {
    static auto* all = new std::vector<std::unique_ptr<Event>>;
    return *all;
}

bool is_living(cudaEvent_t event) {
    for (auto& other : living_events()) {
        if (other.get() == event) {
            return true;
        }
    }
    return false;
}

double now_in_milliseconds() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// A captured event belongs to the graph: it cannot be waited for or asked by the host.
cudaError_t check_waitable(cudaEvent_t event) {
    if (!is_living(event)) {
        return cudaErrorInvalidResourceHandle;
    }
    auto capture = event->capture.lock();
    return capture ? invalidate(capture, cudaErrorCapturedEvent) : cudaSuccess;
}

// Recording in a stream under capture marks a place in its branch.
cudaError_t record_in_capture(Event& event, const std::shared_ptr<StreamState>& stream) {
    event.capture = stream->capture;
    event.captured_stream = stream;
    event.captured_number = stream->capture->branches[stream].captured;
    return cudaSuccess;
}

// Waiting for a captured event draws the waiting stream into the capture and joins the branch of the event.
cudaError_t wait_in_capture(Event& event, const std::shared_ptr<Capture>& capture,
                            const std::shared_ptr<StreamState>& stream) {
    if (stream->capture && stream->capture != capture) {
        return invalidate(capture, cudaErrorStreamCaptureIsolation);
    }
    if (!stream->capture) {
        stream->capture = capture;
        capture->branches[stream].captured = 1;  // a branch without operations must be joined too
    }
    auto& branch = capture->branches[event.captured_stream];
    if (event.captured_stream != stream) {
        branch.joined = std::max(branch.joined, event.captured_number);
    }
    return cudaSuccess;
}

}  // namespace
}  // namespace simt

using namespace simt;

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* handle, unsigned flags) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(handle && flags <= (cudaEventBlockingSync | cudaEventDisableTiming) ? cudaSuccess
                                                                                 : cudaErrorInvalidValue);
    auto event = std::make_unique<Event>();
    event->timing = !(flags & cudaEventDisableTiming);
    *handle = event.get();
    living_events().push_back(std::move(event));
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* handle) { return cudaEventCreateWithFlags(handle, cudaEventDefault); }

cudaError_t cudaEventDestroy(cudaEvent_t handle) {
    Call call;
    SIMT_TRY(call.error);
    auto& living = living_events();
    for (size_t i = 0; i < living.size(); i++) {
        if (living[i].get() == handle) {
            living.erase(living.begin() + static_cast<ptrdiff_t>(i));
            return cudaSuccess;
        }
    }
    return fail(cudaErrorInvalidResourceHandle);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
    Call call;
    SIMT_TRY(call.error);
    auto stream = find_stream(handle);
    SIMT_TRY(stream && is_living(event) ? cudaSuccess : cudaErrorInvalidResourceHandle);
    if (stream->capture) {
        SIMT_TRY(stream->capture->invalid ? cudaErrorStreamCaptureInvalidated : cudaSuccess);
        return record_in_capture(*event, stream);
    }
    auto time = std::make_shared<EventTime>();
    SIMT_TRY(enqueue(handle, [time] {
        time->milliseconds = now_in_milliseconds();
        time->reached = true;
        return cudaSuccess;
    }));
    event->capture.reset();
    event->time = time;
    event->recorded = {stream, stream->enqueued};
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned) {
    Call call;
    SIMT_TRY(call.error);
    auto stream = find_stream(handle);
    SIMT_TRY(stream && is_living(event) ? cudaSuccess : cudaErrorInvalidResourceHandle);
    if (auto capture = event->capture.lock()) {
        SIMT_TRY(wait_in_capture(*event, capture, stream));
        return cudaSuccess;
    }
    if (stream->capture) {
        return fail(invalidate(stream->capture, cudaErrorStreamCaptureIsolation));
    }
    if (event->recorded.stream) {
        stream->pending_waits.push_back(event->recorded);
    }
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(check_waitable(event));
    if (event->recorded.stream) {
        run_until(event->recorded);
    }
    SIMT_TRY(take_device_error());
    return cudaSuccess;
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(check_waitable(event));
    if (!event->recorded.stream) {
        return cudaSuccess;
    }
    bool unfinished = event->recorded.stream->completed < event->recorded.number;
    run_until(event->recorded);
    SIMT_TRY(take_device_error());
    return unfinished ? cudaErrorNotReady : cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to) {
    Call call;
    SIMT_TRY(call.error);
    SIMT_TRY(milliseconds ? cudaSuccess : cudaErrorInvalidValue);
    SIMT_TRY(check_waitable(from));
    SIMT_TRY(check_waitable(to));
    bool usable = from->timing && to->timing && from->time && to->time;
    SIMT_TRY(usable ? cudaSuccess : cudaErrorInvalidResourceHandle);
    if (!from->time->reached || !to->time->reached) {
        return cudaErrorNotReady;
    }
    *milliseconds = static_cast<float>(to->time->milliseconds - from->time->milliseconds);
    return cudaSuccess;
}
