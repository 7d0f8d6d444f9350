#!/bin/bash
# Counts the machine instructions that matter in each tensor-core kernel: HMMA (products), LDSM (ldmatrix), LDGSTS
# (cp.async) and LDL, STL (local memory). Fails when a kernel with products uses local memory or has no LDSM.
#
#   tests/native/sass_counts.sh [architecture ...]        default: 80 90
#
# cuobjdump or nvdisasm is not part of every toolkit; without one the check is skipped.
# Environment: NVCC, NVCC_FLAGS, JOBS, CUOBJDUMP, NVDISASM.
set -u
root=$(cd "$(dirname "$0")" && pwd)
nvcc=${NVCC:-nvcc}
if ! command -v "$nvcc" > /dev/null 2>&1; then
    echo "SASS counts skipped: $nvcc not found"
    exit 0
fi
toolkit=$(dirname "$(readlink -f "$(command -v "$nvcc")")")
disassemble=()
for tool in "${CUOBJDUMP:-cuobjdump}" "$toolkit/cuobjdump" "${NVDISASM:-nvdisasm}" "$toolkit/nvdisasm"; do
    if command -v "$tool" > /dev/null 2>&1; then
        case $tool in
            *cuobjdump) disassemble=("$tool" -sass) ;;
            *) disassemble=("$tool" -c) ;;
        esac
        break
    fi
done
if [ ${#disassemble[@]} -eq 0 ]; then
    echo "SASS counts skipped: neither cuobjdump nor nvdisasm found"
    exit 0
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
if [ $# -eq 0 ]; then
    set -- 80 90
fi
KEEP=$out "$root/ptxas_report.sh" "$@" > "$out/report" 2>&1
if ! ls "$out"/*.cubin > /dev/null 2>&1; then
    cat "$out/report"
    exit 1
fi

demangle=cat
command -v c++filt > /dev/null 2>&1 && demangle=c++filt
for cubin in "$out"/*.cubin; do
    echo "FILE $(basename "$cubin" .cubin)"
    "${disassemble[@]}" "$cubin"
done | "$demangle" | awk '
    function flush_kernel() {
        if (kernel == "" || !n["HMMA"]) { delete n; return }
        printf "%-24s %6d %6d %7d %5d  %s\n", file, n["HMMA"], n["LDSM"], n["LDGSTS"], n["LDL"] + n["STL"], kernel
        count++
        if (n["LDL"] + n["STL"] > 0) { print "FAILED  local memory in " kernel; bad++ }
        if (!n["LDSM"]) { print "FAILED  no ldmatrix in " kernel; bad++ }
        delete n
    }
    function short(name) {
        gsub(/\(anonymous namespace\)::/, "", name)
        sub(/^[^<(]* /, "", name)
        sub(/\(.*\)$/, "", name)
        gsub(/[A-Za-z_0-9]+::/, "", name)
        return name
    }
    BEGIN { printf "%-24s %6s %6s %7s %5s  %s\n", "file", "HMMA", "LDSM", "LDGSTS", "local", "kernel" }
    $1 == "FILE" { flush_kernel(); file = $2; kernel = ""; next }
    /Function : / { flush_kernel(); sub(/.*Function : /, ""); kernel = short($0); next }
    /^\.text\./ { flush_kernel(); sub(/^\.text\./, ""); sub(/:$/, ""); kernel = short($0); next }
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
