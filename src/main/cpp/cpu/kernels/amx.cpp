// amx.cpp - attention on the processor's tile unit. Run only where processor.cpp found AMX and got the kernel's
// permission.
#include "vector_avx512.h"

#include "attention_amx.h"

namespace dg {
namespace {

struct alignas(64) TileConfig {
    uint8_t palette = 0, start_row = 0, reserved[14] = {};
    uint16_t columns[16] = {};  // bytes per row
    uint8_t rows[16] = {};
};

struct HardwareTiles {
    // Configures eight full tiles and puts back what was configured before: oneDNN may hold a configuration of its own.
    struct Session {
        Session() {
            _tile_storeconfig(&before);
            TileConfig mine;
            mine.palette = 1;
            for (int i = 0; i < 8; ++i) {
                mine.columns[i] = 64;
                mine.rows[i] = 16;
            }
            _tile_loadconfig(&mine);
        }
        ~Session() {
            if (before.palette == 0) _tile_release();
            else _tile_loadconfig(&before);
        }
        TileConfig before;
    };
    // GCC's intrinsics take the tile's number as source text only, hence assembly.
    template <int TILE>
    DG_INLINE void load(const void* p, int64_t stride) {
        __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(p), "r"(stride), "i"(TILE) : "memory");
    }
    template <int TILE>
    DG_INLINE void store(void* p, int64_t stride) {
        __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(p), "r"(stride), "i"(TILE) : "memory");
    }
    template <int TILE>
    DG_INLINE void zero() {
        __asm__ volatile("tilezero %%tmm%c0" : : "i"(TILE));
    }
    template <int C, int A, int B>
    DG_INLINE void multiply() {
        __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(C), "i"(A), "i"(B));
    }
};

const AttentionKernel KERNEL = {"amx",    static_cast<int>(AMX_QUERIES), amx_packed_bytes, amx_scratch_bytes,
                                amx_pack, amx_run<HardwareTiles>};

}  // namespace

const AttentionKernel& amx_attention() { return KERNEL; }

}  // namespace dg
