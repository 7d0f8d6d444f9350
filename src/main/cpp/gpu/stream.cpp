#include "gpu/stream.h"

namespace dg {

std::string& last_message() {
    static thread_local std::string message;
    return message;
}

namespace {

// After these the CUDA context of the process is lost; every later call returns the same error.
bool sticky(int code) {
    switch (code) {
        case 214:  // uncorrectable ECC error
        case 220:  // uncorrectable NVLink error
        case 226:  // contained memory error
        case 700:  // illegal address
        case 702:  // launch timeout
        case 709:  // context destroyed
        case 710:  // device-side assert
        case 714:  // hardware stack error
        case 715:  // illegal instruction
        case 716:  // misaligned address
        case 717:  // invalid address space
        case 718:  // invalid program counter
        case 719:  // launch failure
        case 721:  // tensor memory leak
            return true;
        default:
            return false;
    }
}

const char* hint(int code) {
    switch (code) {
        case 35:
        case 36:   // call requires newer driver
        case 803:  // driver mismatch
        case 804:  // forward compatibility attempted on a GPU that has none
            return "; no NVIDIA driver is installed, or it is older than this program's CUDA runtime needs";
        case 100:
            return "; the driver reports no GPU";
        case 209:  // no kernel image
        case 222:  // unsupported PTX version
            return "; this build has no code for this GPU: rebuild with its architecture in CMAKE_CUDA_ARCHITECTURES, "
                   "or update the driver";
        default:
            return "";
    }
}

}  // namespace

void check(cudaError_t code, const char* operation) {
    if (code == cudaSuccess) return;
    cudaGetLastError();  // a later call must not report this one again
    int number = static_cast<int>(code);
    bool lost = sticky(number);
    throw Error(code == cudaErrorMemoryAllocation ? DG_ERROR_MEMORY : DG_ERROR_DEVICE,
                text(operation, ": CUDA error ", number, ": ", cudaGetErrorString(code), hint(number),
                     lost ? "; this error is sticky: the GPU context is lost and the process must be started again"
                          : ""),
                lost);
}

void synchronize(Stream& stream, const char* operation) {
    stream.synchronizations++;
    check(cudaStreamSynchronize(stream.handle), operation);
}

}  // namespace dg
