// Order of work in streams, capture and replay, and what is forbidden while capturing.
#include "self_test.h"

#include <functional>

using namespace self_test;

namespace {

__global__ void __launch_bounds__(32) increment(int* p) {
    if (threadIdx.x == 0) {
        *p += 1;
    }
}
__global__ void __launch_bounds__(32) copy_value(int* to, const int* from) {
    if (threadIdx.x == 0) {
        *to = *from;
    }
}

template <class... Parameters, class... Arguments>
cudaError_t launch_on(cudaStream_t stream, void (*kernel)(Parameters...), Arguments... arguments) {
    cudaLaunchConfig_t config = {};
    config.gridDim = 1;
    config.blockDim = 32;
    config.stream = stream;
    return cudaLaunchKernelEx(&config, kernel, arguments...);
}

void expect_equal(const std::string& name, int found, int expected) {
    expect(found == expected, name, "expected " + std::to_string(expected) + ", found " + std::to_string(found));
}

// Two streams, an event, pinned memory.
struct Scene {
    cudaStream_t first = nullptr, second = nullptr;
    cudaEvent_t event = nullptr, back = nullptr;
    DeviceArray<int> a{1}, b{1};
    int* pinned = nullptr;

    Scene() {
        cudaStreamCreateWithFlags(&first, cudaStreamNonBlocking);
        cudaStreamCreateWithFlags(&second, cudaStreamNonBlocking);
        cudaEventCreate(&event);
        cudaEventCreate(&back);
        cudaMallocHost(&pinned, sizeof(int));
        *pinned = -1;
        cudaDeviceSynchronize();
    }
    ~Scene() {
        cudaStreamDestroy(first);
        cudaStreamDestroy(second);
        cudaEventDestroy(event);
        cudaEventDestroy(back);
        cudaFreeHost(pinned);
        cudaGetLastError();
    }
};

void work_is_deferred() {
    Scene s;
    launch_on(s.first, increment, s.a.get());
    cudaMemcpyAsync(s.pinned, s.a.get(), sizeof(int), cudaMemcpyDeviceToHost, s.first);
    expect_equal("read before waiting", *s.pinned, -1);
    cudaStreamSynchronize(s.first);
    expect_equal("read after waiting", *s.pinned, 1);
    int host = 5;
    cudaMemcpyAsync(s.a.get(), &host, sizeof host, cudaMemcpyHostToDevice, s.first);
    host = 6;
    cudaStreamSynchronize(s.first);
    expect_equal("pageable upload is staged", s.a[0], 5);
    *s.pinned = 7;
    cudaMemcpyAsync(s.a.get(), s.pinned, sizeof(int), cudaMemcpyHostToDevice, s.first);
    *s.pinned = 8;
    cudaStreamSynchronize(s.first);
    expect_equal("pinned upload reads late", s.a[0], 8);
}

void events_order_streams() {
    Scene s;
    launch_on(s.first, increment, s.a.get());
    launch_on(s.second, copy_value, s.b.get(), static_cast<const int*>(s.a.get()));
    cudaStreamSynchronize(s.second);
    expect_equal("missing event", s.b[0], 0);
    launch_on(s.first, increment, s.a.get());
    cudaEventRecord(s.event, s.first);
    cudaStreamWaitEvent(s.second, s.event);
    launch_on(s.second, copy_value, s.b.get(), static_cast<const int*>(s.a.get()));
    cudaStreamSynchronize(s.second);
    expect_equal("event between streams", s.b[0], 2);
    cudaStream_t blocking = nullptr;
    cudaStreamCreate(&blocking);
    launch_on(blocking, increment, s.a.get());
    launch_on(nullptr, copy_value, s.b.get(), static_cast<const int*>(s.a.get()));
    cudaStreamSynchronize(nullptr);
    expect_equal("the default stream waits for ordinary streams", s.b[0], 3);
    cudaStreamDestroy(blocking);
}

void graphs_replay() {
    Scene s;
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t exec = nullptr;
    cudaStreamBeginCapture(s.first, cudaStreamCaptureModeThreadLocal);
    cudaMemsetAsync(s.b.get(), 0, sizeof(int), s.first);
    launch_on(s.first, increment, s.a.get());
    cudaEventRecord(s.event, s.first);
    cudaStreamWaitEvent(s.second, s.event);
    launch_on(s.second, increment, s.b.get());
    cudaEventRecord(s.back, s.second);
    cudaStreamWaitEvent(s.first, s.back);
    cudaMemcpyAsync(s.pinned, s.a.get(), sizeof(int), cudaMemcpyDeviceToHost, s.first);
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    cudaStreamIsCapturing(s.second, &status);
    expect_equal("the second stream joined the capture", status, cudaStreamCaptureStatusActive);
    expect_equal("end of capture", cudaStreamEndCapture(s.first, &graph), cudaSuccess);
    expect_equal("capture runs nothing", s.a[0], 0);
    expect_equal("instantiate", cudaGraphInstantiate(&exec, graph), cudaSuccess);
    cudaGraphDestroy(graph);
    for (int i = 0; i < 3; i++) {
        cudaGraphLaunch(exec, s.first);
    }
    cudaGraphExecDestroy(exec);
    cudaStreamSynchronize(s.first);
    expect_equal("three replays", s.a[0], 3);
    expect_equal("each replay clears first", s.b[0], 1);
    expect_equal("the copy is part of the graph", *s.pinned, 3);
    expect_equal("launch of a destroyed graph", cudaGraphLaunch(exec, s.first), cudaErrorInvalidValue);
}

// Runs `call` during a capture: it must give `expected`, and spoil the capture unless that is success.
void during_capture(const std::string& name, cudaError_t expected, const std::function<cudaError_t(Scene&)>& call) {
    Scene s;
    cudaStreamBeginCapture(s.first, cudaStreamCaptureModeGlobal);
    launch_on(s.first, increment, s.a.get());
    expect_equal(name + " while capturing", call(s), expected);
    cudaGraph_t graph = nullptr;
    cudaError_t end = cudaStreamEndCapture(s.first, &graph);
    expect_equal(name + ": end of the capture", end,
                 expected == cudaSuccess ? cudaSuccess : cudaErrorStreamCaptureInvalidated);
    if (graph) {
        cudaGraphDestroy(graph);
    }
    cudaGetLastError();
}

void calls_during_capture() {
    during_capture("a launch", cudaSuccess, [](Scene& s) { return launch_on(s.first, increment, s.a.get()); });
    during_capture("work in another stream", cudaSuccess,
                   [](Scene& s) { return launch_on(s.second, increment, s.b.get()); });
    auto unsupported = cudaErrorStreamCaptureUnsupported;
    during_capture("cudaStreamSynchronize", unsupported, [](Scene& s) { return cudaStreamSynchronize(s.first); });
    during_capture("cudaStreamQuery", unsupported, [](Scene& s) { return cudaStreamQuery(s.first); });
    during_capture("cudaDeviceSynchronize", unsupported, [](Scene&) { return cudaDeviceSynchronize(); });
    during_capture("cudaMalloc", unsupported, [](Scene&) {
        void* p = nullptr;
        return cudaMalloc(&p, 4);
    });
    during_capture("cudaFree", unsupported, [](Scene& s) { return cudaFree(s.b.get()); });
    during_capture("cudaMallocHost", unsupported, [](Scene&) {
        void* p = nullptr;
        return cudaMallocHost(&p, 4);
    });
    during_capture("cudaMemcpy", unsupported,
                   [](Scene& s) { return cudaMemcpy(s.a.get(), s.b.get(), 4, cudaMemcpyDeviceToDevice); });
    during_capture("a copy from pageable memory", unsupported, [](Scene& s) {
        int host = 0;
        return cudaMemcpyAsync(s.a.get(), &host, 4, cudaMemcpyHostToDevice, s.first);
    });
    during_capture("waiting for a captured event", cudaErrorCapturedEvent, [](Scene& s) {
        cudaEventRecord(s.event, s.first);
        return cudaEventSynchronize(s.event);
    });
    during_capture("waiting for an event from outside", cudaErrorStreamCaptureIsolation, [](Scene& s) {
        cudaEventRecord(s.event, s.second);
        return cudaStreamWaitEvent(s.first, s.event);
    });
}

void capture_mistakes() {
    Scene s;
    cudaGraph_t graph = nullptr;
    expect_equal("capture of the default stream", cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeGlobal),
                 cudaErrorStreamCaptureUnsupported);
    expect_equal("end without begin", cudaStreamEndCapture(s.first, &graph), cudaErrorInvalidValue);
    cudaStreamBeginCapture(s.first, cudaStreamCaptureModeRelaxed);
    expect_equal("begin twice", cudaStreamBeginCapture(s.first, cudaStreamCaptureModeRelaxed), cudaErrorInvalidValue);
    cudaEventRecord(s.event, s.first);
    cudaStreamWaitEvent(s.second, s.event);
    launch_on(s.second, increment, s.b.get());
    expect_equal("end in the wrong stream", cudaStreamEndCapture(s.second, &graph), cudaErrorStreamCaptureUnmatched);
    expect_equal("a branch that is not joined", cudaStreamEndCapture(s.first, &graph), cudaErrorStreamCaptureUnjoined);
    cudaStream_t ordinary = nullptr;
    cudaStreamCreate(&ordinary);
    cudaStreamBeginCapture(ordinary, cudaStreamCaptureModeRelaxed);
    expect_equal("default stream during a capture", launch_on(nullptr, increment, s.a.get()),
                 cudaErrorStreamCaptureImplicit);
    cudaStreamEndCapture(ordinary, &graph);
    cudaStreamDestroy(ordinary);
    cudaStreamBeginCapture(s.first, cudaStreamCaptureModeRelaxed);
    void* p = nullptr;
    expect_equal("allocation in relaxed mode", cudaMalloc(&p, 4), cudaSuccess);
    cudaStreamEndCapture(s.first, &graph);
    cudaGraphDestroy(graph);
    cudaFree(p);
}

void events_measure_time() {
    Scene s;
    cudaEventRecord(s.event, s.first);
    launch_on(s.first, increment, s.a.get());
    cudaEventRecord(s.back, s.first);
    cudaEventSynchronize(s.back);
    float ms = -1;
    cudaEventElapsedTime(&ms, s.event, s.back);
    expect(ms > 0 && ms < 1e4f, "elapsed time", std::to_string(ms));
}

}  // namespace

void self_test::streams_and_graphs() {
    work_is_deferred();
    events_order_streams();
    graphs_replay();
    calls_during_capture();
    capture_mistakes();
    events_measure_time();
}
