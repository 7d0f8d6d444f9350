// avx2.cpp - the kernels compiled for one instruction set (flags in ../CMakeLists.txt).
#include "vector_avx2.h"

#include "table.h"

namespace dg {

const KernelTable& avx2_kernels() { return TABLE; }

}  // namespace dg
