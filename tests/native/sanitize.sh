#!/bin/sh
# The cpu engine and its test driver under AddressSanitizer and UndefinedBehaviorSanitizer; the first report ends the run.
# Usage: tests/native/sanitize.sh [ctest arguments, for example -R cpu_isa_avx2]. Needs g++, cmake, and Maven once for oneDNN's jar.
# The emulator switches stacks, which AddressSanitizer cannot follow: its kernels are checked by the emulator's checking build instead.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
onednn=$root/target/onednn/org/bytedeco/dnnl/linux-x86_64
build=$root/target/sanitize
[ -f "$onednn/libdnnl.so.3" ] || (cd "$root" && mvn -B -q generate-sources)
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DDAGUERRE_SANITIZE=ON -DDAGUERRE_CUDA=OFF \
    -DDAGUERRE_DNNL_DIR="$onednn" > "$build.log" 2>&1 || { cat "$build.log"; exit 1; }
cmake --build "$build" --parallel "${DAGUERRE_BUILD_JOBS:-$(nproc)}" --target cpu_test
export ASAN_OPTIONS=halt_on_error=1:detect_leaks=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
cd "$build" && ctest --output-on-failure --no-tests=error -R '^cpu_' "$@"
