// options.h - the text "key=value;..." of dg_open.
#ifndef DAGUERRE_GPU_OPTIONS_H
#define DAGUERRE_GPU_OPTIONS_H

#include <cstdint>

namespace dg {

struct Options {
    int64_t memory_limit = 0;   // bytes that the arena may reserve; 0: what the device has
    bool synchronous = false;   // wait after each launch; also set by the environment variable DAGUERRE_SYNC=1
    bool direct_arena = false;  // arena=direct: one cudaMalloc per block, for memory checkers
};

// threads and isa, which other engines know, are accepted and have no effect; an unknown key is an error.
Options parse_options(const char* text);

}  // namespace dg
#endif
