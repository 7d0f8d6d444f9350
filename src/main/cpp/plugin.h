// plugin.h - what an engine's shared library exports: one function, daguerre_plugin(), that returns its table.
//
// The table has one pointer per function of kernels.h; the types are taken from the declarations there, so the two cannot drift apart.
// The first argument of each entry is the plug-in's own context (what its `open` returned) instead of the core's engine handle.
// Entries return a status; on failure they leave the message in their own thread-local text, returned by `last_error`.
#ifndef DAGUERRE_PLUGIN_H
#define DAGUERRE_PLUGIN_H

#include "kernels.h"

struct dg_plugin {
    int abi;           // DG_ABI the plug-in was compiled with
    const char* name;  // "cuda", "emulated", "cpu"
    const char* (*last_error)(void);
    int (*devices)(char* text, int capacity);
    int (*open)(int device, const char* options, int64_t* context);
#define DG_PLUGIN_ENTRIES(X)                                                                                                           \
    X(close) X(describe) X(features) X(statistics) X(reset_peak) X(synchronize) X(variants) X(set_variant) X(alloc) X(free) X(trim)    \
    X(upload) X(download) X(capture_begin) X(capture_end) X(graph_launch) X(graph_free) X(event_record) X(event_elapsed)               \
    X(flush_cache) X(pack_conv2d) X(pack_linear) X(free_weights) X(conv2d) X(linear) X(attention) X(group_norm) X(layer_norm)          \
    X(embedding) X(timestep_embedding) X(combine) X(guidance) X(activation_forward) X(blend) X(copy_columns) X(nchw_to_nhwc)           \
    X(nhwc_to_nchw) X(resize) X(pixel_unshuffle) X(pixel_shuffle) X(max_pool) X(count_nonfinite)
#define DG_PLUGIN_MEMBER(name) decltype(&dg_##name) name;
    DG_PLUGIN_ENTRIES(DG_PLUGIN_MEMBER)
#undef DG_PLUGIN_MEMBER
};

// The only exported symbol of a plug-in.
extern "C" __attribute__((visibility("default"))) const dg_plugin* daguerre_plugin(void);

#endif
