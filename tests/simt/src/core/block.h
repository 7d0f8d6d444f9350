// The state of one running block: its lanes (threads), warps and shared memory, and the worker (OS thread) that runs
// it.
#pragma once

#include "fiber.h"
#include "finding.h"
#include "order.h"

#include <cuda_runtime.h>

#include <vector>

namespace simt {

struct Worker;

enum class Wait : uint8_t { none, barrier, syncwarp, shuffle, vote, ldmatrix, mma, exited };
constexpr int WAIT_KINDS = 8;

// cp.async copies of one thread. Nothing lands before the wait that covers its group: the latest moment hardware may
// choose.
struct CopyQueue {
    struct Copy {
        void* shared;
        const void* global;
        int bytes;
        int source_bytes;
    };
    std::vector<Copy> copies;
    std::vector<size_t> group_ends;  // committed groups, as ends in `copies`
    size_t landed = 0;
    size_t groups_done = 0;

    void clear() {
        copies.clear();
        group_ends.clear();
        landed = groups_done = 0;
    }
};

// Operands stay on the stacks of the lanes while those are suspended; the lane that arrives last works for all.
union Operands {
    struct {
        uint64_t value;
        int argument;
        Shuffle kind;
        int width;
    } shuffle;
    struct {
        unsigned value;
        Vote kind;
    } vote;
    struct {
        uint32_t* r;
        const void* const* rows;
        int count;
        int matrices;
        bool transposed;
    } ldmatrix;
    struct {
        Element type;
        float* d;
        const uint32_t* a;
        const uint32_t* b;
        int mi, ni, k;
    } mma;
};

struct Lane {
    uint3 thread;
    unsigned linear, warp, lane;
    Worker* worker;
    int stack;  // -1: not started
    void* stack_pointer;
    Wait wait;
    unsigned mask;
    const void* site;
    Operands operands;
    CopyQueue copies;
};

struct Warp {
    unsigned runnable;
    unsigned alive;
    unsigned epoch;                // grows with each __syncwarp: orders memory within the warp
    unsigned arrived[WAIT_KINDS];  // lanes inside each kind of collective
};

// One launch, shared by the workers that run its blocks.
struct Launch {
    dim3 grid, block;
    size_t dynamic_bytes;
    size_t shared_limit;  // for dynamic and static shared memory together
    KernelCall call;
    uint64_t serial;

    uint64_t blocks() const { return uint64_t{grid.x} * grid.y * grid.z; }
    unsigned threads() const { return block.x * block.y * block.z; }
};

struct SharedSite {
    const void* key;
    size_t offset;
    size_t bytes;
};

struct CheckState;

struct Worker {
    Worker();
    ~Worker();

    void begin_launch(const Launch& launch);
    // Runs one block; false when something was found, which is then in `finding`.
    bool run_block(uint64_t number);
    void end_launch();

    static constexpr size_t ARENA = 256 * 1024;
    static constexpr size_t RED_ZONE = 128;  // between shared arrays
    bool in_shared(const void* p, size_t bytes) const {
        return p >= arena && static_cast<const char*>(p) + bytes <= arena + ARENA;
    }
    size_t shared_offset(const void* p) const { return static_cast<size_t>(static_cast<const char*>(p) - arena); }

    const Launch* launch = nullptr;
    std::vector<Lane> lanes;
    std::vector<Warp> warps;
    unsigned threads = 0, alive = 0, arrived = 0;
    unsigned epoch = 0;  // grows with each barrier: orders memory within the block
    uint64_t block_number = 0;
    void* main_stack_pointer = nullptr;
    StackPool stacks;
    char* arena;
    std::vector<SharedSite> sites;  // static shared arrays met so far in this launch
    size_t static_bytes = 0;
    void* scratch;  // of the matrix product; too large for a fiber's stack
    bool found = false;
    Finding finding;
    CheckState* check = nullptr;
};

// The lane that runs on this OS thread, or null in host code. It is read at every checked load and store.
extern __thread Lane* t_lane __attribute__((tls_model("initial-exec")));

// Suspends the current lane, which is no longer runnable, in favour of another one.
void yield(Lane& lane);
// Records a finding and leaves the block for good.
[[noreturn]] void report(Lane& lane, cudaError_t error, const void* site, const char* format, ...)
    __attribute__((format(printf, 4, 5)));
[[noreturn]] void abandon_block(Lane& lane);

// How the checking build watches; null in the fast build.
struct CheckHooks {
    void (*block_begins)(Worker&);
    void (*block_ends)(Worker&);
    void (*shared_read)(Lane&, const void* p, size_t bytes, const void* site);
    void (*copy_issued)(Lane&, const CopyQueue::Copy&, const void* site);
    void (*copy_landed)(Lane&, const CopyQueue::Copy&);
    void (*atomic)(Lane&, const void* p, size_t bytes, const void* site);
    void (*fence)(Lane&);
    void (*barrier_reached)(Lane&);
    void (*thread_exits)(Lane&);
    // What is known about `bytes` of device memory.
    void* (*create_shadow)(size_t bytes);
    void (*destroy_shadow)(void* shadow, size_t bytes);
    CheckState* (*create)();
    void (*destroy)(CheckState*);
};
extern const CheckHooks* g_check;

#define SIMT_CALLER __builtin_return_address(0)

// A warp collective: each lane of `mask` leaves its operands and waits; the last one to arrive calls work(lanes of the
// warp, warp) for all and goes on. One switch per lane.
template <class Work>
inline void collective(Wait kind, unsigned mask, const void* site, Work&& work) {
    Lane& lane = *t_lane;
    Worker& worker = *lane.worker;
    Warp& warp = worker.warps[lane.warp];
    unsigned bit = 1u << lane.lane;
    if (!(mask & bit)) {
        report(lane, cudaErrorLaunchFailure, site, "warp collective: the mask 0x%08x does not name the calling lane",
               mask);
    }
    if (mask & ~warp.alive) {
        report(lane, cudaErrorLaunchFailure, site,
               "warp collective: the mask 0x%08x names lanes that exited or do not exist", mask);
    }
    lane.wait = kind;
    lane.mask = mask;
    lane.site = site;
    unsigned& arrived = warp.arrived[static_cast<int>(kind)];
    arrived |= bit;
    if ((arrived & mask) != mask) {
        warp.runnable &= ~bit;
        yield(lane);
        return;
    }
    Lane* lanes = &worker.lanes[lane.warp * 32];
    for (unsigned m = mask; m; m &= m - 1) {
        Lane& other = lanes[__builtin_ctz(m)];
        if (other.mask != mask) {
            report(other, cudaErrorLaunchFailure, site,
                   "warp collective: lanes disagree about the mask (0x%08x, 0x%08x)", other.mask, mask);
        }
    }
    arrived &= ~mask;
    warp.runnable |= mask;
    work(lanes, warp);
}

}  // namespace simt
