#include "shared_shadow.h"

#include <sys/mman.h>

#include <new>

namespace simt {

SharedShadow::SharedShadow() {
    void* p = mmap(nullptr, sizeof(Cell) * Worker::ARENA, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        throw std::bad_alloc();
    }
    cells_ = static_cast<Cell*>(p);
}

SharedShadow::~SharedShadow() { munmap(cells_, sizeof(Cell) * Worker::ARENA); }

SharedShadow::Access SharedShadow::access_now(const Lane& lane) {
    const Worker& worker = *lane.worker;
    return {worker.epoch, static_cast<uint16_t>(lane.linear), static_cast<uint16_t>(worker.warps[lane.warp].epoch)};
}

bool SharedShadow::is_ordered(const Lane& lane, const Access& access) {
    const Worker& worker = *lane.worker;
    if (access.epoch != worker.epoch || access.thread == lane.linear) {
        return true;
    }
    bool same_warp = access.thread / 32u == lane.warp;
    return same_warp && access.warp_epoch != static_cast<uint16_t>(worker.warps[lane.warp].epoch);
}

SharedShadow::Cell* SharedShadow::cells_at(Lane& lane, const void* p, size_t bytes, const char* what,
                                           const void* site) {
    const Worker& worker = *lane.worker;
    size_t offset = worker.shared_offset(p);
    if (offset + bytes <= worker.launch->dynamic_bytes) {
        return cells_ + offset;
    }
    for (const SharedSite& array : worker.sites) {
        if (offset >= array.offset && offset + bytes <= array.offset + array.bytes) {
            return cells_ + offset;
        }
    }
    report(lane, cudaErrorIllegalAddress, site, "shared memory %s out of bounds: %zu bytes at offset %zu", what, bytes,
           offset);
}

void SharedShadow::read(Lane& lane, const void* p, size_t bytes, const void* site) {
    const Access now = access_now(lane);
    Cell* cell = cells_at(lane, p, bytes, "read", site);
    for (const Cell* end = cell + bytes; cell < end; cell++) {
        if (cell->flying_in_block == block_) {
            report(lane, cudaErrorLaunchFailure, site,
                   "shared memory read while a cp.async to it is in flight (no wait, or it allows too many groups)");
        }
        if (cell->written_in_block != block_) {
            report(lane, cudaErrorLaunchFailure, site, "read of uninitialised shared memory, offset %td",
                   cell - cells_);
        }
        if (!is_ordered(lane, cell->written)) {
            report(lane, cudaErrorLaunchFailure, site,
                   "race: shared memory read here was written by thread %u since the last barrier, offset %td",
                   cell->written.thread, cell - cells_);
        }
        bool first = cell->read.epoch != now.epoch;
        cell->many_readers = !first && (cell->many_readers || cell->read.thread != now.thread);
        cell->many_warps = !first && (cell->many_warps || cell->read.thread / 32 != now.thread / 32);
        cell->read = now;
    }
}

// Readers of several warps are ordered by a barrier only; those of this warp by a __syncwarp since the last of them.
bool SharedShadow::readers_are_ordered(const Lane& lane, const Cell& cell) {
    if (!cell.many_readers) {
        return is_ordered(lane, cell.read);
    }
    bool before_barrier = cell.read.epoch != lane.worker->epoch;
    bool this_warp = !cell.many_warps && cell.read.thread / 32u == lane.warp;
    return before_barrier || (this_warp && cell.read.warp_epoch != access_now(lane).warp_epoch);
}

void SharedShadow::check_overwrite(Lane& lane, const Cell& cell, const void* site) const {
    if (cell.flying_in_block == block_) {
        report(lane, cudaErrorLaunchFailure, site, "shared memory write while a cp.async to it is in flight");
    }
    if (!is_ordered(lane, cell.written)) {
        report(lane, cudaErrorLaunchFailure, site,
               "race: shared memory written here was also written by thread %u since the last barrier, offset %td",
               cell.written.thread, &cell - cells_);
    }
    if (!readers_are_ordered(lane, cell)) {
        report(lane, cudaErrorLaunchFailure, site,
               "race: shared memory overwritten here was read by thread %u%s since the last barrier, offset %td",
               cell.read.thread, cell.many_readers ? " and others" : "", &cell - cells_);
    }
}

void SharedShadow::write(Lane& lane, const void* p, size_t bytes, const void* site) {
    const Access now = access_now(lane);
    Cell* cell = cells_at(lane, p, bytes, "write", site);
    for (const Cell* end = cell + bytes; cell < end; cell++) {
        check_overwrite(lane, *cell, site);
        cell->written = now;
        cell->written_in_block = block_;
    }
}

void SharedShadow::atomic(Lane& lane, const void* p, size_t bytes, const void* site) {
    const Cell* cell = cells_at(lane, p, bytes, "atomic", site);
    for (const Cell* end = cell + bytes; cell < end; cell++) {
        if (cell->written_in_block != block_) {
            report(lane, cudaErrorLaunchFailure, site, "atomic on uninitialised shared memory, offset %td",
                   cell - cells_);
        }
    }
}

void SharedShadow::copy_issued(Lane& lane, const void* p, size_t bytes, const void* site) {
    Cell* cell = cells_at(lane, p, bytes, "cp.async", site);
    for (const Cell* end = cell + bytes; cell < end; cell++) {
        check_overwrite(lane, *cell, site);
        cell->flying_in_block = block_;
    }
}

// Visible to the thread that waited; to the others after a barrier, like any other write of that thread.
void SharedShadow::copy_landed(Lane& lane, const void* p, size_t bytes) {
    const Access now = access_now(lane);
    Cell* cell = cells_ + lane.worker->shared_offset(p);
    for (const Cell* end = cell + bytes; cell < end; cell++) {
        cell->flying_in_block = 0;
        cell->written = now;
        cell->written_in_block = block_;
    }
}

}  // namespace simt
