#!/bin/sh
# Compiler launcher for nvcc: runs the command given. What ptxas -v says about registers, shared memory and spills goes,
# with readable names, to OBJECT.ptxas beside the object (tests/native/ptxas_report.sh reads it); all other messages pass.
output=
previous=
for argument in "$@"; do
    [ "$previous" = -o ] && output=$argument
    previous=$argument
done
[ -n "$output" ] || exec "$@"
messages=$output.messages
"$@" 2> "$messages"
status=$?
resources='^ptxas info|^ *[0-9]+ bytes (stack frame|gmem)'
demangle=cat
command -v c++filt > /dev/null 2>&1 && demangle=c++filt
grep -E "$resources" "$messages" | "$demangle" > "$output.ptxas"
grep -Ev "$resources" "$messages" >&2
rm -f "$messages"
exit $status
