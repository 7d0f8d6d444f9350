// error.h - how the GPU engine reports failures: dg::Error inside, a status and a thread-local message at the C
// boundary.
#ifndef DAGUERRE_GPU_ERROR_H
#define DAGUERRE_GPU_ERROR_H

#include <exception>
#include <new>
#include <sstream>
#include <string>
#include <utility>

#include "kernels.h"

namespace dg {

class Error : public std::exception {
public:
    Error(int status, std::string message, bool context_lost = false)
        : status_(status), message_(std::move(message)), context_lost_(context_lost) {}
    int status() const { return status_; }
    // Whether the process's GPU context is gone: no call of the device can succeed any more.
    bool context_lost() const { return context_lost_; }
    const char* what() const noexcept override { return message_.c_str(); }

private:
    int status_;
    std::string message_;
    bool context_lost_;
};

// Joins its arguments as text.
template <class... Parts>
std::string text(const Parts&... parts) {
    std::ostringstream out;
    (out << ... << parts);
    return out.str();
}

template <class... Parts>
[[noreturn]] void fail(int status, const Parts&... parts) {
    throw Error(status, text(parts...));
}

// Throws an argument error unless the condition holds: expect(c > 0, "conv2d", ": expected channels > 0, found ", c).
template <class... Parts>
void expect(bool condition, const Parts&... parts) {
    if (!condition) fail(DG_ERROR_ARGUMENT, parts...);
}

// The message of the last failed call on this thread.
std::string& last_message();

// Runs body; whatever it throws becomes a status and a message. Nothing passes the C boundary.
template <class Body>
int guard(Body&& body) noexcept {
    try {
        try {
            body();
            return DG_OK;
        } catch (const Error& e) {
            last_message() = e.what();
            return e.status();
        } catch (const std::bad_alloc&) {
            last_message() = "out of host memory";
            return DG_ERROR_MEMORY;
        } catch (const std::exception& e) {
            last_message() = e.what();
            return DG_ERROR_DEVICE;
        }
    } catch (...) {  // a message that could not be stored, or an exception of an unknown kind
        return DG_ERROR_DEVICE;
    }
}

}  // namespace dg
#endif
