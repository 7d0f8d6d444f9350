// gemm_conv2d_cases.h - the shapes on which gemm_conv2d.cpp tries conv2d.
#ifndef DAGUERRE_GEMM_CONV2D_CASES_H
#define DAGUERRE_GEMM_CONV2D_CASES_H

#include <vector>

#include "kernels.h"

namespace gemm_test {

struct ConvCase {
    const char* name;
    int n, h, w, c, c2, o, kh, kw;
    int stride = 1, pad_top = 0, pad_left = 0, oh = 0, ow = 0;  // oh, ow 0: as for padding on all sides
    int uh = 0, uw = 0;                                         // 0: no upsampling
    int emb = 0;  // 0 none, 1 rows of O, 2 wide rows at an odd place, 3 one row for all
    bool residual = false, bias = true;
    int activation = DG_ACT_NONE;
    int w_type = DG_F16, bias_type = DG_F32;
};

inline ConvCase complete(ConvCase k) {
    if (k.uh == 0) k.uh = k.h;
    if (k.uw == 0) k.uw = k.w;
    if (k.oh == 0) k.oh = (k.uh + 2 * k.pad_top - k.kh) / k.stride + 1;
    if (k.ow == 0) k.ow = (k.uw + 2 * k.pad_left - k.kw) / k.stride + 1;
    return k;
}

inline ConvCase same3(const char* name, int n, int h, int w, int c, int c2, int o) {
    ConvCase k{name, n, h, w, c, c2, o, 3, 3};
    k.pad_top = k.pad_left = 1;
    return k;
}

// Output pixels x channels one off every tile on both sides; a 1x3 kernel sees both neighbours.
inline std::vector<ConvCase> tile_edges() {
    std::vector<ConvCase> cases;
    const int pixels[] = {63, 64, 65, 127, 129, 255, 257}, channels[] = {33, 31, 63, 65, 32, 127, 129};
    for (int i = 0; i < 7; i++) {
        ConvCase k{"tile edge", 1, 1, pixels[i], 16, 0, channels[i], 1, 3};
        k.pad_left = 1;
        k.residual = i % 2 == 0;
        cases.push_back(k);
    }
    return cases;
}

inline std::vector<ConvCase> channel_patterns() {
    std::vector<ConvCase> cases;
    const int patterns[][3] = {{4, 0, 40},   {3, 0, 16},  {9, 0, 40}, {5, 0, 8},   {40, 0, 4},
                               {32, 0, 3},   {24, 0, 24}, {8, 0, 8},  {72, 0, 9},  {8, 16, 24},
                               {40, 24, 16}, {3, 5, 8},   {4, 8, 5},  {9, 32, 40}, {64, 32, 64}};
    for (auto& p : patterns) {
        ConvCase k = same3("channels", 2, 5, 7, p[0], p[1], p[2]);
        k.emb = 1 + int(cases.size() % 3);
        k.residual = cases.size() % 2 == 0;
        k.w_type = int(cases.size() % 3);
        k.bias_type = int((cases.size() + 1) % 3);
        cases.push_back(k);
    }
    return cases;
}

inline std::vector<ConvCase> geometries() {
    std::vector<ConvCase> cases;
    cases.push_back({"one element", 1, 1, 1, 1, 0, 1, 1, 1});
    cases.push_back({"one pixel, 3x3", 1, 1, 1, 8, 0, 8, 3, 3, 1, 1, 1});
    cases.push_back({"1x1", 2, 6, 5, 48, 0, 40, 1, 1});
    ConvCase k{"stride 2, padding 1", 2, 8, 6, 16, 0, 24, 3, 3, 2, 1, 1};
    k.emb = 1;
    cases.push_back(k);
    cases.push_back({"stride 2, zeros below and right only", 1, 8, 7, 16, 0, 24, 3, 3, 2, 0, 0, 4, 4});
    cases.push_back({"7x7 stride 2", 1, 15, 13, 3, 0, 16, 7, 7, 2, 3, 3});
    cases.push_back({"5x2, uneven padding", 1, 6, 9, 8, 8, 16, 5, 2, 1, 3, 1, 7, 9});
    cases.push_back({"16x16 patches", 1, 32, 32, 3, 0, 24, 16, 16, 16});
    k = same3("upsampled twice", 2, 3, 5, 16, 0, 24);
    k.uh = 6, k.uw = 10, k.emb = 1;
    cases.push_back(k);
    k = same3("upsampled to odd sizes, two sources", 2, 3, 5, 16, 8, 24);
    k.uh = 5, k.uw = 9, k.residual = true;
    cases.push_back(k);
    k = same3("upsampled three times, gathered", 1, 2, 3, 5, 0, 8);
    k.uh = 7, k.uw = 9;
    cases.push_back(k);
    for (int to : {77, 101, 154, 201, 255}) {
        k = {"a row of 77, upsampled", 1, 1, 77, 8, 0, 8, 1, 1};
        k.uw = to;
        cases.push_back(k);
    }
    k = same3("no bias, long K", 1, 4, 4, 320, 0, 48);
    k.bias = false;
    cases.push_back(k);
    k = same3("long K, two sources", 2, 4, 4, 160, 96, 72);
    k.emb = 1, k.residual = true, k.activation = DG_ACT_SILU;
    cases.push_back(k);
    cases.push_back(same3("long K, gathered", 1, 3, 3, 60, 7, 20));
    return cases;
}

inline std::vector<ConvCase> activations() {
    std::vector<ConvCase> cases;
    for (int kind = DG_ACT_NONE; kind <= DG_ACT_MISH; kind++) {
        for (int after : {0, int(DG_ACT_AFTER_RESIDUAL)}) {
            ConvCase k{"activation", 2, 3, 3, 16, 0, kind % 2 ? 16 : 11, 1, 1};
            k.activation = kind | after;
            k.residual = true;
            k.emb = kind % 3 == 0 ? 1 : 0;
            cases.push_back(k);
        }
    }
    return cases;
}

}  // namespace gemm_test
#endif
