#include "arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "error.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define DG_POISON(address, bytes) __asan_poison_memory_region(address, bytes)
#define DG_UNPOISON(address, bytes) __asan_unpoison_memory_region(address, bytes)
#else
#define DG_POISON(address, bytes) static_cast<void>(0)
#define DG_UNPOISON(address, bytes) static_cast<void>(0)
#endif

namespace dg {
namespace {

constexpr int64_t HUGE_PAGE = int64_t{2} << 20;
constexpr int64_t COMMIT_STEP = int64_t{64} << 20;
constexpr int64_t GAP = 64;  // between neighbours, poisoned under AddressSanitizer

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

int64_t physical_memory() { return static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE); }

[[noreturn]] void fail_memory(int64_t bytes, const std::string& why) {
    throw Error(DG_ERROR_MEMORY, "memory: cannot allocate " + std::to_string(bytes) + " bytes: " + why);
}

}  // namespace

SystemBlock::SystemBlock(int64_t bytes) : bytes_(bytes) {
    if (bytes >= HUGE_PAGE) {
        data_ = mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (data_ == MAP_FAILED) data_ = nullptr;
        else madvise(data_, static_cast<size_t>(bytes), MADV_HUGEPAGE);
    } else {
        data_ = std::aligned_alloc(ALIGNMENT, static_cast<size_t>(round_up(std::max<int64_t>(bytes, 1), ALIGNMENT)));
    }
    if (data_ == nullptr) fail_memory(bytes, "the system has no more");
}

SystemBlock::~SystemBlock() {
    if (data_ == nullptr) return;
    if (bytes_ >= HUGE_PAGE) munmap(data_, static_cast<size_t>(bytes_));
    else std::free(data_);
}

Arena::Arena(int64_t limit) : limit_(limit) {
    // Addresses cost nothing; where the process may not have so many, ask for less.
    for (capacity_ = int64_t{1} << 42; capacity_ >= (int64_t{1} << 30); capacity_ /= 2) {
        void* range = mmap(nullptr, static_cast<size_t>(capacity_), PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (range != MAP_FAILED) {
            base_ = static_cast<char*>(range);
            return;
        }
    }
    capacity_ = 0;
    fail_memory(int64_t{1} << 30, "the system gives no address range (ulimit -v?)");
}

Arena::~Arena() {
    DG_UNPOISON(base_, static_cast<size_t>(committed_));
    munmap(base_, static_cast<size_t>(capacity_));
}

void Arena::require_room(int64_t bytes) {
    if (limit_ > 0 && bytes > limit_ - live()) {
        fail_memory(bytes,
                    "memory_limit is " + std::to_string(limit_) + " bytes, " + std::to_string(live()) + " are in use");
    }
    int64_t physical = physical_memory();
    if (physical > 0 && bytes > physical - live()) {
        fail_memory(
            bytes, "the machine has " + std::to_string(physical) + " bytes, " + std::to_string(live()) + " are in use");
    }
}

void Arena::account(int64_t bytes) {
    require_room(bytes);
    outside_ += bytes;
    ++system_allocations_;
    note_peak();
}

void Arena::grow_to(int64_t extent) {
    if (extent > capacity_)
        fail_memory(extent, "the address range of the arena is " + std::to_string(capacity_) + " bytes");
    if (extent > committed_) {
        int64_t target = std::min(round_up(extent, COMMIT_STEP), capacity_);
        if (mprotect(base_ + committed_, static_cast<size_t>(target - committed_), PROT_READ | PROT_WRITE) != 0) {
            fail_memory(extent, "the system has no more");
        }
        madvise(base_ + committed_, static_cast<size_t>(target - committed_), MADV_HUGEPAGE);
        DG_POISON(base_ + committed_, static_cast<size_t>(target - committed_));
        committed_ = target;
        ++system_allocations_;
    }
    extent_ = std::max(extent_, extent);
}

void Arena::insert_free(int64_t offset, int64_t bytes) {
    auto next = free_.lower_bound(offset);
    if (next != free_.end() && offset + bytes == next->first) {
        bytes += next->second;
        auto merged = next++;
        erase_free(merged);
    }
    if (next != free_.begin()) {
        auto before = std::prev(next);
        if (before->first + before->second == offset) {
            offset = before->first;
            bytes += before->second;
            erase_free(before);
        }
    }
    free_.emplace(offset, bytes);
    by_size_.emplace(bytes, offset);
}

void Arena::erase_free(std::map<int64_t, int64_t>::iterator block) {
    by_size_.erase({block->second, block->first});
    free_.erase(block);
}

void* Arena::allocate(int64_t bytes) {
    if (bytes < 0 || bytes > (int64_t{1} << 46))
        fail_argument("alloc", "a size in 0..2^46 bytes", std::to_string(bytes));
    require_room(bytes);
    int64_t size = round_up(std::max<int64_t>(bytes, 1), ALIGNMENT) + GAP;
    int64_t offset;
    auto fit = by_size_.lower_bound({size, 0});
    if (fit != by_size_.end()) {
        offset = fit->second;
        int64_t hole = fit->first;
        erase_free(free_.find(offset));
        if (hole > size) insert_free(offset + size, hole - size);
    } else {
        // Use the hole that ends at the extent, if there is one, and grow by the rest only.
        auto last = free_.empty() ? free_.end() : std::prev(free_.end());
        bool at_end = last != free_.end() && last->first + last->second == extent_;
        offset = at_end ? last->first : extent_;
        if (limit_ > 0 && offset + size + outside_ > limit_) trim();  // holes must not keep pages beyond the limit
        grow_to(offset + size);
        if (at_end) {
            auto hole = free_.find(offset);
            if (hole != free_.end()) erase_free(hole);
        }
    }
    blocks_.emplace(offset, bytes);
    live_ += bytes;
    note_peak();
    DG_UNPOISON(base_ + offset, static_cast<size_t>(bytes));
    return base_ + offset;
}

void Arena::free(void* address) {
    auto block = blocks_.find(static_cast<char*>(address) - base_);
    if (block == blocks_.end()) {
        fail_argument("free", "an address from alloc that is still live",
                      std::to_string(reinterpret_cast<uintptr_t>(address)));
    }
    int64_t offset = block->first, bytes = block->second;
    blocks_.erase(block);
    live_ -= bytes;
    int64_t size = round_up(std::max<int64_t>(bytes, 1), ALIGNMENT) + GAP;
    DG_POISON(base_ + offset, static_cast<size_t>(size));
    insert_free(offset, size);
}

void Arena::trim() {
    const int64_t page = sysconf(_SC_PAGESIZE);
    for (const auto& hole : free_) {
        int64_t begin = round_up(hole.first, page), end = (hole.first + hole.second) / page * page;
        if (begin < end) madvise(base_ + begin, static_cast<size_t>(end - begin), MADV_DONTNEED);
    }
    if (!free_.empty()) {
        auto last = std::prev(free_.end());
        if (last->first + last->second == extent_) {
            extent_ = last->first;
            erase_free(last);
        }
    }
}

bool Arena::holds(uintptr_t address, int64_t bytes) const {
    uintptr_t base = reinterpret_cast<uintptr_t>(base_);
    if (bytes < 0 || address < base || address - base > static_cast<uintptr_t>(extent_)) return false;
    int64_t offset = static_cast<int64_t>(address - base);
    auto after = blocks_.upper_bound(offset);
    if (after == blocks_.begin()) return false;
    auto block = std::prev(after);
    return bytes <= block->second && offset - block->first <= block->second - bytes;
}

}  // namespace dg
