// Shared memory: dynamic at the start of the arena, then the static arrays, each behind a red zone.
#include "block.h"

namespace simt {

void* dynamic_shared() { return t_lane->worker->arena; }

// A static array is known by its declaration. The first thread of a launch that passes it gives it its place.
void* static_shared(const void* key, size_t bytes) {
    Lane& lane = *t_lane;
    Worker& worker = *lane.worker;
    for (const SharedSite& site : worker.sites) {
        if (site.key == key) {
            return worker.arena + site.offset;
        }
    }
    size_t end =
        worker.sites.empty() ? worker.launch->dynamic_bytes : worker.sites.back().offset + worker.sites.back().bytes;
    size_t offset = (end + 2 * Worker::RED_ZONE - 1) / Worker::RED_ZONE * Worker::RED_ZONE;
    size_t total = worker.static_bytes + bytes;
    if (total > 48 * 1024 || worker.launch->dynamic_bytes + total > worker.launch->shared_limit ||
        offset + bytes > Worker::ARENA) {
        report(
            lane, cudaErrorLaunchFailure, SIMT_CALLER,
            "shared memory: %zu static and %zu dynamic bytes exceed 48 KiB static or the limit of %zu bytes together",
            total, worker.launch->dynamic_bytes, worker.launch->shared_limit);
    }
    worker.static_bytes = total;
    worker.sites.push_back({key, offset, bytes});
    memset(worker.arena + offset, 0xff, bytes);
    return worker.arena + offset;
}

}  // namespace simt
