// cp.async: copies are noted, and land at the wait that covers their group.
#include "block.h"

namespace simt {
namespace {

void land(Lane& lane, const CopyQueue::Copy& copy) {
    if (copy.bytes == 16 && copy.source_bytes == 16) {
        memcpy(copy.shared, copy.global, 16);
    } else {
        memcpy(copy.shared, copy.global, static_cast<size_t>(copy.source_bytes));
        memset(static_cast<char*>(copy.shared) + copy.source_bytes, 0,
               static_cast<size_t>(copy.bytes - copy.source_bytes));
    }
    if (g_check) {
        g_check->copy_landed(lane, copy);
    }
}

// Forgets what has landed, so that a long loop does not grow its queue.
void compact(CopyQueue& queue) {
    if (queue.landed == queue.copies.size() && queue.groups_done == queue.group_ends.size()) {
        queue.clear();
    } else if (queue.landed > 256) {
        queue.copies.erase(queue.copies.begin(), queue.copies.begin() + static_cast<ptrdiff_t>(queue.landed));
        queue.group_ends.erase(queue.group_ends.begin(),
                               queue.group_ends.begin() + static_cast<ptrdiff_t>(queue.groups_done));
        for (size_t& end : queue.group_ends) {
            end -= queue.landed;
        }
        queue.landed = queue.groups_done = 0;
    }
}

}  // namespace

void cp_async(void* shared, const void* global, int bytes, int source_bytes) {
    Lane& lane = *t_lane;
    auto alignment = static_cast<size_t>(bytes) - 1;
    if (source_bytes < 0 || source_bytes > bytes) {
        report(lane, cudaErrorLaunchFailure, SIMT_CALLER, "cp.async: source size %d of a %d-byte copy", source_bytes,
               bytes);
    }
    // Hardware checks the global address even when nothing is read from it.
    if ((reinterpret_cast<size_t>(shared) | reinterpret_cast<size_t>(global)) & alignment) {
        report(lane, cudaErrorMisalignedAddress, SIMT_CALLER, "cp.async: an address is not aligned to %d bytes",
               bytes);
    }
    if (!lane.worker->in_shared(shared, static_cast<size_t>(bytes))) {
        report(lane, cudaErrorIllegalAddress, SIMT_CALLER, "cp.async: the destination is not in shared memory");
    }
    CopyQueue::Copy copy = {shared, global, bytes, source_bytes};
    if (g_check) {
        g_check->copy_issued(lane, copy, SIMT_CALLER);
    }
    lane.copies.copies.push_back(copy);
}

void cp_async_commit() {
    CopyQueue& queue = t_lane->copies;
    queue.group_ends.push_back(queue.copies.size());
}

void cp_async_wait(int pending_groups) {
    Lane& lane = *t_lane;
    CopyQueue& queue = lane.copies;
    while (queue.group_ends.size() - queue.groups_done > static_cast<size_t>(pending_groups)) {
        size_t end = queue.group_ends[queue.groups_done++];
        while (queue.landed < end) {
            land(lane, queue.copies[queue.landed++]);
        }
    }
    compact(queue);
}

}  // namespace simt
