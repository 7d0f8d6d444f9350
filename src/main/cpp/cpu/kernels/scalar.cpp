// scalar.cpp - the kernels compiled for one instruction set (flags in ../CMakeLists.txt).
#include "vector_scalar.h"

#include "table.h"

namespace dg {

const KernelTable& scalar_kernels() { return TABLE; }

}  // namespace dg
