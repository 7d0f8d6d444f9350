// ldmatrix and mma: who holds which element. Layouts from the PTX ISA, sections "ldmatrix" and "mma.m16n8k16".
#include "block.h"

#include "matrix_product.h"

#include <immintrin.h>

namespace simt {
namespace {

void transpose_8x8(uint16_t (&m)[8][8]) {
    for (int i = 0; i < 8; i++) {
        for (int j = i + 1; j < 8; j++) {
            uint16_t v = m[i][j];
            m[i][j] = m[j][i];
            m[j][i] = v;
        }
    }
}

const void* checked_row(Lane& lane, int i) {
    const void* row = lane.operands.ldmatrix.rows[i];
    if (reinterpret_cast<size_t>(row) & 15) {
        report(lane, cudaErrorMisalignedAddress, lane.site, "ldmatrix: the row address is not 16-byte aligned");
    }
    if (!lane.worker->in_shared(row, 16)) {
        report(lane, cudaErrorIllegalAddress, lane.site, "ldmatrix: the row address is not in shared memory");
    }
    if (g_check) {
        g_check->shared_read(lane, row, 16, lane.site);
    }
    return row;
}

void load_matrices(Lane* lanes) {
    const auto first = lanes[0].operands.ldmatrix;
    for (int i = 1; i < 32; i++) {
        const auto& other = lanes[i].operands.ldmatrix;
        if (other.count != first.count || other.matrices != first.matrices || other.transposed != first.transposed) {
            report(lanes[i], cudaErrorLaunchFailure, lanes[i].site, "ldmatrix: lanes take part in different loads");
        }
    }
    for (int i = 0; i < first.count; i++) {
        for (int m = 0; m < first.matrices; m++) {
            alignas(16) uint16_t matrix[8][8];
            for (int row = 0; row < 8; row++) {
                memcpy(matrix[row], checked_row(lanes[m * 8 + row], i), 16);
            }
            if (first.transposed) {
                transpose_8x8(matrix);
            }
            const auto* pairs = reinterpret_cast<const char*>(matrix);  // in lane order, see MatrixScratch
            for (int lane = 0; lane < 32; lane++) {
                memcpy(&lanes[lane].operands.ldmatrix.r[i * first.matrices + m], pairs + 4 * lane, 4);
            }
        }
    }
}

void gather_b(MatrixScratch& s, const Lane* lanes, int ni, int registers) {
    for (int lane = 0; lane < 32; lane++) {
        const uint32_t* b = lanes[lane].operands.mma.b;
        for (int j = 0; j < ni; j++) {
            for (int r = 0; r < registers; r++) {
                s.b_bits[j][r][lane] = b[j * registers + r];
            }
        }
    }
}

void gather_a(MatrixScratch& s, const Lane* lanes, int i, int registers) {
    for (int lane = 0; lane < 32; lane++) {
        const uint32_t* a = lanes[lane].operands.mma.a + i * registers;
        for (int r = 0; r < registers; r++) {
            s.a_bits[r][lane] = a[r];
        }
    }
}

void add_products(const MatrixScratch& s, Lane* lanes, int i, int ni) {
    for (int lane = 0; lane < 32; lane++) {
        float* d = lanes[lane].operands.mma.d + 4 * i * ni;
        for (int j = 0; j < ni; j++) {
            const auto* upper = reinterpret_cast<const double*>(s.products[j][0]) + lane;
            const auto* lower = reinterpret_cast<const double*>(s.products[j][1]) + lane;
            __m128 product = _mm_castpd_ps(_mm_loadh_pd(_mm_load_sd(upper), lower));
            _mm_storeu_ps(d + 4 * j, _mm_add_ps(_mm_loadu_ps(d + 4 * j), product));
        }
    }
}

void multiply_tiles(Lane* lanes) {
    const auto first = lanes[0].operands.mma;
    for (int i = 1; i < 32; i++) {
        const auto& other = lanes[i].operands.mma;
        if (other.mi != first.mi || other.ni != first.ni || other.k != first.k || other.type != first.type) {
            report(lanes[i], cudaErrorLaunchFailure, lanes[i].site, "mma: lanes take part in different products");
        }
    }
    if (first.ni > MAX_N_TILES) {
        report(lanes[0], cudaErrorLaunchFailure, lanes[0].site, "mma: %d column tiles, at most %d are emulated",
               first.ni, MAX_N_TILES);
    }
    auto& scratch = *static_cast<MatrixScratch*>(lanes[0].worker->scratch);
    bool bf16 = first.type == Element::bf16;
    gather_b(scratch, lanes, first.ni, first.k / 8);
    convert_b(scratch, bf16, first.ni, first.k);
    for (int i = 0; i < first.mi; i++) {
        gather_a(scratch, lanes, i, first.k / 4);
        convert_a(scratch, bf16, first.k);
        multiply(scratch, first.ni, first.k);
        add_products(scratch, lanes, i, first.ni);
    }
}

}  // namespace

void ldmatrix(uint32_t* r, const void* const* rows, int count, int matrices, bool transposed) {
    auto& operands = t_lane->operands.ldmatrix;
    operands = {r, rows, count, matrices, transposed};
    collective(Wait::ldmatrix, ~0u, SIMT_CALLER, [](Lane* lanes, Warp&) { load_matrices(lanes); });
}

void mma(Element type, float* d, const uint32_t* a, const uint32_t* b, int mi, int ni, int k) {
    t_lane->operands.mma = {type, d, a, b, mi, ni, k};
    collective(Wait::mma, ~0u, SIMT_CALLER, [](Lane* lanes, Warp&) { multiply_tiles(lanes); });
}

}  // namespace simt
