// The state behind the emulated runtime API. One lock guards all of it; every entry point takes it through Call.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace simt {

struct StreamState;
struct Capture;

// ---- errors --------------------------------------------------------------------------------------------------------

// Remembers the error for cudaGetLastError and returns it.
cudaError_t fail(cudaError_t error);
// An error of device code: reported by the next call that waits; `text` is what cudaGetErrorString will say.
void device_failed(cudaError_t error, const std::string& text);
// The error of device code that is due, if any; once, unless DAGUERRE_EMULATED_STICKY is set.
cudaError_t take_device_error();

// The lock of one API call. `error` is what every call must return at once: a simulated driver error or a sticky
// failure.
class Call {
public:
    Call();
    cudaError_t error;

private:
    std::lock_guard<std::recursive_mutex> lock_;
};

// Turns `expression` into an early return on error.
#define SIMT_TRY(expression)                                        \
    if (cudaError_t error_ = (expression); error_ != cudaSuccess) { \
        return ::simt::fail(error_);                                \
    }

// ---- streams -------------------------------------------------------------------------------------------------------

using Work = std::function<cudaError_t()>;

// "Everything in `stream` up to operation `number`."
struct Marker {
    std::shared_ptr<StreamState> stream;
    uint64_t number = 0;
};

// Operations run only when someone waits for them: the latest moment a real device may choose, so that a host which
// reads too early, or a missing event between two streams, shows.
struct StreamState {
    struct Operation {
        Work work;
        std::vector<Marker> after;
    };

    bool blocking = true;  // ordered with the default stream
    std::deque<Operation> queue;
    uint64_t enqueued = 0;
    uint64_t completed = 0;
    std::vector<Marker> pending_waits;  // of cudaStreamWaitEvent, for the next operation
    std::shared_ptr<Capture> capture;
};

// The state behind a handle (null is the default stream), or null for a handle that is not alive.
std::shared_ptr<StreamState> find_stream(cudaStream_t stream);
// Appends to the stream, or to the graph it is being captured into.
cudaError_t enqueue(cudaStream_t stream, Work work);
void run_until(const Marker& marker);
// Runs everything that is queued; returns the error of device code that is due.
cudaError_t run_all();
cudaError_t run_stream(const std::shared_ptr<StreamState>& stream);
void drop_all_queued();

// ---- capture -------------------------------------------------------------------------------------------------------

struct Graph {
    std::vector<Work> nodes;  // in the order of capture, which is one of the orders the edges allow
};

struct Capture {
    struct Branch {
        uint64_t captured = 0;  // operations of this stream
        uint64_t joined = 0;    // of which another branch waits for the first `joined`
    };

    Graph graph;
    std::shared_ptr<StreamState> origin;
    std::map<std::shared_ptr<StreamState>, Branch> branches;
    cudaStreamCaptureMode mode;
    std::thread::id thread;
    bool invalid = false;
};

bool capture_active();
// The error for a call that may wait or allocate, while a capture forbids such calls; it also spoils that capture.
cudaError_t refuse_unsafe_call();
// The error for using the default stream while an ordinary stream is being captured.
cudaError_t refuse_implicit_dependency();
cudaError_t invalidate(const std::shared_ptr<Capture>& capture, cudaError_t error);

// ---- memory --------------------------------------------------------------------------------------------------------

enum class Home { device, pinned, pageable };

struct Range {
    char* start;
    size_t bytes;
    bool freed;
    void* shadow;  // of the checking build
};

Home home_of(const void* p);
// Whether [p, p + bytes) lies in one living device allocation.
bool is_device_range(const void* p, size_t bytes);
size_t device_memory_bytes();

// ---- kernels -------------------------------------------------------------------------------------------------------

constexpr size_t DEFAULT_SHARED_LIMIT = 48 * 1024;
// That of the smallest listed architectures (sm_86, sm_89, sm_120): what fits there fits everywhere.
constexpr size_t OPTIN_SHARED_LIMIT = 99 * 1024;
constexpr int MAX_THREADS_PER_BLOCK = 1024;
// Without a launch bound the compiler may use 255 registers per thread, and a block has 65536.
constexpr int MAX_THREADS_WITHOUT_BOUND = 256;

// The kernel's __launch_bounds__, or 0.
int launch_bound(const void* function);

}  // namespace simt
