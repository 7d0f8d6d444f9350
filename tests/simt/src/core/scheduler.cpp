// Runs the lanes of a block as fibers of one OS thread.
#include "block.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

__thread uint3 threadIdx __attribute__((tls_model("initial-exec")));
__thread uint3 blockIdx __attribute__((tls_model("initial-exec")));
__thread uint3 blockDim __attribute__((tls_model("initial-exec")));
__thread uint3 gridDim __attribute__((tls_model("initial-exec")));

namespace simt {

__thread Lane* t_lane __attribute__((tls_model("initial-exec")));
const CheckHooks* g_check = nullptr;

// Each order alone can hide a missing barrier: one runs producers before consumers, the other the reverse.
const bool g_reverse = [] {
    const char* order = getenv("DAGUERRE_EMULATED_ORDER");
    return order && strcmp(order, "reverse") == 0;
}();

namespace {

Lane* first_runnable(Worker& worker, unsigned warp) {
    unsigned runnable = worker.warps[warp].runnable;
    if (!runnable) {
        return nullptr;
    }
    return &worker.lanes[warp * 32 + (g_reverse ? 31 - __builtin_clz(runnable) : __builtin_ctz(runnable))];
}

// The next lane of the same warp, cyclically; when the warp is blocked, the next warp.
Lane* next_runnable(Worker& worker, const Lane& lane) {
    unsigned runnable = worker.warps[lane.warp].runnable;
    if (runnable) {
        unsigned ahead = g_reverse ? runnable & ((1u << lane.lane) - 1)
                                   : (lane.lane < 31 ? runnable & ~((2u << lane.lane) - 1) : 0);
        unsigned from = ahead ? ahead : runnable;
        return &worker.lanes[lane.warp * 32 + (g_reverse ? 31 - __builtin_clz(from) : __builtin_ctz(from))];
    }
    auto count = static_cast<unsigned>(worker.warps.size());
    for (unsigned i = 1; i < count; i++) {
        Lane* next = first_runnable(worker, (lane.warp + (g_reverse ? count - i : i)) % count);
        if (next) {
            return next;
        }
    }
    return nullptr;
}

const char* describe(Wait wait) {
    static const char* const names[WAIT_KINDS] = {
        "is running",      "waits at __syncthreads", "waits at __syncwarp", "waits at a shuffle",
        "waits at a vote", "waits at ldmatrix",      "waits at mma",        "has exited"};
    return names[static_cast<int>(wait)];
}

[[noreturn]] void report_deadlock(Lane& lane) {
    Worker& worker = *lane.worker;
    const Lane* previous = nullptr;
    worker.finding.waiters.clear();
    for (const Lane& other : worker.lanes) {
        bool same_place = previous && previous->wait == other.wait && previous->site == other.site;
        if (!same_place && worker.finding.waiters.size() < 4) {
            worker.finding.waiters.push_back(
                {other.thread, describe(other.wait), other.wait == Wait::exited ? nullptr : other.site});
            previous = &other;
        }
    }
    report(lane, cudaErrorLaunchFailure, nullptr,
           "deadlock: a barrier or warp collective that not all its threads reach");
}

void release_barrier(Worker& worker) {
    worker.arrived = 0;
    worker.epoch++;
    for (Warp& warp : worker.warps) {
        warp.runnable |= warp.alive;
    }
}

void make_current(Lane& lane) {
    t_lane = &lane;
    threadIdx = lane.thread;
}

void lane_main();

void resume(void** from, Lane& next) {
    if (next.stack < 0) {
        next.stack = next.worker->stacks.take();
        next.stack_pointer = next.worker->stacks.prepare(next.stack, lane_main);
    }
    make_current(next);
    simt_switch(from, next.stack_pointer);
}

// The lane has returned from the kernel; the next one to run, or null when the block is complete.
Lane* retire(Lane& lane) {
    Worker& worker = *lane.worker;
    if (g_check) {
        g_check->thread_exits(lane);
    }
    Warp& warp = worker.warps[lane.warp];
    lane.wait = Wait::exited;
    warp.runnable &= ~(1u << lane.lane);
    warp.alive &= ~(1u << lane.lane);
    if (--worker.alive == 0) {
        return nullptr;
    }
    if (worker.arrived == worker.alive) {
        release_barrier(worker);
    }
    Lane* next = next_runnable(worker, lane);
    if (!next) {
        report_deadlock(lane);
    }
    return next;
}

// The bottom of every fiber. A lane that was not started yet continues on the stack of the one that just returned, so
// a kernel that never waits runs as a plain loop over its threads.
void lane_main() {
    for (;;) {
        Lane& lane = *t_lane;
        Worker& worker = *lane.worker;
        const KernelCall& call = worker.launch->call;
        call.run_thread(call.arguments.get());
        Lane* next = retire(lane);
        void* discarded;
        if (!next) {
            simt_switch(&discarded, worker.main_stack_pointer);
        } else if (next->stack < 0) {
            next->stack = lane.stack;
            make_current(*next);
        } else {
            worker.stacks.give_back(lane.stack);
            resume(&discarded, *next);
        }
    }
}

}  // namespace

void yield(Lane& lane) {
    Lane* next = next_runnable(*lane.worker, lane);
    if (!next) {
        report_deadlock(lane);
    }
    resume(&lane.stack_pointer, *next);
}

void syncthreads() {
    Lane& lane = *t_lane;
    Worker& worker = *lane.worker;
    lane.wait = Wait::barrier;
    lane.site = SIMT_CALLER;
    if (g_check) {
        g_check->barrier_reached(lane);
    }
    if (++worker.arrived == worker.alive) {
        release_barrier(worker);
        return;
    }
    worker.warps[lane.warp].runnable &= ~(1u << lane.lane);
    yield(lane);
}

void abandon_block(Lane& lane) {
    Worker& worker = *lane.worker;
    worker.found = true;
    worker.finding.block_number = worker.block_number;
    worker.finding.block = blockIdx;
    worker.finding.thread = lane.thread;
    void* discarded;
    simt_switch(&discarded, worker.main_stack_pointer);
    __builtin_unreachable();
}

void report(Lane& lane, cudaError_t error, const void* site, const char* format, ...) {
    Finding& finding = lane.worker->finding;
    finding.error = error;
    finding.site = site;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding.what, sizeof finding.what, format, arguments);
    va_end(arguments);
    abandon_block(lane);
}

