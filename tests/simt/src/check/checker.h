// The checking build. Kernels are compiled with -fsanitize=thread, but our own callbacks (instrumentation.cpp) take
// the place of libtsan: every load and store of device code arrives here, so kernels need no annotations.
#pragma once

#include "global_shadow.h"
#include "profile.h"
#include "shared_shadow.h"

namespace simt {

struct CheckState {
    SharedShadow shared;
    GlobalShadow global;
    BlockProfile profile;
};

// One load or store made by the current thread; host code passes unchecked.
void check_access(const void* p, size_t bytes, bool write, bool natural_alignment, const void* site);

}  // namespace simt
