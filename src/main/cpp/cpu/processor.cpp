#include "processor.h"

#include <cpuid.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace dg {
namespace {

struct Registers {
    uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf) {
    Registers r;
    if (!__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx)) return Registers{};
    return r;
}

bool bit(uint32_t value, int index) { return ((value >> index) & 1u) != 0; }

// Register state that the operating system saves at a context switch.
uint64_t enabled_state() {
    uint32_t low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t{high} << 32) | low;
}

// Linux gives the 8 KiB of tile state to a process only on request (kernel 5.16 and later).
bool request_tiles() {
    constexpr long ARCH_REQ_XCOMP_PERM = 0x1023;
    constexpr long XFEATURE_XTILEDATA = 18;
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

// "max 100000" or "150000 100000": quota and period in microseconds.
int quota_v2(const char* path) {
    std::ifstream file(path);
    std::string quota;
    double period = 0;
    if (!(file >> quota >> period) || quota == "max" || !(period > 0)) return 0;
    return static_cast<int>((std::atof(quota.c_str()) + period - 1) / period);
}

int quota_v1() {
    std::ifstream quota_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    std::ifstream period_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    double quota = 0, period = 0;
    if (!(quota_file >> quota) || !(period_file >> period) || !(quota > 0) || !(period > 0)) return 0;
    return static_cast<int>((quota + period - 1) / period);
}

}  // namespace

const char* isa_name(Isa isa) {
    switch (isa) {
        case Isa::AVX2: return "avx2";
        case Isa::AVX512: return "avx512";
        case Isa::AVX512_BF16: return "avx512_bf16";
        case Isa::AMX: return "amx";
        default: return "scalar";
    }
}

Isa detect_isa() {
    Registers one = cpuid(1, 0);
    if (!bit(one.ecx, 27)) return Isa::SCALAR;  // OSXSAVE
    uint64_t state = enabled_state();
    Registers seven = cpuid(7, 0);
    Registers seven_one = cpuid(7, 1);
    bool avx2 = (state & 0x6) == 0x6 && bit(one.ecx, 28) && bit(one.ecx, 12) && bit(one.ecx, 29) && bit(seven.ebx, 5);
    if (!avx2) return Isa::SCALAR;
    bool avx512 =
        (state & 0xe6) == 0xe6 && bit(seven.ebx, 16) && bit(seven.ebx, 17) && bit(seven.ebx, 30) && bit(seven.ebx, 31);
    if (!avx512) return Isa::AVX2;
    if (!bit(seven_one.eax, 5)) return Isa::AVX512;
    bool amx = (state & 0x60000) == 0x60000 && bit(seven.edx, 22) && bit(seven.edx, 24) && request_tiles();
    return amx ? Isa::AMX : Isa::AVX512_BF16;
}

std::string processor_name() {
    char text[49] = {};
    for (uint32_t part = 0; part < 3; ++part) {
        uint32_t* words = reinterpret_cast<uint32_t*>(text + 16 * part);
        if (!__get_cpuid(0x80000002u + part, words, words + 1, words + 2, words + 3)) return "x86-64 processor";
    }
    std::string name(text);
    size_t first = name.find_first_not_of(' ');
    size_t last = name.find_last_not_of(' ');
    return first == std::string::npos ? "x86-64 processor" : name.substr(first, last - first + 1);
}

int available_threads() {
    int threads = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) threads = CPU_COUNT(&set);
    int quota = quota_v2("/sys/fs/cgroup/cpu.max");
    if (quota == 0) quota = quota_v1();
    if (quota > 0) threads = std::min(threads, quota);
    return std::max(threads, 1);
}

}  // namespace dg
