// arena.h - the engine's memory: a best-fit cache of cudaMalloc segments.
//
// SEGMENTS  Requests up to 1 MiB share segments of 2 MiB; larger ones share segments of 64 MiB or get one of their own
//           size. Blocks are split on allocation and merged with free neighbours on release.
// REPEAT    The choice of a block depends only on the history of calls (size, then age of the segment, then offset),
//           never on what addresses the driver returned: the same calls from the same state give the same addresses.
// ORDER     All work runs on one stream, so a released block can be handed out at once: its next user is queued after
//           its last one.
// GRAPHS    Blocks handed out while a graph is recorded belong to that graph until it is freed: released ones serve
//           later requests of the same recording only. The recording takes free blocks of the common cache first, so a
//           run before it pays for it.
// LIMIT     When the limit or the device's memory is reached, unused segments go back to the device and the request is
//           tried again; then it fails with DG_ERROR_MEMORY, and everything else stays as it was.
// DIRECT    Option arena=direct gives each block its own cudaMalloc, so that memory checkers see overruns and use after
//           release.
#ifndef DAGUERRE_GPU_ARENA_H
#define DAGUERRE_GPU_ARENA_H

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "gpu/stream.h"

namespace dg {

class Arena {
public:
    static constexpr int64_t COMMON = 0;  // owner of blocks that belong to no graph

    // limit: most bytes to reserve, 0 for no limit but the device's.
    Arena(Stream& stream, int64_t limit, bool direct);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // counted: whether the block counts as live (false for scratch memory inside one operation).
    void* allocate(int64_t bytes, bool counted = true);
    void release(void* address);
    void trim();

    // Blocks allocated from now on belong to this owner.
    void set_owner(int64_t owner) { owner_ = owner; }
    // Gives all blocks of a graph to the common cache; those still in use stay in use.
    void disown(int64_t owner);

    // Whether [address, address + bytes) lies inside one block that is handed out.
    bool contains(int64_t address, int64_t bytes) const;

    int64_t live_bytes() const { return live_; }
    int64_t peak_bytes() const { return peak_; }
    int64_t reserved_bytes() const { return reserved_; }
    int64_t system_allocations() const { return system_allocations_; }
    void reset_peak() { peak_ = live_; }

private:
    struct Segment;
    struct Block;
    struct Fit {
        bool operator()(const Block* a, const Block* b) const;
    };
    using FreeBlocks = std::set<Block*, Fit>;

    FreeBlocks& free_blocks(int64_t owner, bool small) { return free_[owner][small ? 1 : 0]; }
    Block* take(int64_t owner, int64_t bytes, bool small);
    Block* grow(int64_t bytes, bool small);
    Block* try_segment(int64_t bytes, bool small);
    void split(Block* block, int64_t bytes);
    void insert_free(Block* block);
    void merge_next(Block* block);
    void return_segment(Segment* segment);

    Stream& stream_;
    const int64_t limit_;
    const bool direct_;
    int64_t owner_ = COMMON;
    int64_t live_ = 0, peak_ = 0, reserved_ = 0, system_allocations_ = 0;
    std::vector<std::unique_ptr<Segment>> segments_;
    std::map<int64_t, std::array<FreeBlocks, 2>> free_;  // by owner; [1] holds the small blocks
    std::map<int64_t, Block*> used_;                     // by address
};

}  // namespace dg
#endif
