// What the emulator found wrong in device code, and where.
#pragma once

#include "simt/runtime_types.h"

#include <string>
#include <vector>

namespace simt {

struct Finding {
    struct Waiter {
        uint3 thread;
        const char* operation;
        const void* site;
    };

    cudaError_t error = cudaErrorLaunchFailure;
    uint64_t block_number = 0;
    uint3 block = {};
    uint3 thread = {};
    char what[256] = {};
    const void* site = nullptr;  // code address; or, where the compiler says it:
    const char* file = nullptr;
    unsigned line = 0;
    std::vector<Waiter> waiters;  // for a deadlock: who waits where

    // One line: what, kernel, file and line, block and thread.
    std::string text() const;
};

}  // namespace simt
