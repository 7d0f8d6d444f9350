#include "engine.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace dg {
namespace {

int64_t parse_number(const std::string& key, const std::string& text) {
    char* end = nullptr;
    errno = 0;
    long long value = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || errno != 0 || value < 0)
        fail_argument("open", key + "=<a number, at least 0>", key + "=" + text);
    return value;
}

Isa parse_isa(const std::string& text) {
    for (Isa isa : {Isa::SCALAR, Isa::AVX2, Isa::AVX512, Isa::AVX512_BF16, Isa::AMX}) {
        if (text == isa_name(isa)) return isa;
    }
    fail_argument("open", "isa=amx|avx512_bf16|avx512|avx2|scalar", "isa=" + text);
}

// oneDNN's bound holds for the whole process and cannot be raised again, so the first engine opened sets it; for later
// ones the option bounds our own kernels only.
void bound_onednn(Isa isa) {
    switch (isa) {
        case Isa::SCALAR: dnnl::set_max_cpu_isa(dnnl::cpu_isa::sse41); break;
        case Isa::AVX2: dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2); break;
        case Isa::AVX512: dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core); break;
        case Isa::AVX512_BF16: dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core_bf16); break;
        default: break;
    }
}

const KernelTable& pick_kernels(Isa isa) {
    if (isa >= Isa::AVX512_BF16) return avx512_bf16_kernels();
    if (isa == Isa::AVX512) return avx512_kernels();
    return isa == Isa::AVX2 ? avx2_kernels() : scalar_kernels();
}

Isa bounded_isa(Isa bound) {
    static std::once_flag first;
    Isa isa = std::min(detect_isa(), bound);
    std::call_once(first, [&] { bound_onednn(bound); });
    return isa;
}

}  // namespace

Options Options::parse(const char* text) {
    Options options;
    std::stringstream parts(text == nullptr ? "" : text);
    std::string part;
    while (std::getline(parts, part, ';')) {
        if (part.empty()) continue;
        size_t split = part.find('=');
        std::string key = part.substr(0, split), value = split == std::string::npos ? "" : part.substr(split + 1);
        if (key == "threads") {
            int64_t threads = parse_number(key, value);
            require_range("open", "threads", threads, 0, 1024);
            options.threads = static_cast<int>(threads);
        } else if (key == "memory_limit") {
            options.memory_limit = parse_number(key, value);
        } else if (key == "isa") {
            options.emulate_tiles = value == "amx_emulated";
            options.isa = options.emulate_tiles ? Isa::AMX : parse_isa(value);
        } else if (key != "sync") {  // calls of this engine always run to their end
            fail_argument("open", "options threads, memory_limit, isa, sync", key);
        }
    }
    return options;
}

Engine::Engine(const Options& options)
    : threads(options.threads > 0 ? options.threads : available_threads()),
      isa(bounded_isa(options.isa)),
      kernels(pick_kernels(isa)),
      arena(options.memory_limit) {
    if (options.emulate_tiles && isa < Isa::AVX2) {
        throw Error(DG_ERROR_UNSUPPORTED, "open: isa=amx_emulated expects a processor with AVX2, found none");
    }
    if (options.emulate_tiles) attention_kernels.push_back(&emulated_amx_attention());
    if (isa >= Isa::AMX && !options.emulate_tiles) attention_kernels.push_back(&amx_attention());
    if (isa >= Isa::AVX512_BF16) attention_kernels.push_back(&avx512_bf16_attention());
    attention_kernels.push_back(kernels.attention);
}

std::string Engine::describe() const {
    // The instruction set's name carries "bf16" exactly where bf16 is the faster storage type.
    std::string name = isa == Isa::AMX ? "amx_bf16" : isa_name(isa);
    return processor_name() + ", " + name + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads")
           + ", oneDNN " + OneDnn::version();
}

void* Engine::check(const char* operation, const char* name, int64_t address, int64_t bytes) const {
    if (address == 0) fail_argument(operation, std::string(name) + " present", "null");
    if (!arena.holds(static_cast<uintptr_t>(address), bytes)) {
        fail_argument(operation,
                      std::string(name) + " of " + std::to_string(bytes) + " bytes inside one live allocation",
                      "address " + std::to_string(static_cast<uint64_t>(address)));
    }
    return reinterpret_cast<void*>(static_cast<uintptr_t>(address));
}

int64_t type_bytes(const char* operation, int dtype) {
    switch (dtype) {
        case DG_F32:
        case DG_I32: return 4;
        case DG_F16:
        case DG_BF16: return 2;
        default: fail_argument(operation, "a dg_type", std::to_string(dtype));
    }
}

const char* type_name(int dtype) {
    switch (dtype) {
        case DG_F32: return "f32";
        case DG_F16: return "f16";
        case DG_BF16: return "bf16";
        case DG_I32: return "i32";
        default: return "an unknown type";
    }
}

void require_activation_type(const char* operation, int dtype) {
    if (dtype != DG_F32 && dtype != DG_BF16)
        fail_argument(operation, "activations in f32 or bf16 on the cpu engine", type_name(dtype));
}

Type kernel_type(int dtype) { return dtype == DG_BF16 ? Type::BF16 : dtype == DG_F16 ? Type::F16 : Type::F32; }

Weights& find_weights(Engine& engine, const char* operation, int64_t handle) {
    auto found = engine.weights.find(handle);
    if (found == engine.weights.end())
        fail_argument(operation, "a live weights handle of this engine", std::to_string(handle));
    return *found->second;
}

void require_activation(const char* operation, int activation, bool after_residual) {
    int function = activation & ~DG_ACT_AFTER_RESIDUAL;
    bool flagged = function != activation;
    if (function < DG_ACT_NONE || function > DG_ACT_MISH || (flagged && !after_residual)) {
        fail_argument(operation, "a dg_activation", std::to_string(activation));
    }
}

}  // namespace dg
