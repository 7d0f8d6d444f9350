// Which addresses are device memory, which are pinned. Freed device memory stays reserved for a while, so that a late
// use is recognised instead of landing in a new allocation.
#pragma once

#include "runtime.h"

namespace simt {

class MemoryMap {
public:
    // Null when the device is full.
    void* allocate_device(size_t bytes);
    void free_device(void* p);
    // The allocation, living or freed, that contains p.
    const Range* find_device(const void* p) const;
    size_t device_bytes() const { return device_bytes_; }

    void add_pinned(void* p, size_t bytes, bool allocated);
    void remove_pinned(void* p);
    // Whether a pinned range starts at p that was allocated (or registered) here.
    bool is_pinned_start(const void* p, bool allocated) const;
    bool is_pinned(const void* p) const;

private:
    struct Pinned {
        size_t bytes;
        bool allocated;
    };

    std::map<const char*, Range> device_;
    std::map<const char*, Pinned> pinned_;
    size_t device_bytes_ = 0;
    std::deque<void*> quarantine_;
    size_t quarantined_bytes_ = 0;
};

MemoryMap& memory_map();

}  // namespace simt
