// kernels.h - the only header that JavaCPP binds.
//
// One function per operation. An engine (cuda, emulated, cpu) is a plug-in that fills the function table of plugin.h with functions
// of exactly these signatures; the core library (loader.cpp) forwards each call to the table of the engine it is given.
//
// CONVENTIONS
//   status    every function returns DG_OK or a DG_ERROR_* code; dg_last_error() then has the message (per thread): operation,
//             expectation, finding. Nothing aborts, nothing throws across this boundary.
//   order     engine, type, output, inputs, sizes. Tensors are plain 64-bit device addresses (0 = absent), contiguous unless a row
//             stride `ld` (in elements) is given, aligned to 16 bytes.
//   layout    images [N, H, W, C]; token sequences [N, L, C]. `dtype` is the storage type of the activations (DG_F32, DG_F16, DG_BF16);
//             sums are f32. Norm weights, biases and latents are f32.
//   weights   handles made by dg_pack_*; they carry the bias.
//   order of reduction never depends on the batch size N: a picture alone and in a batch has the same bits.
//   stream    one per engine. Calls return when the work is queued; dg_download and dg_synchronize wait for it.
#ifndef DAGUERRE_KERNELS_H
#define DAGUERRE_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DG_ABI = 1 };

enum dg_status { DG_OK = 0, DG_ERROR_ARGUMENT = 1, DG_ERROR_MEMORY = 2, DG_ERROR_UNSUPPORTED = 3, DG_ERROR_DEVICE = 4, DG_ERROR_CHECK = 5 };

enum dg_type { DG_F32 = 0, DG_F16 = 1, DG_BF16 = 2, DG_I32 = 3 };

// Pointwise functions. DG_ACT_AFTER_RESIDUAL may be added: the function is then applied to the sum with the residual.
enum dg_activation {
    DG_ACT_NONE = 0,
    DG_ACT_SILU = 1,         // x * sigmoid(x)
    DG_ACT_GELU = 2,         // x * Phi(x), exact (erf)
    DG_ACT_QUICK_GELU = 3,   // x * sigmoid(1.702 x)
    DG_ACT_RELU = 4,
    DG_ACT_LEAKY_RELU = 5,   // slope 0.2 (ESRGAN)
    DG_ACT_TANH = 6,
    DG_ACT_SIGMOID = 7,
    DG_ACT_SOFT_CLAMP_3 = 8, // 3 tanh(x / 3) (TAESD)
    DG_ACT_ELU = 9,          // alpha 1
    DG_ACT_LEAKY_RELU_01 = 10, // slope 0.01 (PyTorch's default; hypernetworks)
    DG_ACT_SOFTPLUS = 11,
    DG_ACT_MISH = 12,
    DG_ACT_AFTER_RESIDUAL = 256
};

// Operations that have variants (dg_variants, dg_set_variant).
enum dg_operation {
    DG_OP_CONV2D = 0, DG_OP_LINEAR = 1, DG_OP_ATTENTION = 2, DG_OP_GROUP_NORM = 3, DG_OP_LAYER_NORM = 4, DG_OP_COMBINE = 5,
    DG_OP_GUIDANCE = 6, DG_OP_COUNT = 7
};

// Features of an engine, a bit set.
enum dg_feature { DG_FEATURE_GRAPHS = 1, DG_FEATURE_EVENTS = 2 };

// Slots of dg_statistics.
enum dg_statistic {
    DG_STAT_LIVE_BYTES = 0,      // handed out by dg_alloc and dg_pack_*, not yet freed
    DG_STAT_PEAK_BYTES = 1,
    DG_STAT_RESERVED_BYTES = 2,  // held by the arena, handed out or cached
    DG_STAT_SYSTEM_ALLOCATIONS = 3,  // calls to cudaMalloc / aligned_alloc so far
    DG_STAT_LAUNCHES = 4,        // kernels (cpu: operations) launched outside graphs
    DG_STAT_GRAPH_LAUNCHES = 5,
    DG_STAT_SYNCHRONIZATIONS = 6,
    DG_STAT_COPIES = 7,          // host <-> device copies
    DG_STAT_COUNT = 8
};

// ---- engine ----------------------------------------------------------------------------------------------------------------------
// Message of the last failed call on this thread, never null.
const char* dg_last_error(void);
// Writes a JSON array of the devices that the plug-in at `library` can open into text: [{"index":0,"name":"...","detail":"..."}].
int dg_devices(const char* library, char* text, int capacity);
// Opens a device of the plug-in at path `library`. options: "key=value;..." - threads, memory_limit (bytes), isa (amx|avx512|avx2), sync.
int dg_open(const char* library, int device, const char* options, int64_t* engine);
int dg_close(int64_t engine);
// One line for humans: device, instruction set or compute capability, library versions.
int dg_describe(int64_t engine, char* text, int capacity);
int dg_features(int64_t engine, int* features);
int dg_statistics(int64_t engine, int64_t* values, int count);
int dg_reset_peak(int64_t engine);
int dg_synchronize(int64_t engine);
// Number of variants of an operation (at least 1); 0 in dg_set_variant lets the engine choose by shape again.
int dg_variants(int64_t engine, int operation, int* count);
int dg_set_variant(int64_t engine, int operation, int variant);

