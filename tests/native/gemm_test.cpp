// gemm_test.cpp - conv2d and linear, every variant, against naive loops in double; equal bits whatever the batch and
// the tile.
//
// Runs in emulation (fast and checking build) and on a GPU. Options: --exact (no guards around buffers: the checking
// build then sees every access past an end), --quick (f16 only, fewer variants per case). Prints "N passed, N failed".
#include "gemm_support.h"

namespace gemm_test {

void run_conv2d(dg::Stream& stream, Tally& tally, bool quick);  // gemm_conv2d.cpp
void run_linear(dg::Stream& stream, Tally& tally, bool quick);  // gemm_linear.cpp

int run_all(bool quick) {
    Tally tally;
    dg::Stream stream;
    dg::check(cudaStreamCreateWithFlags(&stream.handle, cudaStreamNonBlocking), "gemm_test");
    run_conv2d(stream, tally, quick);
    run_linear(stream, tally, quick);
    dg::check(cudaStreamDestroy(stream.handle), "gemm_test");
    std::printf("%d passed, %d failed\n", tally.passed, tally.failed);
    return tally.failed == 0 && tally.passed > 0 ? 0 : 1;
}

}  // namespace gemm_test

int main(int count, char** arguments) {
    bool quick = false;
    for (int i = 1; i < count; i++) {
        if (std::strcmp(arguments[i], "--exact") == 0) gemm_test::guard_bytes = 0;
        if (std::strcmp(arguments[i], "--quick") == 0) quick = true;
    }
    try {
        return gemm_test::run_all(quick);
    } catch (const std::exception& e) {
        std::printf("FAILED %s\n0 passed, 1 failed\n", e.what());
        return 1;
    }
}
