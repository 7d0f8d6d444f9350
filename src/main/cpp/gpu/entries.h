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

// Runs body(engine) with the engine locked and its device chosen; returns the status.
template <class Body>
int with_engine(int64_t context, Body&& body) {
    return guard([&] {
        expect(context != 0, "expected an open engine, found 0");
        Engine& engine = *reinterpret_cast<Engine*>(context);
        std::lock_guard<std::mutex> lock(engine.mutex);
        engine.use_device();
        body(engine);
    });
}

// The same for an operation: body(engine, arguments).
template <class Body>
int operation(int64_t context, const char* name, Body&& body) {
    return with_engine(context, [&](Engine& engine) { body(engine, Arguments(engine, name)); });
}

}  // namespace dg
#endif
