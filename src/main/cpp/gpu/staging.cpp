#include "gpu/staging.h"

#include <algorithm>
#include <cstring>

namespace dg {

namespace {
constexpr int64_t CHUNK = int64_t{4} << 20;
}

Staging::~Staging() {
    for (Buffer& buffer : buffers_) {
        if (buffer.done != nullptr) cudaEventDestroy(buffer.done);
        if (buffer.data != nullptr) cudaFreeHost(buffer.data);
    }
}

void Staging::wait(Buffer& buffer) {
    if (!buffer.busy) return;
    check(cudaEventSynchronize(buffer.done), "copy");
    buffer.busy = false;
}

Staging::Buffer& Staging::next_idle() {
    Buffer& buffer = buffers_[next_];
    next_ = 1 - next_;
    if (buffer.data == nullptr) {
        void* data = nullptr;
        check(cudaMallocHost(&data, CHUNK), "pinned memory");
        buffer.data = static_cast<char*>(data);
        check(cudaEventCreateWithFlags(&buffer.done, cudaEventDisableTiming), "event");
    }
    wait(buffer);
    return buffer;
}

void Staging::upload(void* device, const void* host, int64_t bytes) {
    copies_++;
    for (int64_t at = 0; at < bytes; at += CHUNK) {
        size_t size = static_cast<size_t>(std::min(CHUNK, bytes - at));
        Buffer& buffer = next_idle();
        memcpy(buffer.data, static_cast<const char*>(host) + at, size);
        check(
            cudaMemcpyAsync(static_cast<char*>(device) + at, buffer.data, size, cudaMemcpyHostToDevice, stream_.handle),
            "upload");
        check(cudaEventRecord(buffer.done, stream_.handle), "upload");
        buffer.busy = true;
    }
}

void Staging::download(void* host, const void* device, int64_t bytes) {
    copies_++;
    Buffer* pending = nullptr;
    int64_t pending_at = 0, pending_size = 0;
    auto finish = [&] {
        if (pending == nullptr) return;
        wait(*pending);
        memcpy(static_cast<char*>(host) + pending_at, pending->data, static_cast<size_t>(pending_size));
    };
    for (int64_t at = 0; at < bytes; at += CHUNK) {
        int64_t size = std::min(CHUNK, bytes - at);
        Buffer& buffer = next_idle();
        check(cudaMemcpyAsync(buffer.data, static_cast<const char*>(device) + at, static_cast<size_t>(size),
                              cudaMemcpyDeviceToHost, stream_.handle),
              "download");
        check(cudaEventRecord(buffer.done, stream_.handle), "download");
        buffer.busy = true;
        finish();
        pending = &buffer;
        pending_at = at;
        pending_size = size;
    }
    finish();
    synchronize(stream_, "download");
}

}  // namespace dg
