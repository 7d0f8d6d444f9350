// Fibers: stacks with guard pages, and the switch between them.
#pragma once

#include <cstddef>
#include <vector>

// Saves the caller's registers on its stack, stores that stack pointer in *from, and continues at `to`.
extern "C" void simt_switch(void** from, void* to);

namespace simt {

// A worker's stacks, in one reservation so that "is this address a local variable" is one comparison. A stack is
// handed out when a lane starts while others are suspended; lanes that never wait share one.
class StackPool {
public:
    StackPool();
    ~StackPool();
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;

    int take();
    void give_back(int stack) { free_.push_back(stack); }
    void reset();
    // The stack pointer at which simt_switch enters `entry` on this stack.
    void* prepare(int stack, void (*entry)());
    bool contains(const void* p) const { return p >= base_ && p < base_ + RESERVED; }

    static constexpr int MAX_STACKS = 1024;

private:
    static constexpr size_t PAGE = 4096;
    static constexpr size_t STRIDE = 18 * PAGE;  // a guard page, 64 KiB, and a page of offsets (see prepare)
    static constexpr size_t RESERVED = MAX_STACKS * STRIDE;

    char* base_;
    std::vector<int> free_;
    int guarded_ = 0;  // stacks [0, guarded_) have their guard page
    int used_ = 0;     // stacks [0, used_) were handed out since reset
};

}  // namespace simt
