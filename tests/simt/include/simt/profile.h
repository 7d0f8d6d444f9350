// What device code asked of the memory system, counted instruction by instruction: only in the checking build.
//
// The accesses of a warp's lanes that belong together (same instruction, same pass through it) form one request. Shared
// memory answers a request in passes of 128 bytes, one 4-byte word per bank (wavefronts): 8-byte accesses go half a
// warp at a time, 16-byte accesses a quarter, ldmatrix one 8x8 matrix. Device memory moves sectors of 32 bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace simt {

struct AccessCount {
    uint64_t requests = 0;
    uint64_t needed = 0;  // wavefronts without any conflict; sectors that the bytes would fill
    uint64_t taken = 0;   // wavefronts, sectors
};

// "ldmatrix", "cp.async to shared", "shared load", "shared store", "global load" (cp.async included), "global store".
using KernelProfile = std::map<std::string, AccessCount>;

// Counts the launches that run between the two calls, all kernels together.
void profile_start();
KernelProfile profile_stop();

}  // namespace simt
