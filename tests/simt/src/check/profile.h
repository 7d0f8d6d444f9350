// One worker's part of the profile (simt/profile.h): the accesses of the block that runs.
#pragma once

#include "core/block.h"

#include <unordered_map>
#include <vector>

namespace simt {

enum class Request : uint8_t { ldmatrix, async_store, shared_load, shared_store, global_load, global_store };
constexpr int REQUESTS = 6;

class BlockProfile {
public:
    void note(const Lane& lane, Request kind, const void* p, size_t bytes, const void* site);
    // Groups what was noted into requests and adds them up.
    void block_ends();

private:
    struct Access {
        uintptr_t address;
        uintptr_t site;  // of the first part
        uint32_t pass;   // how often the lane came by before
        uint16_t thread;
        uint16_t bytes;
        Request kind;
        uintptr_t last_site;
    };
    struct Last {
        size_t index = SIZE_MAX;
    };

    bool joins_last(const Access& last, Request kind, uintptr_t address, size_t bytes, uintptr_t site) const;

    std::vector<Access> accesses_;
    std::vector<Last> last_of_thread_;
    std::unordered_map<uint64_t, uint32_t> passes_;
};

bool profiling();

}  // namespace simt
