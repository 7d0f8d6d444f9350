// plugin.cpp - the plug-in's table: the only symbol that the library exports. One source for both plug-ins;
// DAGUERRE_PLUGIN_NAME is "cuda" or "emulated".
#include <cstring>

#include "gpu/entries.h"

namespace dg {
namespace entry {

static void copy_text(const std::string& from, char* to, int capacity) {
    expect(to != nullptr && capacity > static_cast<int>(from.size()), "expected room for ", from.size() + 1,
           " characters, found ", capacity);
    memcpy(to, from.c_str(), from.size() + 1);
}

static const char* last_error() { return last_message().c_str(); }

static int devices(char* text, int capacity) {
    return guard([&] { copy_text(list_devices(), text, capacity); });
}

static int open(int device, const char* options, int64_t* context) {
    return guard([&] {
        expect(context != nullptr, "open: expected a place for the engine, found null");
        *context = reinterpret_cast<int64_t>(new Engine(device, parse_options(options)));
    });
}

int close(int64_t context) {
    return guard([&] { delete reinterpret_cast<Engine*>(context); });
}

int describe(int64_t context, char* text, int capacity) {
    return with_books(context, [&](Engine& engine) { copy_text(engine.describe(), text, capacity); });
}

int features(int64_t context, int* features) {
    return with_books(context, [&](Engine&) {
        expect(features != nullptr, "features: expected a place for the result, found null");
        *features = DG_FEATURE_GRAPHS | DG_FEATURE_EVENTS;
    });
}

int statistics(int64_t context, int64_t* values, int count) {
    return with_books(context, [&](Engine& engine) {
        expect(values != nullptr && count >= 0, "statistics: expected room for the values, found ", count);
        engine.statistics(values, count);
    });
}

int variants(int64_t context, int operation, int* count) {
    return with_books(context, [&](Engine&) {
        expect(count != nullptr, "variants: expected a place for the result, found null");
        *count = variant_count(operation);
    });
}

int set_variant(int64_t context, int operation, int variant) {
    return with_books(context, [&](Engine& engine) { engine.set_variant(operation, variant); });
}

}  // namespace entry
}  // namespace dg

#ifndef DAGUERRE_PLUGIN_NAME
#define DAGUERRE_PLUGIN_NAME "cuda"
#endif

extern "C" const dg_plugin* daguerre_plugin(void) {
    static const dg_plugin table = {DG_ABI,
                                    DAGUERRE_PLUGIN_NAME,
                                    dg::entry::last_error,
                                    dg::entry::devices,
                                    dg::entry::open,
#define DG_ENTRY_ADDRESS(name) dg::entry::name,
                                    DG_PLUGIN_ENTRIES(DG_ENTRY_ADDRESS)
#undef DG_ENTRY_ADDRESS
    };
    return &table;
}
