// amx_emulated.cpp - the AMX attention with tiles in software, so that its algorithm is tested on processors without
// AMX.
#include "vector_avx2.h"

#include "attention_amx.h"

namespace dg {
namespace {

struct SoftwareTiles {
    struct Tile {
        uint8_t row[16][64];
    };
    static Tile& tile(int index) {
        static thread_local Tile tiles[8];
        return tiles[index];
    }
    struct Session {
        Session() {  // garbage, as after a real configuration nothing may be assumed
            for (int i = 0; i < 8; ++i) __builtin_memset(&tile(i), 0xff, sizeof(Tile));
        }
    };
    template <int TILE>
    static void load(const void* p, int64_t stride) {
        for (int r = 0; r < 16; ++r) __builtin_memcpy(tile(TILE).row[r], static_cast<const char*>(p) + r * stride, 64);
    }
    template <int TILE>
    static void store(void* p, int64_t stride) {
        for (int r = 0; r < 16; ++r) __builtin_memcpy(static_cast<char*>(p) + r * stride, tile(TILE).row[r], 64);
    }
    template <int TILE>
    static void zero() {
        __builtin_memset(&tile(TILE), 0, sizeof(Tile));
    }
    template <int C, int A, int B>
    static void multiply() {
        float c[16][16];
        BF16 a[16][32], b[16][32];
        __builtin_memcpy(c, &tile(C), sizeof c);
        __builtin_memcpy(a, &tile(A), sizeof a);
        __builtin_memcpy(b, &tile(B), sizeof b);
        for (int m = 0; m < 16; ++m) {
            for (int k = 0; k < 16; ++k) {
                for (int n = 0; n < 16; ++n) {
                    c[m][n] += to_float(a[m][2 * k]) * to_float(b[k][2 * n])
                               + to_float(a[m][2 * k + 1]) * to_float(b[k][2 * n + 1]);
                }
            }
        }
        __builtin_memcpy(&tile(C), c, sizeof c);
    }
};

const AttentionKernel KERNEL = {"amx emulated", static_cast<int>(AMX_QUERIES), amx_packed_bytes, amx_scratch_bytes,
                                amx_pack,       amx_run<SoftwareTiles>};

}  // namespace

const AttentionKernel& emulated_amx_attention() { return KERNEL; }

}  // namespace dg
