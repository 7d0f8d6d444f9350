// Reads __launch_bounds__ back from the NOPs that vectors.h makes of it: a run of one-byte NOPs as long as the bound
// ends where the kernel begins, and this section lists where each run begins.
#include "runtime.h"

#include <algorithm>

extern "C" {
extern const unsigned char* const __start___patchable_function_entries[] __attribute__((weak, visibility("hidden")));
extern const unsigned char* const __stop___patchable_function_entries[] __attribute__((weak, visibility("hidden")));
}

namespace simt {

int launch_bound(const void* function) {
    constexpr unsigned char NOP = 0x90;
    const auto* entry = static_cast<const unsigned char*>(function);
    const unsigned char* start = nullptr;
    for (auto run = __start___patchable_function_entries; run < __stop___patchable_function_entries; run++) {
        if (*run < entry && *run > start) {
            start = *run;
        }
    }
    bool reaches_entry = start && entry - start <= MAX_THREADS_PER_BLOCK &&
                         std::all_of(start, entry, [](unsigned char byte) { return byte == NOP; });
    return reaches_entry ? static_cast<int>(entry - start) : 0;
}

}  // namespace simt
