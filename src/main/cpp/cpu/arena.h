// arena.h - memory of the cpu engine.
//
// One large range of addresses is reserved (not committed) once; blocks are cut from it best-fit, neighbours merge when
// freed. Pages stay mapped between uses, so activations meet no page faults after the first step, and the extent stays
// close to the live peak. Weights live in blocks of their own (`SystemBlock`), which go back to the system when freed.
#ifndef DAGUERRE_CPU_ARENA_H
#define DAGUERRE_CPU_ARENA_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace dg {

constexpr int64_t ALIGNMENT = 64;

// Memory taken directly from the system: 64-byte aligned, large blocks on huge pages where the system has them.
class SystemBlock {
public:
    SystemBlock() = default;
    explicit SystemBlock(int64_t bytes);
    SystemBlock(SystemBlock&& other) noexcept { swap(other); }
    SystemBlock& operator=(SystemBlock&& other) noexcept {
        swap(other);
        return *this;
    }
    SystemBlock(const SystemBlock&) = delete;
    SystemBlock& operator=(const SystemBlock&) = delete;
    ~SystemBlock();
    void* data() const { return data_; }
    int64_t bytes() const { return bytes_; }

private:
    void swap(SystemBlock& other) {
        std::swap(data_, other.data_);
        std::swap(bytes_, other.bytes_);
    }
    void* data_ = nullptr;
    int64_t bytes_ = 0;
};

class Arena {
public:
    explicit Arena(int64_t limit);  // 0: no limit of our own
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // Throws Error(DG_ERROR_MEMORY) when the limit or the system's memory is exhausted; the arena stays usable.
    void* allocate(int64_t bytes);
    void free(void* address);  // Error(DG_ERROR_ARGUMENT) when the address is not the start of a live block
    void trim();
    // True if [address, address + bytes) lies inside one live block.
    bool holds(uintptr_t address, int64_t bytes) const;

    // Memory outside the arena that counts towards limit and statistics (weights).
    void account(int64_t bytes);
    void release(int64_t bytes) { outside_ -= bytes; }

    int64_t live() const { return live_ + outside_; }
    int64_t peak() const { return peak_; }
    int64_t reserved() const { return extent_ + outside_; }
    int64_t system_allocations() const { return system_allocations_; }
    void reset_peak() { peak_ = live(); }

private:
    void require_room(int64_t bytes);
    void grow_to(int64_t extent);
    void insert_free(int64_t offset, int64_t bytes);
    void erase_free(std::map<int64_t, int64_t>::iterator block);
    void note_peak() {
        if (live() > peak_) peak_ = live();
    }

    char* base_ = nullptr;
    int64_t capacity_ = 0;   // reserved addresses
    int64_t committed_ = 0;  // readable and writable from the base
    int64_t extent_ = 0;     // end of the highest block handed out since the last trim
    int64_t limit_ = 0;
    int64_t live_ = 0, outside_ = 0, peak_ = 0, system_allocations_ = 0;
    std::map<int64_t, int64_t> blocks_;              // live: offset -> bytes
    std::map<int64_t, int64_t> free_;                // holes below the extent: offset -> bytes
    std::set<std::pair<int64_t, int64_t>> by_size_;  // (bytes, offset) of the holes
};

// A block of the arena for the duration of one operation.
class Scratch {
public:
    Scratch(Arena& arena, int64_t bytes) : arena_(arena), data_(bytes > 0 ? arena.allocate(bytes) : nullptr) {}
    ~Scratch() {
        if (data_ != nullptr) arena_.free(data_);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    void* data() const { return data_; }
    template <class T>
    T* as() const {
        return static_cast<T*>(data_);
    }

private:
    Arena& arena_;
    void* data_;
};

}  // namespace dg
#endif
