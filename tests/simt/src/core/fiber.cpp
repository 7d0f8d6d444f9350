#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

#if !defined(__x86_64__)
#error "the fiber switch is written for x86-64 (System V ABI)"
#endif

// Only the callee-saved registers: to the compiler this is an ordinary call. About 12 ns per lane.
asm(R"(
    .text
    .globl simt_switch
    .hidden simt_switch
    .type simt_switch, @function
simt_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size simt_switch, . - simt_switch
)");

namespace simt {

StackPool::StackPool() {
    void* p = mmap(nullptr, RESERVED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        throw std::bad_alloc();
    }
    base_ = static_cast<char*>(p);
}

StackPool::~StackPool() { munmap(base_, RESERVED); }

int StackPool::take() {
    if (!free_.empty()) {
        int stack = free_.back();
        free_.pop_back();
        return stack;
    }
    int stack = used_++;
    if (stack >= guarded_) {
        // Without the guard (a process near its limit of mappings) an overflow goes unnoticed, but nothing else
        // changes.
        (void)mprotect(base_ + stack * STRIDE, PAGE, PROT_NONE);
        guarded_ = stack + 1;
    }
    return stack;
}

void StackPool::reset() {
    free_.clear();
    used_ = 0;
}

void* StackPool::prepare(int stack, void (*entry)()) {
    // Different offsets keep the hot ends of the stacks out of the same cache sets.
    size_t offset = static_cast<size_t>(stack) * 17 % 64 * 64;
    auto** sp = reinterpret_cast<void**>(base_ + (stack + 1) * STRIDE - offset);
    *--sp = nullptr;  // where entry would return to, and the alignment a called function expects
    *--sp = reinterpret_cast<void*>(entry);
    for (int saved = 0; saved < 6; saved++) {
        *--sp = nullptr;
    }
    return sp;
}

}  // namespace simt
