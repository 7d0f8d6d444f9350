// staging.h - copies between host and device through two pinned buffers, so that copying into one overlaps the transfer
// of the other.
#ifndef DAGUERRE_GPU_STAGING_H
#define DAGUERRE_GPU_STAGING_H

#include "gpu/stream.h"

namespace dg {

class Staging {
public:
    explicit Staging(Stream& stream) : stream_(stream) {}
    ~Staging();
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    // Queues the copy; the host memory may be reused when this returns.
    void upload(void* device, const void* host, int64_t bytes);
    // Waits for all queued work and for the copy.
    void download(void* host, const void* device, int64_t bytes);

    int64_t copies() const { return copies_; }

private:
    struct Buffer {
        char* data = nullptr;
        cudaEvent_t done = nullptr;
        bool busy = false;  // a transfer may still use it
    };
    Buffer& next_idle();
    void wait(Buffer& buffer);

    Stream& stream_;
    Buffer buffers_[2];
    int next_ = 0;
    int64_t copies_ = 0;
};

}  // namespace dg
#endif
