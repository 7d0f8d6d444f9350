// The probes of access_profile_kernels.cu; stride in elements from lane to lane.
#ifndef DAGUERRE_ACCESS_PROFILE_KERNELS_H
#define DAGUERRE_ACCESS_PROFILE_KERNELS_H

#include <cuda_runtime.h>

void probe_shared(float* data, int stride);
void probe_wide(float* data, int stride);
void probe_halves(float* data, int stride);
void probe_matrix(float* data, int stride);
void probe_async(float* data, int stride);

#endif
