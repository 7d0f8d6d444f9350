#!/bin/sh
# Somebody else's project: installs the artifact, then builds and runs, outside this tree, the example projects and the first Java
# example of README.md as the only class of an empty Maven project. Usage: consumer.sh [examples...]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exec_plugin=org.codehaus.mojo:exec-maven-plugin:3.5.0:java

run() { # PROJECT: compiles and runs it, which must write PNG files
    (cd "$1" && mvn -B -q compile $exec_plugin)
    pictures=$(find "$1" -maxdepth 1 -name '*.png' -size +1k)
    [ -n "$pictures" ] || { echo "FAILED $1: no picture"; exit 1; }
    for picture in $pictures; do
        [ "$(head -c 4 "$picture" | tail -c 3)" = PNG ] || { echo "FAILED $picture is no PNG"; exit 1; }
    done
    echo "ok $(basename "$1"): $(echo "$pictures" | wc -l) picture(s)"
}

pasted() { # README's example, the only class of the project
    sources="$work/readme/src/main/java"
    mkdir -p "$sources"
    awk '/^```java/ { on = 1; next } /^```/ && on { exit } on' "$root/README.md" > "$work/example.txt"
    class=$(sed -n 's/^public class \([A-Za-z]*\) .*/\1/p' "$work/example.txt")
    [ -n "$class" ] || { echo "FAILED README.md shows no public class"; exit 1; }
    cp "$work/example.txt" "$sources/$class.java"
    sed "s/daguerre-plain/daguerre-readme/; s/example\\.Plain/$class/" "$root/docs/examples/plain/pom.xml" > "$work/readme/pom.xml"
    run "$work/readme"
}

(cd "$root" && mvn -B -q install -DskipTests)
for example in ${*:-plain langchain4j spring-ai}; do
    cp -r "$root/docs/examples/$example" "$work/"
    run "$work/$example"
done
pasted
