// avx512.cpp - the kernels compiled for one instruction set (flags in ../CMakeLists.txt).
#include "vector_avx512.h"

#include "table.h"

namespace dg {

const KernelTable& avx512_kernels() { return TABLE; }

}  // namespace dg
