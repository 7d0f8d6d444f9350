// entries.h - the functions of the plug-in's table, and the frame that each of them runs in.
#ifndef DAGUERRE_GPU_ENTRIES_H
#define DAGUERRE_GPU_ENTRIES_H

#include "gpu/arguments.h"
#include "gpu/engine.h"
#include "plugin.h"

namespace dg {

namespace entry {
// One function of the declared type per entry of plugin.h: dg::entry::conv2d has the type of dg_conv2d.
#define DG_DECLARE_ENTRY(name) decltype(::dg_##name) name;
DG_PLUGIN_ENTRIES(DG_DECLARE_ENTRY)
#undef DG_DECLARE_ENTRY
}  // namespace entry

// Runs body(engine) with the engine locked and its device chosen.
template <class Body>
void run_locked(int64_t context, Body&& body) {
    expect(context != 0, "expected an open engine, found 0");
    Engine& engine = *reinterpret_cast<Engine*>(context);
    std::lock_guard<std::mutex> lock(engine.mutex);
    try {
        if (!engine.lost()) engine.use_device();
        body(engine);
    } catch (const Error& e) {
        if (e.context_lost() && !engine.lost()) engine.set_lost(e.what());
        throw;
    }
}

// An entry that needs the device: refused, with the first error's message, once the GPU context is lost.
template <class Body>
int with_engine(int64_t context, Body&& body) {
    return guard([&] {
        run_locked(context, [&](Engine& engine) {
            engine.expect_alive();
            body(engine);
        });
    });
}

// An entry that only keeps books, or gives something back: it succeeds after the context was lost, too, so that a
// session can be closed. What the device still says then is of no use to anyone.
template <class Body>
int with_books(int64_t context, Body&& body) {
    return guard([&] {
        run_locked(context, [&](Engine& engine) {
            try {
                body(engine);
            } catch (const Error& e) {
                if (!engine.lost() || e.status() != DG_ERROR_DEVICE) throw;
            }
        });
    });
}

// The same for an operation: body(engine, arguments).
template <class Body>
int operation(int64_t context, const char* name, Body&& body) {
    return with_engine(context, [&](Engine& engine) { body(engine, Arguments(engine, name)); });
}

}  // namespace dg
#endif
