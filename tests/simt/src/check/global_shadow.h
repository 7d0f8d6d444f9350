// What is known about device memory: the living allocations, and which block touched each pair of bytes in this
// launch. Blocks of one launch run in any order, so one must not touch what another one writes (atomics apart).
#pragma once

#include "core/block.h"

#include <atomic>

namespace simt {

class GlobalShadow {
public:
    void launch_begins();
    void block_begins() { fenced_ = false; }
    static void* create_shadow(size_t bytes);
    static void destroy_shadow(void* shadow, size_t bytes);

    // After a __threadfence the block may read what others published through an atomic.
    void fence() { fenced_ = true; }

    void read(Lane& lane, const void* p, size_t bytes, const void* site);
    void write(Lane& lane, const void* p, size_t bytes, const void* site);
    void atomic(Lane& lane, const void* p, size_t bytes, const void* site);

private:
    // Launch, block and thread in one word, so that workers may look while others write.
    struct Cell {
        std::atomic<uint64_t> written;
        std::atomic<uint64_t> read;
    };
    struct Known {
        const char* start;
        size_t bytes;
        Cell* cells;  // null for constants in the program
    };

    const Known& find(Lane& lane, const void* p, size_t bytes, const char* what, const void* site);
    bool is_other_block(uint64_t stamp, uint64_t now) const;

    Known known_[8] = {};  // recently used allocations
    unsigned next_ = 0;
    uint64_t serial_ = 0;
    bool fenced_ = false;
};

}  // namespace simt
