#include "gpu/options.h"

#include <cstdlib>
#include <sstream>
#include <string>

#include "gpu/error.h"

namespace dg {

namespace {

int64_t number(const std::string& key, const std::string& value) {
    char* end = nullptr;
    long long parsed = strtoll(value.c_str(), &end, 10);
    expect(!value.empty() && *end == 0 && parsed >= 0, "open: option ", key,
           ": expected a number that is not negative, found '", value, "'");
    return parsed;
}

void set(Options& options, const std::string& key, const std::string& value) {
    if (key == "memory_limit") {
        options.memory_limit = number(key, value);
    } else if (key == "sync") {
        options.synchronous = number(key, value) != 0;
    } else if (key == "arena") {
        expect(value == "direct" || value == "cached", "open: option arena: expected 'cached' or 'direct', found '",
               value, "'");
        options.direct_arena = value == "direct";
    } else {
        expect(key == "threads" || key == "isa",
               "open: expected an option memory_limit, sync, arena, threads or isa, found '", key, "'");
    }
}

}  // namespace

Options parse_options(const char* text) {
    Options options;
    const char* sync = getenv("DAGUERRE_SYNC");
    options.synchronous = sync != nullptr && std::string(sync) == "1";
    std::istringstream entries(text == nullptr ? "" : text);
    for (std::string entry; std::getline(entries, entry, ';');) {
        if (entry.empty()) continue;
        size_t equals = entry.find('=');
        expect(equals != std::string::npos, "open: expected options 'key=value;...', found '", entry, "'");
        set(options, entry.substr(0, equals), entry.substr(equals + 1));
    }
    return options;
}

}  // namespace dg
