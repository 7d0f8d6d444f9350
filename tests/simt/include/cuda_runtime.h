// Emulated <cuda_runtime.h>: the part of the CUDA language and runtime that this project uses, for g++ without CUDA.
// Only on the include path of emulated targets; see tests/simt/README.md.
#pragma once

#include "simt/vectors.h"

#include "simt/device.h"
#include "simt/device_math.h"
#include "simt/runtime_types.h"

#include "simt/launch.h"
#include "simt/runtime_api.h"
