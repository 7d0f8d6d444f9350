// engine.h - one opened cpu engine: options, memory, oneDNN, the kernels of its instruction set.
#ifndef DAGUERRE_CPU_ENGINE_H
#define DAGUERRE_CPU_ENGINE_H

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "arena.h"
#include "error.h"
#include "kernels/kernels.h"
#include "onednn.h"
#include "processor.h"
#include "weights.h"

namespace dg {

// What the option string of dg_open says: "threads=2;memory_limit=1000000;isa=avx2".
struct Options {
    int threads = 0;
    int64_t memory_limit = 0;
    Isa isa = Isa::AMX;          // upper bound
    bool emulate_tiles = false;  // isa=amx_emulated: AMX attention with tiles in software, for tests
    static Options parse(const char* text);
};

class Engine {
public:
    explicit Engine(const Options& options);

    std::string describe() const;
    bool native_bf16() const { return isa >= Isa::AVX512_BF16; }

    // The address as a pointer, after a check that `bytes` bytes from there belong to one live allocation.
    template <class T = void>
    T* in(const char* operation, const char* name, int64_t address, int64_t bytes) const {
        return static_cast<T*>(check(operation, name, address, bytes));
    }

    const int threads;
    const Isa isa;
    const KernelTable& kernels;
    std::vector<const AttentionKernel*> attention_kernels;  // best first
    Arena arena;
    OneDnn dnn;
    std::map<int64_t, std::unique_ptr<Weights>> weights;
    int variants[DG_OP_COUNT] = {};
    std::chrono::steady_clock::time_point marks[16];
    bool marked[16] = {};
    int64_t operations = 0, synchronizations = 0, copies = 0;
    std::mutex mutex;

private:
    void* check(const char* operation, const char* name, int64_t address, int64_t bytes) const;
};

int64_t type_bytes(const char* operation, int dtype);            // f32, f16, bf16, i32
void require_activation_type(const char* operation, int dtype);  // f32 or bf16
const char* type_name(int dtype);
Type kernel_type(int dtype);
Weights& find_weights(Engine& engine, const char* operation, int64_t handle);
// Checks an activation code; after_residual tells whether DG_ACT_AFTER_RESIDUAL is allowed in it.
void require_activation(const char* operation, int activation, bool after_residual);

}  // namespace dg
#endif
