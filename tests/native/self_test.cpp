#include "self_test.h"

#include <cstdio>

namespace self_test {
namespace {

int passed = 0;
int failed = 0;

}  // namespace

void expect(bool ok, const std::string& name, const std::string& detail) {
    if (ok) {
        passed++;
    } else {
        failed++;
        printf("FAILED  %s: %s\n", name.c_str(), detail.c_str());
    }
}

int failures() { return failed; }
int passes() { return passed; }

}  // namespace self_test

int main() {
    if (!self_test::environment()) {
        self_test::device_functions();
        self_test::planted_bugs();
        self_test::refusals();
        self_test::streams_and_graphs();
    }
    printf("%d passed, %d failed\n", self_test::passes(), self_test::failures());
    return self_test::failures() == 0 && self_test::passes() > 0 ? 0 : 1;
}
