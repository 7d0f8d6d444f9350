// What is known about each byte of a worker's shared memory: who wrote and read it since the last barrier, whether it
// was ever written in this block, whether a cp.async to it is in flight.
#pragma once

#include "core/block.h"

namespace simt {

class SharedShadow {
public:
    SharedShadow();
    ~SharedShadow();
    SharedShadow(const SharedShadow&) = delete;
    SharedShadow& operator=(const SharedShadow&) = delete;

    void block_begins() { block_++; }
    void read(Lane& lane, const void* p, size_t bytes, const void* site);
    void write(Lane& lane, const void* p, size_t bytes, const void* site);
    // Atomics order themselves among each other, so only bounds and initialisation are checked.
    void atomic(Lane& lane, const void* p, size_t bytes, const void* site);
    void copy_issued(Lane& lane, const void* p, size_t bytes, const void* site);
    void copy_landed(Lane& lane, const void* p, size_t bytes);

private:
    struct Access {
        uint32_t epoch;  // of the block's barriers
        uint16_t thread;
        uint16_t warp_epoch;  // of the warp's __syncwarp
    };
    struct Cell {
        Access written;
        Access read;
        uint32_t written_in_block;  // serial of the block that last wrote this byte
        uint32_t flying_in_block;   // serial of the block with a cp.async under way, or 0
        bool many_readers;          // more than one thread read it in read.epoch
        bool many_warps;
    };

    Cell* cells_at(Lane& lane, const void* p, size_t bytes, const char* what, const void* site);
    void check_overwrite(Lane& lane, const Cell& cell, const void* site) const;
    // Whether that access happened before now, seen from this lane.
    static bool is_ordered(const Lane& lane, const Access& access);
    static bool readers_are_ordered(const Lane& lane, const Cell& cell);
    static Access access_now(const Lane& lane);

    Cell* cells_;
    uint32_t block_ = 0;
};

}  // namespace simt
