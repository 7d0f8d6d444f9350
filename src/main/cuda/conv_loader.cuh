// conv_loader.cuh - the A side of the implicit GEMM of conv2d.cu: rows are output pixels, columns are (tap, channel).
//
// A thread copies one 16-byte chunk column of A_LOADS rows per K tile. Its chunk lies in one tap and in one source
// (packing pads the channels of each source to a multiple of 8), so per tile it only adds TILE_K to a channel number;
// when that passes the last channel the tap changes and the input pixel of each row is found anew: every tenth tile
// where there are 320 channels.
#ifndef DAGUERRE_CONV_LOADER_CUH
#define DAGUERRE_CONV_LOADER_CUH

#include "mainloop.cuh"

namespace dg {

// Geometry of a convolution, by value in constant memory.
template <class T>
struct ConvInput {
    const T* x;                  // [N, H, W, C]
    const T* x2;                 // [N, H, W, C2]
    int c, c2, c_pad, channels;  // channels = c_pad + c2_pad
    int kh, kw, stride, pad_top, pad_left;
    int h, w, uh, uw, oh, ow;
    int rows;                   // N * OH * OW
    uint32_t scale_h, scale_w;  // ceil(2^32 H / UH), 0 when UH == H
};

// floor(u * H / UH) for 0 <= u < UH < 2^15: the rounding of scale adds less than u / 2^32 < 1 / UH.
__device__ __forceinline__ int source_index(int u, uint32_t scale) {
    return scale == 0 ? u : static_cast<int>(static_cast<uint64_t>(static_cast<uint32_t>(u)) * scale >> 32);
}

// ALIGNED: C and C2 are multiples of 8, and chunks are copied whole; otherwise element by element.
template <class T, class Shape, bool ALIGNED>
struct ConvLoader {
    static constexpr int ROWS = Shape::A_LOADS;
    const ConvInput<T>& in;
    int channel, tap_h, tap_w;  // of this thread's chunk
    int corner[ROWS];  // upper left input pixel of the row's window, v in the upper and u in the lower 16 bits (signed)
    int image[ROWS];   // first pixel of the row's image
    int pixel[ROWS];   // input pixel under the current tap, -1 outside

    __device__ ConvLoader(const ConvInput<T>& input, int m0, int first_tile) : in(input) {
        int k = first_tile * TILE_K + threadIdx.x % ROW_CHUNKS * CHUNK;
        int tap = k / in.channels;
        channel = k % in.channels;
        tap_h = tap / in.kw;
        tap_w = tap % in.kw;
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
            int row = m0 + threadIdx.x / ROW_CHUNKS + i * Shape::LOAD_ROWS;
            int pixel_out = row % (in.oh * in.ow), n = row / (in.oh * in.ow);
            int u = pixel_out / in.ow * in.stride - in.pad_top, v = pixel_out % in.ow * in.stride - in.pad_left;
            if (row >= in.rows) u = -32768;  // above the image whatever the tap
            corner[i] = static_cast<int>(static_cast<uint32_t>(v) << 16 | (static_cast<uint32_t>(u) & 0xffffu));
            image[i] = row < in.rows ? n * in.h * in.w : 0;
        }
        locate();
    }

    __device__ __forceinline__ void locate() {
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
            int u = static_cast<int16_t>(corner[i] & 0xffff) + tap_h, v = (corner[i] >> 16) + tap_w;
            bool inside = tap_h < in.kh && u >= 0 && u < in.uh && v >= 0 && v < in.uw;
            pixel[i] = inside ? image[i] + source_index(u, in.scale_h) * in.w + source_index(v, in.scale_w) : -1;
        }
    }

    __device__ __forceinline__ void load(T* s_a) {
        bool second = channel >= in.c_pad;
        int first = second ? channel - in.c_pad : channel, width = second ? in.c2 : in.c;
        const T* source = second ? in.x2 : in.x;
        T* target = s_a + swizzled(threadIdx.x / ROW_CHUNKS, threadIdx.x % ROW_CHUNKS);
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
            bool valid = pixel[i] >= 0;
            const T* chunk = source + (valid ? int64_t(pixel[i]) * width + first : 0);
            T* to = target + i * Shape::LOAD_ROWS * TILE_K;
            if constexpr (ALIGNED) {
                ptx::cp_async<16>(to, chunk, valid);
            } else {
                gather_chunk(to, chunk, valid ? width - first : 0);
            }
        }
        channel += TILE_K;
        if (channel < in.channels) return;
        do {
            channel -= in.channels;
            if (++tap_w == in.kw) {
                tap_w = 0;
                tap_h++;
            }
        } while (channel >= in.channels);
        locate();
    }
};

}  // namespace dg
#endif