// ---- memory ----------------------------------------------------------------------------------------------------------------------
int dg_alloc(int64_t engine, int64_t bytes, int64_t* address);
int dg_free(int64_t engine, int64_t address);
// Gives cached, unused memory back to the system.
int dg_trim(int64_t engine);
int dg_upload(int64_t engine, int64_t address, int64_t host, int64_t bytes);
int dg_download(int64_t engine, int64_t host, int64_t address, int64_t bytes);
// Takes the whole pages of a read-only mapped file within these bytes out of this process's memory; they stay in the system's cache and
// come back when read. The range must lie in such a mapping: other memory would lose its content.
int dg_forget_pages(int64_t host, int64_t bytes);

// ---- recording -------------------------------------------------------------------------------------------------------------------
// Operations between begin and end are recorded, not run; blocks allocated meanwhile stay with the graph until dg_graph_free.
int dg_capture_begin(int64_t engine);
int dg_capture_end(int64_t engine, int64_t* graph);
int dg_graph_launch(int64_t engine, int64_t graph);
int dg_graph_free(int64_t engine, int64_t graph);
// Time marks on the stream: 16 slots; elapsed waits for the later one.
int dg_event_record(int64_t engine, int slot);
int dg_event_elapsed(int64_t engine, int from, int to, float* milliseconds);
// Overwrites a buffer larger than the last-level cache, so that the next operation reads from memory (benchmarks).
int dg_flush_cache(int64_t engine);

// ---- weights ---------------------------------------------------------------------------------------------------------------------
// Host addresses; w_type/b_type: DG_F32, DG_F16 or DG_BF16 as in the file. bias may be 0. dtype: type of the activations to come.
// conv2d: w [O, C + C2, KH, KW] (PyTorch order). C2 > 0: the input will come as two tensors, concatenated on channels.
int dg_pack_conv2d(int64_t engine, int dtype, int64_t w, int w_type, int64_t bias, int b_type,
                   int o, int c, int c2, int kh, int kw, int64_t* weights);
// linear: w [O, K]. geglu != 0: rows 0..O/2-1 are the value, O/2..O-1 the gate, and dg_linear returns O/2 columns: value * gelu(gate).
int dg_pack_linear(int64_t engine, int dtype, int64_t w, int w_type, int64_t bias, int b_type, int o, int k, int geglu,
                   int64_t* weights);
int dg_free_weights(int64_t engine, int64_t weights);

// ---- operations ------------------------------------------------------------------------------------------------------------------
// y [N, OH, OW, O] = act(conv(nearest(x | x2 -> UH x UW)) + bias + emb[n, o]) + residual
// x [N, H, W, C], x2 [N, H, W, C2] or 0; (UH, UW) = (H, W) without upsampling, source row = floor(u * H / UH).
// UH >= H, UW >= W. Zeros outside; pad_top, pad_left may be 0, and are smaller than the kernel; bottom and right padding follow from OH,
// OW: every window starts within the padded input, and no further one would fit.
// emb: first of O values of row n at emb + n * emb_stride elements (stride 0: one row for all, else at least O), type dtype. residual
// [N, OH, OW, O] or 0. x2 is given exactly where the weights have C2 > 0.
int dg_conv2d(int64_t engine, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weights, int64_t emb,
              int64_t emb_stride, int64_t residual, int n, int h, int w, int uh, int uw, int oh, int ow, int stride, int pad_top,
              int pad_left, int activation);
// y [ROWS, O] = act(x [ROWS, K] w^T + bias) + residual [ROWS, O]; with geglu weights y is [ROWS, O/2], activation must be NONE
// and residual 0.
int dg_linear(int64_t engine, int dtype, int64_t y, int64_t x, int64_t weights, int64_t residual, int64_t rows, int activation);
// y = softmax(scale * q k^T) v per head. Row l of sequence n of q starts at q + (n * LQ + l) * ldq elements; head i uses columns
// i*D..i*D+D-1. k, v likewise with LK. causal: query i sees keys 0..i (LQ == LK). 1e-6 <= scale <= 1e6. D up to 512 on every engine.
int dg_attention(int64_t engine, int dtype, int64_t y, int64_t ldy, int64_t q, int64_t ldq, int64_t k, int64_t ldk, int64_t v,
                 int64_t ldv, int n, int lq, int lk, int heads, int d, float scale, int causal);
