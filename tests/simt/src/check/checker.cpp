#include "checker.h"

namespace simt {
namespace {

template <class T>
bool lies_in(const char* p, const T& object) {
    return p >= reinterpret_cast<const char*>(&object) && p < reinterpret_cast<const char*>(&object + 1);
}

bool is_coordinate(const char* p) {
    return lies_in(p, threadIdx) || lies_in(p, blockIdx) || lies_in(p, blockDim) || lies_in(p, gridDim);
}

bool is_kernel_argument(const char* p, const KernelCall& call) {
    const auto* arguments = static_cast<const char*>(call.arguments.get());
    return p >= arguments && p < arguments + call.argument_bytes;
}

void block_begins(Worker& worker) {
    worker.check->shared.block_begins();
    worker.check->global.block_begins();
}

void block_ends(Worker& worker) {
    if (profiling()) {
        worker.check->profile.block_ends();
    }
}

// ldmatrix: one row of a matrix.
void shared_read(Lane& lane, const void* p, size_t bytes, const void* site) {
    if (profiling()) {
        lane.worker->check->profile.note(lane, Request::ldmatrix, p, bytes, site);
    }
    lane.worker->check->shared.read(lane, p, bytes, site);
}

void copy_issued(Lane& lane, const CopyQueue::Copy& copy, const void* site) {
    if (profiling()) {
        BlockProfile& profile = lane.worker->check->profile;
        profile.note(lane, Request::async_store, copy.shared, static_cast<size_t>(copy.bytes), site);
        profile.note(lane, Request::global_load, copy.global, static_cast<size_t>(copy.source_bytes), site);
    }
    if (copy.source_bytes > 0) {
        lane.worker->check->global.read(lane, copy.global, static_cast<size_t>(copy.source_bytes), site);
    }
    lane.worker->check->shared.copy_issued(lane, copy.shared, static_cast<size_t>(copy.bytes), site);
}

void copy_landed(Lane& lane, const CopyQueue::Copy& copy) {
    lane.worker->check->shared.copy_landed(lane, copy.shared, static_cast<size_t>(copy.bytes));
}

void atomic(Lane& lane, const void* p, size_t bytes, const void* site) {
    CheckState& check = *lane.worker->check;
    if (lane.worker->in_shared(p, bytes)) {
        check.shared.atomic(lane, p, bytes, site);
    } else {
        check.global.atomic(lane, p, bytes, site);
    }
}

void fence(Lane& lane) { lane.worker->check->global.fence(); }

// Hardware of compute capability 7 and up goes on without the exited threads; the programming guide calls it
// undefined.
void barrier_reached(Lane& lane) {
    if (lane.worker->alive < lane.worker->threads) {
        report(lane, cudaErrorLaunchFailure, lane.site, "divergent barrier: other threads exited without reaching it");
    }
}

// There is no call to point at, so the finding names the kernel.
void thread_exits(Lane& lane) {
    const void* kernel = static_cast<const char*>(lane.worker->launch->call.function) + 1;
    if (lane.copies.landed < lane.copies.copies.size()) {
        report(lane, cudaErrorLaunchFailure, kernel, "a thread exits with cp.async copies in flight");
    }
    if (lane.worker->arrived > 0 && lane.worker->arrived + 1 == lane.worker->alive) {
        report(lane, cudaErrorLaunchFailure, kernel,
               "divergent barrier: a thread exits while the others wait at __syncthreads");
    }
}

CheckState* create() { return new CheckState; }
void destroy(CheckState* state) { delete state; }

const CheckHooks HOOKS = {block_begins,
                          block_ends,
                          shared_read,
                          copy_issued,
                          copy_landed,
                          atomic,
                          fence,
                          barrier_reached,
                          thread_exits,
                          GlobalShadow::create_shadow,
                          GlobalShadow::destroy_shadow,
                          create,
                          destroy};

const bool installed = [] {
    g_check = &HOOKS;
    return true;
}();

}  // namespace

void check_access(const void* p, size_t bytes, bool write, bool natural_alignment, const void* site) {
    Lane* lane = t_lane;
    if (!lane) {
        return;
    }
    Worker& worker = *lane->worker;
    const auto* address = static_cast<const char*>(p);
    if (worker.stacks.contains(p)) {
        return;  // a local variable
    }
    if (!write && (is_coordinate(address) || is_kernel_argument(address, worker.launch->call))) {
        return;
    }
    if (natural_alignment && (reinterpret_cast<size_t>(p) & (bytes - 1))) {
        report(*lane, cudaErrorMisalignedAddress, site, "misaligned %s of %zu bytes", write ? "write" : "read", bytes);
    }
    CheckState& check = *worker.check;
    bool shared = worker.in_shared(p, bytes);
    if (profiling()) {
        Request kind = shared ? (write ? Request::shared_store : Request::shared_load)
                              : (write ? Request::global_store : Request::global_load);
        check.profile.note(*lane, kind, p, bytes, site);
    }
    if (shared) {
        write ? check.shared.write(*lane, p, bytes, site) : check.shared.read(*lane, p, bytes, site);
    } else {
        write ? check.global.write(*lane, p, bytes, site) : check.global.read(*lane, p, bytes, site);
    }
}

}  // namespace simt
