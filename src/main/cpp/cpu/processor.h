// processor.h - what this processor can do and how many threads this process may use.
#ifndef DAGUERRE_CPU_PROCESSOR_H
#define DAGUERRE_CPU_PROCESSOR_H

#include <string>

namespace dg {

// Instruction sets in rising order; each includes the ones before it.
enum class Isa { SCALAR = 0, AVX2 = 1, AVX512 = 2, AVX512_BF16 = 3, AMX = 4 };

const char* isa_name(Isa isa);

// The best instruction set that processor and operating system support. Asks the kernel for the use of AMX tiles.
Isa detect_isa();

// The processor's marketing name.
std::string processor_name();

// Processors in the affinity mask, cut to the cgroup's quota (version 1 or 2), at least 1.
int available_threads();

}  // namespace dg
#endif
