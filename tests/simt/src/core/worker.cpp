#include "block.h"

#include "matrix_product.h"

#include <cstdlib>
#include <new>

namespace simt {

Worker::Worker() : arena(static_cast<char*>(aligned_alloc(1024, ARENA))), scratch(new MatrixScratch) {
    if (!arena) {
        throw std::bad_alloc();
    }
    if (g_check) {
        check = g_check->create();
    }
}

Worker::~Worker() {
    delete static_cast<MatrixScratch*>(scratch);
    free(arena);
    if (check) {
        g_check->destroy(check);
    }
}

void Worker::begin_launch(const Launch& next) {
    launch = &next;
    threads = next.threads();
    sites.clear();
    static_bytes = 0;
    lanes.resize(threads);
    warps.resize((threads + 31) / 32);
    for (unsigned i = 0; i < threads; i++) {
        Lane& lane = lanes[i];
        lane.thread = {i % next.block.x, i / next.block.x % next.block.y, i / next.block.x / next.block.y};
        lane.linear = i;
        lane.warp = i / 32;
        lane.lane = i % 32;
        lane.worker = this;
    }
    blockDim = {next.block.x, next.block.y, next.block.z};
    gridDim = {next.grid.x, next.grid.y, next.grid.z};
}

void Worker::end_launch() { launch = nullptr; }

}  // namespace simt
