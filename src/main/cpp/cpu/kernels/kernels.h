// kernels.h - the functions that exist once per instruction set. Each works on a part of its operation and is serial:
// the callers in ../*.cpp check the arguments and share the parts among threads.
#ifndef DAGUERRE_CPU_KERNELS_H
#define DAGUERRE_CPU_KERNELS_H

#include <cstdint>

namespace dg {

enum class Type { F32 = 0, F16 = 1, BF16 = 2 };

// y [N, P, C + C2] from x [N, P, C] and x2 [N, P, C2].
struct GroupNormCall {
    Type type;
    void* y;
    const void* x;
    const void* x2;
    int64_t c, c2, pixels, groups,
        chunk;  // chunk: pixels per partial sum; fixed, so that no result depends on threads or N
    const float* weight;
    const float* bias;
    float eps;
    int activation;
    double* partial;  // [N, chunks, G, 2]: mean and sum of squared deviations of one chunk
    float* affine;    // [N, 3, C + C2]: mean, factor, offset; y = act((x - mean) * factor + offset)
};

struct LayerNormCall {
    Type type;
    void* y;
    const void* x;
    const float* weight;  // null: ones
    const float* bias;    // null: zeros
    int64_t c;
    float eps;
};

struct CombineCall {
    Type y_type;
    void* y;
    int terms;
    Type x_type[8];
    const void* x[8];
    float factor[8];
};

// y [N, LQ, heads, D]; row strides in elements.
struct AttentionCall {
    Type type;
    void* y;
    const void* q;
    const void* k;
    const void* v;
    int64_t ldy, ldq, ldk, ldv;
    int64_t lq, lk;
    int heads, d;
    float scale;
    bool causal;
    char* packed;           // keys and values of all heads in the kernel's own layout
    int64_t packed_stride;  // bytes from head to head
};

// One way to compute attention; `head` counts over sequences and heads.
struct AttentionKernel {
    const char* name;
    int queries;                                          // per call of run
    int64_t (*packed_bytes)(const AttentionCall& call);   // per head
    int64_t (*scratch_bytes)(const AttentionCall& call);  // per thread
    // Lays out keys [begin, end) of one head; begin is a multiple of PACK_KEYS.
    void (*pack)(const AttentionCall& call, int64_t head, int64_t begin, int64_t end);
    void (*run)(const AttentionCall& call, void* scratch, int64_t head, int64_t first_query);
};

constexpr int64_t PACK_KEYS = 64;

struct KernelTable {
    // Statistics of one chunk of one image; scratch: 3 * (C + C2) floats.
    void (*group_norm_chunk)(const GroupNormCall& call, int64_t image, int64_t chunk, float* scratch);
    // Merges the chunks of one image into `affine`.
    void (*group_norm_affine)(const GroupNormCall& call, int64_t image);
    void (*group_norm_apply)(const GroupNormCall& call, int64_t image, int64_t first_pixel, int64_t last_pixel);
    void (*layer_norm)(const LayerNormCall& call, int64_t first_row, int64_t last_row);
    void (*activate)(Type type, void* y, const void* x, int64_t begin, int64_t end, int activation);
    // y [rows, O] = x[:, :O] * gelu(x[:, O:]) for x [rows, 2 O]
    void (*geglu)(Type type, void* y, const void* x, int64_t o, int64_t first_row, int64_t last_row);
    void (*combine)(const CombineCall& call, int64_t begin, int64_t end);
    // sum and centred sum of squares of x[begin..end), the latter around `mean`
    void (*moments)(Type type, const void* x, int64_t begin, int64_t end, double mean, double* sum, double* squares);
    // y = a * (u + scale (c - u)), elements begin..end of one row
    void (*guide)(Type type, float* y, const void* cond, const void* uncond, int64_t begin, int64_t end, float scale);
    int64_t (*count_nonfinite)(Type type, const void* x, int64_t begin, int64_t end);
    const AttentionKernel* attention;  // f32 arithmetic
};

const KernelTable& scalar_kernels();
const KernelTable& avx2_kernels();
const KernelTable& avx512_kernels();
const KernelTable& avx512_bf16_kernels();
const AttentionKernel& avx512_bf16_attention();   // bf16 storage only
const AttentionKernel& amx_attention();           // bf16 storage only
const AttentionKernel& emulated_amx_attention();  // the same algorithm on AVX2 with tiles in software, for tests

}  // namespace dg
#endif
