#!/bin/bash
# Prints what ptxas said about every kernel of the CUDA plug-in: registers, static shared memory, stack and spills per architecture.
# A stack without spills is an array indexed at run time, or the slow path of sinf and cosf. Fails on any spill, on shared memory
# above the smallest listed architecture's limit, and on registers above a budget: a comment "// BUDGET kernel_name registers" in the
# .cu sets the budget of all instances of that kernel. (Dynamic shared memory is checked when the launchers are compiled.)
#
#   tests/native/ptxas_report.sh [build folder]        default: target/native
#
# Reads the *.cu.o.ptxas files that the build left beside the objects (cmake/ptxas_log.sh). Status 0: all is well; 1: a check failed;
# 2: nothing to report, the CUDA plug-in was not built there.
# Environment: SOURCES (folder of the .cu files, default src/main/cuda), SHARED_LIMIT (default 101376, 99 KiB: sm_86, sm_89, sm_120).
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/target/native}
sources=${SOURCES:-$root/src/main/cuda}
if [ -z "$(find -H "$build" -name '*.cu.o.ptxas' 2> /dev/null | head -n 1)" ]; then
    echo "no report of ptxas in $build: the CUDA plug-in was not built there"
    exit 2
fi
for source in "$sources"/*.cu; do
    name=$(basename "$source")
    sed -n 's|^// *BUDGET *\([A-Za-z0-9_]*\) *\([0-9][0-9]*\).*|BUDGET \1 \2|p' "$source"
    echo "FILE ${name%.cu}"
    log=$(find -H "$build" -name "$name.o.ptxas" | head -n 1)
    if [ -n "$log" ]; then cat "$log"; else echo "MISSING $name"; fi
done | awk -v limit="${SHARED_LIMIT:-101376}" '
    # "void dg::(anonymous namespace)::kernel<float, 3>(float*)" becomes kernel<float, 3>
    function short(name) {
        gsub(/\(anonymous namespace\)::/, "", name)
        sub(/^[^<(]* /, "", name)
        sub(/\(([^()]|\([^()]*\))*\)$/, "", name)
        gsub(/[A-Za-z_0-9]+::/, "", name)
        return name
    }
    function base(name) { sub(/<.*/, "", name); return name }
    function number(pattern,   found) {
        return match($0, "[0-9]+ " pattern) ? substr($0, RSTART, RLENGTH) + 0 : 0
    }
    function complain(text) { print "FAILED  " text; bad++ }
    BEGIN { printf "%-7s %4s %7s %6s %6s  %s\n", "arch", "regs", "shared", "stack", "spill", "kernel" }
    $1 == "BUDGET" { budget[$2] = $3; next }
    $1 == "FILE" { file = $2; next }
    $1 == "MISSING" { complain("no report for " $2); next }
    /Compiling entry function/ {
        split($0, quoted, "\x27")
        kernel = short(quoted[2])
        architecture = quoted[4]
        next
    }
    /bytes stack frame/ {
        stack = number("bytes stack frame")
        spill = number("bytes spill stores") + number("bytes spill loads")
        next
    }
    /Used [0-9]+ registers/ {
        match($0, /Used [0-9]+/)
        registers = substr($0, RSTART + 5, RLENGTH - 5) + 0
        shared = number("bytes smem")
        printf "%-7s %4d %7d %6d %6d  %s: %s\n", architecture, registers, shared, stack, spill, file, kernel
        where = architecture " " file ": " kernel
        count++
        if (spill > 0) complain(where ": spills " spill " bytes")
        if (shared > limit) complain(where ": " shared " bytes of shared memory, at most " limit)
        name = base(kernel)
        seen[name] = 1
        if (name in budget && registers > budget[name]) complain(where ": " registers " registers, budget " budget[name])
        if (!(name in budget)) complain(where ": no budget")
    }
    END {
        for (name in budget) if (!(name in seen)) complain("budget of " name ": there is no such kernel")
        if (!count) complain("no kernel found")
        printf "%d kernels, %d failed\n", count, bad
        exit bad > 0
    }'
