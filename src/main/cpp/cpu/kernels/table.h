// table.h - included last by the file of each instruction set: gathers the kernels compiled there.
#ifndef DAGUERRE_CPU_TABLE_H
#define DAGUERRE_CPU_TABLE_H

#include "attention_f32.h"
#include "norm.h"
#include "pointwise.h"

namespace dg {
namespace {

const KernelTable TABLE = {group_norm_chunk_any, group_norm_affine_of, group_norm_apply_any,
                           layer_norm_any,       activate_any,         geglu_any,
                           combine_any,          moments_any,          guide_any,
                           count_nonfinite_any,  &F32_ATTENTION};

}  // namespace
}  // namespace dg
#endif
