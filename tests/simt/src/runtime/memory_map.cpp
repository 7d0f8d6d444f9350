#include "memory_map.h"

#include "core/block.h"

#include <cstdlib>

namespace simt {
namespace {

constexpr size_t GRANULE = 512;  // cudaMalloc's alignment
constexpr size_t QUARANTINE_BYTES = size_t{32} << 20;
constexpr size_t DEFAULT_DEVICE_BYTES = size_t{8} << 30;

size_t rounded(size_t bytes) { return (bytes + GRANULE - 1) / GRANULE * GRANULE; }

// "1234", "512M", "2G".
size_t parse_bytes(const char* text) {
    char* end = nullptr;
    size_t value = strtoull(text, &end, 10);
    switch (*end) {
        case 'K': return value << 10;
        case 'M': return value << 20;
        case 'G': return value << 30;
        default: return value;
    }
}

}  // namespace

size_t device_memory_bytes() {
    static const size_t bytes = [] {
        const char* wanted = getenv("DAGUERRE_EMULATED_MEMORY");
        return wanted ? parse_bytes(wanted) : DEFAULT_DEVICE_BYTES;
    }();
    return bytes;
}

MemoryMap& memory_map() {
    static auto* map = new MemoryMap;
    return *map;
}

void* MemoryMap::allocate_device(size_t bytes) {
    size_t needed = rounded(bytes);
    if (needed < bytes || needed > device_memory_bytes() - device_bytes_) {
        return nullptr;
    }
    // One granule more than accounted for: an access just past the end hits nobody else's memory.
    auto* p = static_cast<char*>(aligned_alloc(GRANULE, needed + GRANULE));
    if (p) {
        device_[p] = {p, bytes, false, g_check ? g_check->create_shadow(needed) : nullptr};
        device_bytes_ += needed;
    }
    return p;
}

void MemoryMap::free_device(void* p) {
    Range& range = device_.at(static_cast<char*>(p));
    range.freed = true;
    device_bytes_ -= rounded(range.bytes);
    quarantine_.push_back(p);
    quarantined_bytes_ += range.bytes;
    while (quarantined_bytes_ > QUARANTINE_BYTES) {
        auto oldest = device_.find(static_cast<char*>(quarantine_.front()));
        quarantined_bytes_ -= oldest->second.bytes;
        if (oldest->second.shadow) {
            g_check->destroy_shadow(oldest->second.shadow, rounded(oldest->second.bytes));
        }
        free(quarantine_.front());
        device_.erase(oldest);
        quarantine_.pop_front();
    }
}

const Range* MemoryMap::find_device(const void* p) const {
    auto after = device_.upper_bound(static_cast<const char*>(p));
    if (after == device_.begin()) {
        return nullptr;
    }
    const Range& range = std::prev(after)->second;
    // The end belongs to it too: an address one past the end is a mistake with this allocation.
    return static_cast<const char*>(p) <= range.start + range.bytes ? &range : nullptr;
}

void MemoryMap::add_pinned(void* p, size_t bytes, bool allocated) {
    pinned_[static_cast<char*>(p)] = {bytes, allocated};
}

void MemoryMap::remove_pinned(void* p) { pinned_.erase(static_cast<char*>(p)); }

bool MemoryMap::is_pinned_start(const void* p, bool allocated) const {
    auto range = pinned_.find(static_cast<const char*>(p));
    return range != pinned_.end() && range->second.allocated == allocated;
}

bool MemoryMap::is_pinned(const void* p) const {
    auto after = pinned_.upper_bound(static_cast<const char*>(p));
    if (after == pinned_.begin()) {
        return false;
    }
    auto range = std::prev(after);
    return static_cast<const char*>(p) < range->first + range->second.bytes;
}

Home home_of(const void* p) {
    const MemoryMap& map = memory_map();
    return map.find_device(p) ? Home::device : map.is_pinned(p) ? Home::pinned : Home::pageable;
}

bool is_device_range(const void* p, size_t bytes) {
    const Range* range = memory_map().find_device(p);
    return range && !range->freed && bytes <= range->bytes &&
           static_cast<const char*>(p) + bytes <= range->start + range->bytes;
}

}  // namespace simt
