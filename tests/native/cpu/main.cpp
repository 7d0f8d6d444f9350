// main.cpp - cpu_test PLUGIN [OPTIONS] [SEED]: checks every operation of the cpu engine against loops in double.
// OPTIONS as for dg_open ("isa=avx2;threads=2"). An instruction set that this processor lacks is reported and counts as
// passed.
#include <dlfcn.h>

#include "harness.h"

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: cpu_test PLUGIN [OPTIONS] [SEED]\n");
        return 2;
    }
    void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        std::fprintf(stderr, "cannot load %s: %s\n", argv[1], dlerror());
        return 2;
    }
    auto entry = reinterpret_cast<decltype(&daguerre_plugin)>(dlsym(library, "daguerre_plugin"));
    test::Suite suite;
    suite.plugin = entry == nullptr ? nullptr : entry();
    if (suite.plugin == nullptr || suite.plugin->abi != DG_ABI) {
        std::fprintf(stderr, "%s is not a plug-in of ABI %d\n", argv[1], DG_ABI);
        return 2;
    }
    std::string options = argc > 2 ? argv[2] : "";
    if (argc > 3) suite.seed = static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10));
    suite.isa = options;
    if (suite.plugin->open(0, options.c_str(), &suite.engine) != DG_OK) {
        std::fprintf(stderr, "open: %s\n", suite.plugin->last_error());
        return 2;
    }
    char text[512];
    suite.plugin->describe(suite.engine, text, sizeof text);
    std::printf("%s\n", text);
    size_t wanted = options.find("isa=");
    if (wanted != std::string::npos && options.find("emulated") == std::string::npos) {
        std::string isa = options.substr(wanted + 4, options.find(';', wanted) - wanted - 4);
        if (std::string(text).find(", " + isa) == std::string::npos) {
            std::printf("0 passed, 0 failed: this processor has no %s\n", isa.c_str());
            return 0;
        }
    }
    suite.bf16_products = std::strstr(text, "avx512") != nullptr || std::strstr(text, "amx") != nullptr;
    test::test_engine(suite);
    test::test_layout(suite);
    test::test_pointwise(suite);
    test::test_norms(suite);
    test::test_attention(suite);
    test::test_products(suite);
    suite.expect_ok(suite.plugin->close(suite.engine), "close");
    std::printf("%d passed, %d failed\n", suite.counts.passed, suite.counts.failed);
    return suite.counts.failed == 0 && suite.counts.passed > 0 ? 0 : 1;
}
