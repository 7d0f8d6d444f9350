#!/bin/sh
# Builds the native part with cmake, or says in one line why it is left out. Called by Maven: native.sh TARGET_DIR PLATFORM SKIP_TESTS
set -e
target=$1
platform=$2
tests=ON
[ "$3" = true ] && tests=OFF
root=$(cd "$(dirname "$0")/.." && pwd)
for tool in cmake g++; do
    if ! command -v $tool > /dev/null 2>&1; then
        echo "[daguerre] $tool not found: no native engine is built, only the java engine will be available"
        exit 0
    fi
done
if [ "$(uname -s)-$(uname -m)" != "Linux-x86_64" ]; then
    echo "[daguerre] $(uname -s) $(uname -m): native engines are built on Linux x86_64 only; the java engine will be available"
    exit 0
fi
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}

# JavaCPP writes the functions in the order in which the JVM lists a class's methods, which differs from run to run: sorted by name here,
# so that the same sources make the same library.
sorted() {
    LC_ALL=C awk '
        /^JNIEXPORT .* Java_.*\{$/ { inside = 1; text[++n] = ""; at[++k] = n }
        inside { text[n] = text[n] $0 "\n"; inside = $0 != "}"; next }
        { text[++n] = $0 "\n" }
        END {
            for (i = 1; i <= k; i++) {
                block = text[at[i]]
                for (j = i; j > 1 && text[at[j - 1]] > block; j--) text[at[j]] = text[at[j - 1]]
                text[at[j]] = block
            }
            for (i = 1; i <= n; i++) printf "%s", text[i]
        }' "$1"
}

# JavaCPP writes its JNI source beside the classes; keep it out of the jar, and untouched when it did not change.
mkdir -p "$target/jni"
for source in "$target/classes/org/daguerre/backend/jniDaguerre.cpp" "$target/classes/jnijavacpp.cpp"; do
    copy=$target/jni/$(basename "$source")
    sorted "$source" > "$copy.new"
    if cmp -s "$copy.new" "$copy"; then rm -f "$copy.new"; else mv "$copy.new" "$copy"; fi
    rm -f "$source"
done

generator="Unix Makefiles"
command -v ninja > /dev/null 2>&1 && generator=Ninja
cmake -S "$root" -B "$target/native" -G "$generator" -DCMAKE_BUILD_TYPE=Release \
    -DDAGUERRE_OUTPUT="$target/classes/org/daguerre/backend/jni/$platform" -DDAGUERRE_JNI_SOURCES="$target/jni" \
    -DDAGUERRE_DNNL_DIR="$target/onednn/org/bytedeco/dnnl/$platform" -DDAGUERRE_JAVA_HOME="$java_home" -DDAGUERRE_NATIVE_TESTS=$tests ${DAGUERRE_CMAKE_OPTIONS} > "$target/cmake.log" 2>&1 \
    || { cat "$target/cmake.log"; exit 1; }
grep "\[daguerre\]" "$target/cmake.log" | sed "s/^-- //" || true
cmake --build "$target/native" --parallel "${DAGUERRE_BUILD_JOBS:-$(nproc)}"
