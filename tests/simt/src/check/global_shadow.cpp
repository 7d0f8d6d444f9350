#include "global_shadow.h"

#include "runtime/memory_map.h"

#include <link.h>
#include <sys/mman.h>

#include <cstdio>

namespace simt {
namespace {

// Granules of two bytes: neighbouring halves may belong to different blocks.
constexpr size_t GRANULE = 2;
constexpr uint64_t LAUNCH_SHIFT = 42, LAUNCH_MASK = (uint64_t{1} << 22) - 1;  // launch 22 bits, block 32, thread 10
constexpr uint64_t BLOCK_SHIFT = 10, BLOCK_MASK = 0xffffffffu;

uint64_t stamp(uint64_t launch, uint64_t block, unsigned thread) {
    return (launch & LAUNCH_MASK) << LAUNCH_SHIFT | (block & BLOCK_MASK) << BLOCK_SHIFT | (thread & 1023);
}

uint64_t block_of(uint64_t s) { return s >> BLOCK_SHIFT & BLOCK_MASK; }

// Constants of the program (tables, string literals): inside a loaded segment.
int holds_address(dl_phdr_info* library, size_t, void* address) {
    auto wanted = reinterpret_cast<size_t>(address);
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const auto& segment = library->dlpi_phdr[i];
        size_t start = library->dlpi_addr + segment.p_vaddr;
        if (segment.p_type == PT_LOAD && wanted >= start && wanted < start + segment.p_memsz) {
            return 1;
        }
    }
    return 0;
}

void describe_address(char* text, size_t size, const char* p, const Range* range) {
    if (!range) {
        snprintf(text, size, "not device memory");
    } else if (range->freed) {
        snprintf(text, size, "use after free: %td bytes into a freed allocation of %zu", p - range->start,
                 range->bytes);
    } else {
        snprintf(text, size, "out of bounds: %td bytes from the start of an allocation of %zu", p - range->start,
                 range->bytes);
    }
}

}  // namespace

// Null where the address space is short: then blocks are not watched in that allocation.
void* GlobalShadow::create_shadow(size_t bytes) {
    void* p = mmap(nullptr, bytes / GRANULE * sizeof(Cell), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? nullptr : p;
}

void GlobalShadow::destroy_shadow(void* shadow, size_t bytes) { munmap(shadow, bytes / GRANULE * sizeof(Cell)); }

void GlobalShadow::launch_begins() {
    for (Known& k : known_) {
        k = {};
    }
}

const GlobalShadow::Known& GlobalShadow::find(Lane& lane, const void* p, size_t bytes, const char* what,
                                              const void* site) {
    // A worker keeps its cache within a launch only: between launches memory may be freed.
    if (serial_ != lane.worker->launch->serial) {
        serial_ = lane.worker->launch->serial;
        launch_begins();
    }
    const char* address = static_cast<const char*>(p);
    for (const Known& k : known_) {
        if (address >= k.start && address + bytes <= k.start + k.bytes) {
            return k;
        }
    }
    const Range* range = memory_map().find_device(p);
    Known& slot = known_[next_++ % 8];
    if (range && !range->freed && address + bytes <= range->start + range->bytes) {
        slot = {range->start, range->bytes, static_cast<Cell*>(range->shadow)};
        return slot;
    }
    if (!range && *what == 'r' && dl_iterate_phdr(holds_address, const_cast<void*>(p))) {
        slot = {address, bytes, nullptr};
        return slot;
    }
    char where[128];
    describe_address(where, sizeof where, address, range);
    report(lane, cudaErrorIllegalAddress, site, "global memory %s of %zu bytes: %s", what, bytes, where);
}

bool GlobalShadow::is_other_block(uint64_t s, uint64_t now) const {
    bool this_launch = s >> LAUNCH_SHIFT == now >> LAUNCH_SHIFT;
    return this_launch && block_of(s) != block_of(now) && !fenced_;
}

void GlobalShadow::read(Lane& lane, const void* p, size_t bytes, const void* site) {
    const Known& known = find(lane, p, bytes, "read", site);
    if (!known.cells || bytes < GRANULE) {
        return;
    }
    uint64_t now = stamp(serial_, lane.worker->block_number, lane.linear);
    Cell* cell = known.cells + (static_cast<const char*>(p) - known.start) / GRANULE;
    for (const Cell* end = cell + bytes / GRANULE; cell < end; cell++) {
        uint64_t written = cell->written.load(std::memory_order_relaxed);
        if (is_other_block(written, now)) {
            report(lane, cudaErrorLaunchFailure, site,
                   "race between blocks: global memory read here is written by block %lu in the same launch",
                   block_of(written));
        }
        cell->read.store(now, std::memory_order_relaxed);
    }
}

void GlobalShadow::write(Lane& lane, const void* p, size_t bytes, const void* site) {
    const Known& known = find(lane, p, bytes, "write", site);
    if (!known.cells || bytes < GRANULE) {
        return;
    }
    uint64_t now = stamp(serial_, lane.worker->block_number, lane.linear);
    Cell* cell = known.cells + (static_cast<const char*>(p) - known.start) / GRANULE;
    for (const Cell* end = cell + bytes / GRANULE; cell < end; cell++) {
        uint64_t written = cell->written.load(std::memory_order_relaxed);
        uint64_t read = cell->read.load(std::memory_order_relaxed);
        if (is_other_block(written, now) || is_other_block(read, now)) {
            bool writer = is_other_block(written, now);
            report(lane, cudaErrorLaunchFailure, site,
                   "race between blocks: global memory written here is %s by block %lu in the same launch",
                   writer ? "also written" : "read", block_of(writer ? written : read));
        }
        cell->written.store(now, std::memory_order_relaxed);
    }
}

void GlobalShadow::atomic(Lane& lane, const void* p, size_t bytes, const void* site) {
    find(lane, p, bytes, "atomic", site);
}

}  // namespace simt