// y [N, P, C + C2] = act(group_norm(x | x2)) * weight + bias inside the norm; P = H * W pixels; weight, bias [C + C2] f32.
// activation: NONE, SILU or RELU. eps >= 0 and finite, as in layer_norm. x2 is given exactly where C2 > 0; without it, y may be x.
int dg_group_norm(int64_t engine, int dtype, int64_t y, int64_t x, int c, int64_t x2, int c2, int64_t weight, int64_t bias, int n,
                  int64_t pixels, int groups, float eps, int activation);
// y [ROWS, C]; weight, bias [C] f32 (0: ones / zeros).
int dg_layer_norm(int64_t engine, int dtype, int64_t y, int64_t x, int64_t weight, int64_t bias, int64_t rows, int c, float eps);
// y [ROWS, C] = table [ids[row]] + positions [row % L]; ids i32 [ROWS], table [V, C] and positions [L, C] of type dtype (positions may be 0).
// An id outside 0..V-1 is an error found before launch only on host-checked paths: the caller guarantees the range.
int dg_embedding(int64_t engine, int dtype, int64_t y, int64_t ids, int64_t table, int64_t positions, int64_t rows, int l, int c, int v);
// y [N, DIM] (type dtype), t [N] f32: y = [cos(t f_i)..., sin(t f_i)...], f_i = 10000^(-i / (DIM/2)).
int dg_timestep_embedding(int64_t engine, int dtype, int64_t y, int64_t t, int n, int dim);
// y = sum_i c_i x_i, 1 <= terms <= 8, elementwise; y_type and x_types (4 bits each, term 0 lowest) are dg_type codes.
int dg_combine(int64_t engine, int y_type, int64_t y, int64_t count, int terms, int x_types, int64_t x0, int64_t x1, int64_t x2,
               int64_t x3, int64_t x4, int64_t x5, int64_t x6, int64_t x7, float c0, float c1, float c2, float c3, float c4, float c5,
               float c6, float c7);
// y [N, COUNT] f32 = u + scale (c - u); rescale > 0: y <- rescale * y * std(c)/std(y) + (1 - rescale) * y per row (arXiv:2305.08891).
// cond, uncond [N, COUNT] of type dtype. 0 <= rescale <= 1.
int dg_guidance(int64_t engine, int dtype, int64_t y, int64_t cond, int64_t uncond, int n, int64_t count, float scale, float rescale);
// y = act(x), elementwise.
int dg_activation_forward(int64_t engine, int dtype, int64_t y, int64_t x, int64_t count, int activation);
// y = a + mask (b - a); a, b, y [N, P, C], mask [N, P] (mask_n == 1: [1, P] for all). All f32.
int dg_blend(int64_t engine, int64_t y, int64_t a, int64_t b, int64_t mask, int mask_n, int n, int64_t pixels, int c);
// y[r, col_y + j] = x[r, col_x + j], r < rows, j < cols; row strides ldy, ldx. Same type (dtype) on both sides.
int dg_copy_columns(int64_t engine, int dtype, int64_t y, int64_t ldy, int64_t x, int64_t ldx, int64_t rows, int64_t cols);
// Layout and type at the edges of the network: y [N, H, W, C] <- x [N, C, H, W], and back.
int dg_nchw_to_nhwc(int64_t engine, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w);
int dg_nhwc_to_nchw(int64_t engine, int y_type, int64_t y, int x_type, int64_t x, int n, int c, int h, int w);
// y [N, OH, OW, C]; bilinear 0: nearest, source floor(o * H / OH); 1: bilinear, half-pixel centres; 2: bilinear, corners aligned.
int dg_resize(int64_t engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int bilinear);
// y [N, H/R, W/R, C*R*R], channel order c*R*R + dy*R + dx as PyTorch's pixel_unshuffle; shuffle is its inverse (y [N, H*R, W*R, C/(R*R)]).
int dg_pixel_unshuffle(int64_t engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r);
int dg_pixel_shuffle(int64_t engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int r);
// y [N, OH, OW, C]: maximum over K x K windows; outside counts as -infinity.
int dg_max_pool(int64_t engine, int dtype, int64_t y, int64_t x, int n, int h, int w, int c, int oh, int ow, int k, int stride,
                int pad_top, int pad_left);
// count[0] (i32, device) = number of NaN and infinite values in x.
int dg_count_nonfinite(int64_t engine, int dtype, int64_t count, int64_t x, int64_t values);

#ifdef __cplusplus
}
#endif
#endif
