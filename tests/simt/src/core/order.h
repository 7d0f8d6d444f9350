#pragma once

namespace simt {

// DAGUERRE_EMULATED_ORDER=reverse: lanes, warps and streams run last to first.
extern const bool g_reverse;

}  // namespace simt
