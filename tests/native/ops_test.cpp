// ops_test.cpp - every operation but conv2d and linear (gemm_test.cpp), every variant, against naive loops in double;
// and the host runtime.
//
// Calls the plug-in's table, as the JVM does. Runs in emulation (fast and checking build) and on a GPU. Options:
// --exact (one allocation per tensor and no guards: the checking build then sees every access past an end), --quick
// (f16 only, fewer shapes), or names of groups (attention norms pointwise images runtime). Prints "N passed, N failed".
#include "ops_support.h"

namespace ops_test {

void run_attention(Gpu& gpu, Tally& tally);  // ops_attention.cpp
void run_norms(Gpu& gpu, Tally& tally);      // ops_norms.cpp
void run_pointwise(Gpu& gpu, Tally& tally);  // ops_pointwise.cpp
void run_images(Gpu& gpu, Tally& tally);     // ops_images.cpp
void run_runtime(Gpu& gpu, Tally& tally);    // ops_runtime.cpp

struct Group {
    const char* name;
    void (*run)(Gpu&, Tally&);
};
constexpr Group GROUPS[] = {{"attention", run_attention},
                            {"norms", run_norms},
                            {"pointwise", run_pointwise},
                            {"images", run_images},
                            {"runtime", run_runtime}};

int run_all(const std::vector<std::string>& names, bool exact, bool quick) {
    Tally tally;
    Gpu gpu(exact ? "arena=direct" : "", quick);
    for (const Group& group : GROUPS) {
        bool chosen = names.empty();
        for (const std::string& name : names) chosen = chosen || name == group.name;
        if (chosen) group.run(gpu, tally);
    }
    std::printf("%d passed, %d failed\n", tally.passed, tally.failed);
    return tally.failed == 0 && tally.passed > 0 ? 0 : 1;
}

}  // namespace ops_test

int main(int count, char** arguments) {
    bool exact = false, quick = false;
    std::vector<std::string> names;
    for (int i = 1; i < count; i++) {
        std::string argument = arguments[i];
        if (argument == "--exact") {
            exact = true;
            gemm_test::guard_bytes = 0;
        } else if (argument == "--quick") {
            quick = true;
        } else {
            names.push_back(argument);
        }
    }
    try {
        return ops_test::run_all(names, exact, quick);
    } catch (const std::exception& e) {
        std::printf("FAILED %s\n0 passed, 1 failed\n", e.what());
        return 1;
    }
}
