#include "worker_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace simt {
namespace {

unsigned worker_count() {
    const char* wanted = getenv("DAGUERRE_EMULATED_THREADS");
    int n = wanted ? atoi(wanted) : 0;
    return n > 0 ? static_cast<unsigned>(n) : std::clamp(std::thread::hardware_concurrency(), 1u, 16u);
}

class WorkerPool {
public:
    WorkerPool() {
        for (unsigned i = 1; i < worker_count(); i++) {
            std::thread([this] { help(); }).detach();
            helpers_++;
        }
    }

    LaunchResult run(const Launch& launch) {
        launch_ = &launch;
        next_block_ = 0;
        result_ = {};
        // Waking a helper costs a few microseconds: not for a single block.
        bool alone = launch.blocks() == 1 || helpers_ == 0;
        if (!alone) {
            std::lock_guard<std::mutex> lock(mutex_);
            busy_ = helpers_;
            generation_++;
            wake_.notify_all();
        }
        work(caller_);
        if (!alone) {
            std::unique_lock<std::mutex> lock(mutex_);
            done_.wait(lock, [this] { return busy_ == 0; });
        }
        return std::move(result_);
    }

private:
    void work(Worker& worker) {
        worker.begin_launch(*launch_);
        uint64_t total = launch_->blocks();
        // Blocks are started in order, so all below a failing one are already running: the finding of the lowest block
        // is reported, whatever the number of workers.
        for (uint64_t block; (block = next_block_.fetch_add(1)) < total;) {
            if (!worker.run_block(block)) {
                next_block_ = total;
                keep(worker.finding);
                worker.finding = {};
            }
        }
        std::lock_guard<std::mutex> lock(mutex_);
        result_.static_shared_bytes = std::max(result_.static_shared_bytes, worker.static_bytes);
        worker.end_launch();
    }

    void keep(const Finding& finding) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (!result_.finding || finding.block_number < result_.finding->block_number) {
            result_.finding = finding;
        }
    }

    void help() {
        Worker worker;
        unsigned seen = 0;
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return generation_ != seen; });
            seen = generation_;
            lock.unlock();
            work(worker);
            lock.lock();
            if (--busy_ == 0) {
                done_.notify_all();
            }
        }
    }

    Worker caller_;
    unsigned helpers_ = 0;
    std::mutex mutex_;
    std::condition_variable wake_, done_;
    unsigned generation_ = 0, busy_ = 0;
    const Launch* launch_ = nullptr;
    std::atomic<uint64_t> next_block_{0};
    LaunchResult result_;
};

}  // namespace

LaunchResult run(const Launch& launch) {
    static auto* pool = new WorkerPool;  // never destroyed: its threads may outlive main
    return pool->run(launch);
}

}  // namespace simt
