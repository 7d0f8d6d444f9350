// Runs the blocks of a launch on a few OS threads.
#pragma once

#include "block.h"

#include <optional>

namespace simt {

struct LaunchResult {
    std::optional<Finding> finding;
    size_t static_shared_bytes = 0;
};

// Blocks until the launch is complete. One launch at a time (the runtime's lock sees to it).
LaunchResult run(const Launch& launch);

}  // namespace simt
