#!/bin/bash
# Compiles every kernel for every listed architecture and prints registers, shared memory (static), stack and spills.
# A stack without spills is an array indexed at run time, or the slow path of sinf and cosf. Fails on any spill, on
# shared memory above the smallest listed architecture's limit, and on registers above a budget:
# a comment "// BUDGET kernel_name registers" in the .cu sets the budget of all instances of that kernel.
#
#   tests/native/ptxas_report.sh [architecture ...]        default: 80 86 89 90 100 120, as far as nvcc knows them
#
# Environment: NVCC (default nvcc), JOBS (default: CPUs), SHARED_LIMIT (default 101376, 99 KiB: sm_86, sm_89, sm_120),
# NVCC_FLAGS (more flags), KEEP (a folder for the cubins; sass_counts.sh reads them).
set -u
NVCC_FLAGS=${NVCC_FLAGS:-}
root=$(cd "$(dirname "$0")/../.." && pwd)
nvcc=${NVCC:-nvcc}
if ! command -v "$nvcc" > /dev/null 2>&1; then
    echo "ptxas report skipped: $nvcc not found"
    exit 0
fi
known=$("$nvcc" --list-gpu-code)
architectures=()
for architecture in "${@:-80 86 89 90 100 120}"; do
    for one in $architecture; do
        if grep -qx "sm_$one" <<< "$known"; then
            architectures+=("$one")
        else
            echo "sm_$one left out: $nvcc does not know it"
        fi
    done
done

out=${KEEP:-$(mktemp -d)}
mkdir -p "$out"
[ -n "${KEEP:-}" ] || trap 'rm -rf "$out"' EXIT

compile() {
    local source=$1 architecture=$2 name
    name=$(basename "$source" .cu).sm_$architecture
    # The error status is a file: xargs would only say that one of many failed.
    "$nvcc" -std=c++17 -O3 -arch="sm_$architecture" -cubin -Xptxas -v ${NVCC_FLAGS:-} \
        -I"$root/src/main/cuda" -I"$root/src/main/cpp" -o "$out/$name.cubin" "$source" > "$out/$name.log" 2>&1 || echo "$name" >> "$out/failed"
}
export -f compile
export nvcc out root NVCC_FLAGS
rm -f "$out/failed"
for source in "$root"/src/main/cuda/*.cu; do
    for architecture in "${architectures[@]}"; do
        printf '%s\0%s\0' "$source" "$architecture"
    done
done | xargs -0 -n 2 -P "${JOBS:-$(nproc)}" bash -c 'compile "$1" "$2"' _
if [ -e "$out/failed" ]; then
    while read -r name; do
        echo "FAILED to compile $name:"
        cat "$out/$name.log"
    done < "$out/failed"
    exit 1
fi

demangle=cat
command -v c++filt > /dev/null 2>&1 && demangle=c++filt
for source in "$root"/src/main/cuda/*.cu; do
    for architecture in "${architectures[@]}"; do
        name=$(basename "$source" .cu)
        sed -n 's|^// *BUDGET *\([A-Za-z0-9_]*\) *\([0-9][0-9]*\).*|BUDGET \1 \2|p' "$source"
        echo "FILE $name sm_$architecture"
        cat "$out/$name.sm_$architecture.log"
    done
done | "$demangle" | awk -v limit="${SHARED_LIMIT:-101376}" '
    # "void dg::(anonymous namespace)::kernel<float, 3>(float*)" becomes kernel<float, 3>
    function short(name) {
        gsub(/\(anonymous namespace\)::/, "", name)
        sub(/^[^<(]* /, "", name)
        sub(/\(.*\)$/, "", name)
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
    $1 == "FILE" { file = $2; architecture = $3; next }
    /Compiling entry function/ {
        split($0, quoted, "\x27")
        kernel = short(quoted[2])
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
        if (name in budget) {
            seen[name] = 1
            if (registers > budget[name]) complain(where ": " registers " registers, budget " budget[name])
        }
    }
    END {
        for (name in budget) if (!(name in seen)) complain("budget of " name ": there is no such kernel")
        if (!count) complain("no kernel found")
        printf "%d kernels, %d failed\n", count, bad
        exit bad > 0
    }'