bool Worker::run_block(uint64_t number) {
    block_number = number;
    blockIdx = {static_cast<unsigned>(number % launch->grid.x),
                static_cast<unsigned>(number / launch->grid.x % launch->grid.y),
                static_cast<unsigned>(number / launch->grid.x / launch->grid.y)};
    alive = threads;
    arrived = 0;
    epoch++;
    found = false;
    stacks.reset();
    memset(arena, 0xff, launch->dynamic_bytes);  // NaN as f16, bf16 and f32
    for (const SharedSite& site : sites) {
        memset(arena + site.offset, 0xff, site.bytes);
    }
    for (unsigned w = 0; w < warps.size(); w++) {
        unsigned lanes_here = threads - w * 32;
        unsigned mask = lanes_here >= 32 ? ~0u : (1u << lanes_here) - 1;
        warps[w] = Warp{mask, mask, warps[w].epoch + 1, {}};
    }
    for (Lane& lane : lanes) {
        lane.stack = -1;
        lane.wait = Wait::none;
        lane.site = nullptr;
        if (!lane.copies.copies.empty() || !lane.copies.group_ends.empty()) {
            lane.copies.clear();
        }
    }
    if (g_check) {
        g_check->block_begins(*this);
    }
    resume(&main_stack_pointer, lanes[g_reverse ? threads - 1 : 0]);
    t_lane = nullptr;
    if (g_check) {
        g_check->block_ends(*this);
    }
    return !found;
}

}  // namespace simt
