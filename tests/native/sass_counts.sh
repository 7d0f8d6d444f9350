#!/bin/bash
# Counts the machine instructions that matter in each tensor-core kernel of the built CUDA plug-in: HMMA (products), LDSM (ldmatrix),
# LDGSTS (cp.async) and LDL, STL (local memory). Fails when a kernel with products uses local memory, has no LDSM or no LDGSTS
# (kernels for channel counts that 8 does not divide load their input without cp.async, but their weights with it).
#
#   tests/native/sass_counts.sh [architecture ...]        default: 80 90
#
# cuobjdump and nvdisasm are not part of every toolkit; without them the check is skipped with status 2, as without a plug-in.
# Environment: LIBRARY (the plug-in), CUOBJDUMP; cuobjdump finds nvdisasm on the PATH.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
library=${LIBRARY:-$root/target/classes/org/daguerre/backend/jni/linux-x86_64/libdaguerre_cuda.so}
cuobjdump=${CUOBJDUMP:-cuobjdump}
if [ ! -f "$library" ]; then
    echo "SASS counts skipped: no $library"
    exit 2
fi
if ! command -v "$cuobjdump" > /dev/null 2>&1; then
    echo "SASS counts skipped: $cuobjdump not found"
    exit 2
fi
[ $# -gt 0 ] || set -- 80 90
demangle=cat
command -v c++filt > /dev/null 2>&1 && demangle=c++filt
for architecture in "$@"; do
    echo "ARCH sm_$architecture"
    "$cuobjdump" -sass -arch "sm_$architecture" "$library"
done | grep -E '^ARCH|Function :|HMMA|LDSM|LDGSTS|LDL|STL' | "$demangle" | awk '
    function flush_kernel() {
        if (kernel != "" && n["HMMA"]) {
            printf "%-7s %6d %6d %7d %6d  %s\n", architecture, n["HMMA"], n["LDSM"], n["LDGSTS"], n["LDL"] + n["STL"], kernel
            count++
            if (n["LDL"] + n["STL"] > 0) complain("local memory in")
            if (!n["LDSM"]) complain("no ldmatrix in")
            if (!n["LDGSTS"]) complain("no cp.async in")
        }
        kernel = ""
        delete n
    }
    function complain(text) { print "FAILED  " text " " architecture " " kernel; bad++ }
    # "void dg::(anonymous namespace)::kernel<float, 3>(float*)" becomes kernel<float, 3>
    function short(name) {
        gsub(/\(anonymous namespace\)::/, "", name)
        sub(/^[^<(]* /, "", name)
        sub(/\(([^()]|\([^()]*\))*\)$/, "", name)
        gsub(/[A-Za-z_0-9]+::/, "", name)
        return name
    }
    BEGIN { printf "%-7s %6s %6s %7s %6s  %s\n", "arch", "HMMA", "LDSM", "LDGSTS", "local", "kernel" }
    $1 == "ARCH" { flush_kernel(); architecture = $2; next }
    /Function : / { flush_kernel(); sub(/.*Function : /, ""); kernel = short($0); next }
    {
        for (i = 1; i <= NF; i++) {
            if (match($i, /^(HMMA|LDSM|LDGSTS|LDL|STL)(\.|$)/)) {
                split($i, parts, ".")
                n[parts[1]]++
                break
            }
        }
    }
    END {
        flush_kernel()
        if (!count) { print "FAILED  no kernel with products found"; bad++ }
        printf "%d kernels, %d failed\n", count, bad
        exit bad > 0
    }'
