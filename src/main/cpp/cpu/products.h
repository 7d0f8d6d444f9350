// products.h - oneDNN primitives for one shape of convolution or matrix product, and how weights meet the layout they
// want.
#ifndef DAGUERRE_CPU_PRODUCTS_H
#define DAGUERRE_CPU_PRODUCTS_H

#include "engine.h"

namespace dg {

// One picture: x [H, W, C] -> y [OH, OW, O].
struct ConvShape {
    int dtype, o, c, kh, kw, h, w, oh, ow, stride, pad_top, pad_left, pad_bottom, pad_right;
};

// x [ROWS, K] -> y [ROWS, O].
struct ProductShape {
    int dtype;
    int64_t rows;
    int o, k;
};

// The weight layout that oneDNN prefers for a shape; nothing is compiled.
dnnl::memory::desc convolution_layout(OneDnn& dnn, const ConvShape& shape);
dnnl::memory::desc product_layout(OneDnn& dnn, const ProductShape& shape);

// `layout` zero: oneDNN chooses.
Primitive make_convolution(OneDnn& dnn, const ConvShape& shape, const Epilogue& epilogue,
                           const dnnl::memory::desc& layout);
Primitive make_product(OneDnn& dnn, const ProductShape& shape, const Epilogue& epilogue,
                       const dnnl::memory::desc& layout);

// The primitive for these weights and shape. The first shape that uses the weights decides their layout; a later shape
// that cannot work with it gets its own copy for the duration of each call.
const Primitive& convolution_for(Engine& engine, Weights& weights, const ConvShape& shape, const Epilogue& epilogue);
const Primitive& product_for(Engine& engine, Weights& weights, const ProductShape& shape, const Epilogue& epilogue);

// Runs it, with scratch memory and, if need be, weights in the layout of the primitive.
void run_product(Engine& engine, const Primitive& primitive, const Weights& weights, const void* source,
                 const float* bias, void* destination, const void* residual);

}  // namespace dg
#endif
