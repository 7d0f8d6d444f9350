// guard.h - the way into an engine: finds it by its context number, takes its lock, turns exceptions into a status.
#ifndef DAGUERRE_CPU_GUARD_H
#define DAGUERRE_CPU_GUARD_H

#include <omp.h>

#include <memory>
#include <new>

#include "engine.h"

namespace dg {

// Keeps "name: what" (or what alone) as the message of this thread and returns the status.
int fail(int status, const char* name, const char* what) noexcept;
const char* last_message() noexcept;

// Open engines by context number, so that a closed or invented context is an error and not a crash.
int64_t add_engine(std::shared_ptr<Engine> engine);
std::shared_ptr<Engine> find_engine(const char* name, int64_t context);
void remove_engine(int64_t context);

// Runs the body; whatever it throws becomes a status and a message.
template <class Body>
int guarded(const char* name, const Body& body) noexcept {
    try {
        body();
        return DG_OK;
    } catch (const Error& e) {
        return fail(e.status, nullptr, e.what());
    } catch (const dnnl::error& e) {
        bool memory = e.status == dnnl_out_of_memory, unsupported = e.status == dnnl_unimplemented;
        return fail(memory ? DG_ERROR_MEMORY : unsupported ? DG_ERROR_UNSUPPORTED : DG_ERROR_DEVICE, name, e.what());
    } catch (const std::bad_alloc&) {
        return fail(DG_ERROR_MEMORY, name, "the system has no more memory");
    } catch (const std::exception& e) {
        return fail(DG_ERROR_DEVICE, name, e.what());
    } catch (...) {
        return fail(DG_ERROR_DEVICE, name, "unknown failure");
    }
}

template <class Body>
int with_engine(const char* name, int64_t context, const Body& body) noexcept {
    return guarded(name, [&] {
        std::shared_ptr<Engine> engine = find_engine(name, context);
        std::lock_guard<std::mutex> lock(engine->mutex);
        body(*engine);
    });
}

// An operation on the stream: counted, and with the engine's number of threads for oneDNN on this calling thread.
template <class Body>
int operation(const char* name, int64_t context, const Body& body) noexcept {
    return with_engine(name, context, [&](Engine& engine) {
        if (omp_get_max_threads() != engine.threads) omp_set_num_threads(engine.threads);
        ++engine.operations;
        body(engine);
    });
}

}  // namespace dg
#endif
