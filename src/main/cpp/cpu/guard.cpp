#include "guard.h"

namespace dg {
namespace {

thread_local std::string t_message;

std::mutex s_mutex;
int64_t s_next = 1;

// Never destroyed: calls may come from other threads while the process ends.
std::map<int64_t, std::shared_ptr<Engine>>& engines() {
    static auto* map = new std::map<int64_t, std::shared_ptr<Engine>>();
    return *map;
}

}  // namespace

int fail(int status, const char* name, const char* what) noexcept {
    try {
        t_message = name == nullptr ? what : std::string(name) + ": " + what;
    } catch (...) {
        t_message.clear();
    }
    return status;
}

const char* last_message() noexcept { return t_message.c_str(); }

int64_t add_engine(std::shared_ptr<Engine> engine) {
    std::lock_guard<std::mutex> lock(s_mutex);
    engines()[s_next] = std::move(engine);
    return s_next++;
}

std::shared_ptr<Engine> find_engine(const char* name, int64_t context) {
    std::lock_guard<std::mutex> lock(s_mutex);
    auto found = engines().find(context);
    if (found == engines().end()) fail_argument(name, "an open engine", "context " + std::to_string(context));
    return found->second;
}

void remove_engine(int64_t context) {
    std::lock_guard<std::mutex> lock(s_mutex);
    engines().erase(context);
}

}  // namespace dg
