#!/bin/sh
# Runs the C++ test drivers (emulator self-test, kernels in the fast and the checking build, cpu engine). Called by Maven: native_tests.sh TARGET_DIR
set -e
if [ ! -f "$1/native/CTestTestfile.cmake" ]; then
    echo "[daguerre] no native part was built: its tests are left out"
    exit 0
fi
cd "$1/native" && ctest --output-on-failure --no-tests=error
