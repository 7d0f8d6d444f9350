#include "finding.h"

#include <dlfcn.h>

#include <cstdio>
#include <memory>

namespace simt {
namespace {

// Inlined frames of the emulator's own headers are not where the mistake is.
bool is_emulator_source(const std::string& position) {
    return position.find("/include/simt/") != std::string::npos || position.find("/ptx.cuh:") != std::string::npos;
}

std::string base_name(const std::string& path) {
    size_t slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string read_line(FILE* in) {
    std::string line;
    for (int c = fgetc(in); c != EOF && c != '\n'; c = fgetc(in)) {
        line.push_back(static_cast<char>(c));
    }
    return line;
}

// "void (anonymous namespace)::kernel<true>(float*)" is kernel<true>.
std::string short_function(std::string name) {
    const std::string anonymous = "(anonymous namespace)::";
    for (size_t at = name.find(anonymous); at != std::string::npos; at = name.find(anonymous)) {
        name.erase(at, anonymous.size());
    }
    name = name.substr(0, name.find('('));
    size_t arguments = name.find('<');
    size_t space = name.rfind(' ', arguments);
    return space == std::string::npos ? name : name.substr(space + 1);
}

// "function at file:line" from the debug information, or the library and offset where addr2line cannot tell.
std::string describe_site(const void* site) {
    Dl_info library = {};
    if (!site || !dladdr(site, &library)) {
        return "unknown code";
    }
    auto offset =
        static_cast<size_t>(static_cast<const char*>(site) - 1 - static_cast<const char*>(library.dli_fbase));
    char fallback[512];
    snprintf(fallback, sizeof fallback, "%s+0x%zx", base_name(library.dli_fname).c_str(), offset);
    char command[1024];
    snprintf(command, sizeof command, "addr2line -Cfi -e '%s' 0x%zx 2>/dev/null", library.dli_fname, offset);
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command, "r"), pclose);
    std::string function, position, outer;
    while (pipe) {
        std::string next_function = read_line(pipe.get());
        std::string next_position = read_line(pipe.get());
        if (next_position.empty()) {
            break;
        }
        if (position.empty() || is_emulator_source(position)) {
            position = next_position;
        }
        function = next_function;
    }
    if (position.empty() || position[0] == '?') {
        return fallback;
    }
    return short_function(function) + " at " + base_name(position.substr(0, position.find(" (")));
}

std::string coordinates(uint3 v) {
    char s[64];
    snprintf(s, sizeof s, "(%u,%u,%u)", v.x, v.y, v.z);
    return s;
}

}  // namespace

std::string Finding::text() const {
    std::string s = what;
    if (file) {
        s += " at " + base_name(file) + ":" + std::to_string(line);
    } else if (waiters.empty()) {
        s += " in " + describe_site(site);
    }
    for (const Waiter& w : waiters) {
        s += "; thread " + coordinates(w.thread) + " " + w.operation;
        if (w.site) {
            s += " in " + describe_site(w.site);
        }
    }
    return s + ", block " + coordinates(block) + (waiters.empty() ? " thread " + coordinates(thread) : "");
}

}  // namespace simt
