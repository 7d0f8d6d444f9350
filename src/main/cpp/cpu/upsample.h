// upsample.h - a 3x3 convolution of a picture enlarged by two, without the enlarged picture.
#ifndef DAGUERRE_CPU_UPSAMPLE_H
#define DAGUERRE_CPU_UPSAMPLE_H

#include "operations.h"
#include "products.h"

namespace dg {

// True for conv3x3(nearest 2x), stride 1, padding 1, without residual.
bool upsample_applies(const Conv2d& arguments, const Weights& weights);

// One picture: x [H, W, C + C2] -> y [2H, 2W, O]. bias has the embedding in it.
void upsample_picture(Engine& engine, const Conv2d& arguments, Weights& weights, const void* x, const float* bias,
                      char* y);

}  // namespace dg
#endif
