#include "profile.h"

#include "simt/profile.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <tuple>

namespace simt {
namespace {

std::atomic<bool> g_profiling{false};
std::mutex g_mutex;
AccessCount g_counts[REQUESTS];

const char* name_of(Request kind) {
    static const char* const names[REQUESTS] = {"ldmatrix",     "cp.async to shared", "shared load",
                                                "shared store", "global load",        "global store"};
    return names[static_cast<int>(kind)];
}

// g++ takes vector types apart: what one lane touches in code that follows itself within this distance, in bytes that
// follow each other, was one access in the source.
constexpr uintptr_t NEAR = 256;
constexpr size_t WIDEST = 16;

struct Span {
    uintptr_t address;
    unsigned lane;
    size_t bytes;
};

// Passes that one group of lanes needs: the most different words that fall into one of the 32 banks.
uint64_t wavefronts(const Span* begin, const Span* end) {
    std::vector<uintptr_t> words;
    for (const Span* s = begin; s < end; s++) {
        for (uintptr_t w = s->address / 4; w <= (s->address + s->bytes - 1) / 4; w++) words.push_back(w);
    }
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    unsigned in_bank[32] = {};
    unsigned most = 0;
    for (uintptr_t w : words) most = std::max(most, ++in_bank[w % 32]);
    return most;
}

// Spans of one request, sorted by lane.
void count_shared(AccessCount& count, const std::vector<Span>& spans, unsigned lanes_at_once) {
    for (size_t i = 0; i < spans.size();) {
        size_t end = i;
        while (end < spans.size() && spans[end].lane / lanes_at_once == spans[i].lane / lanes_at_once) end++;
        count.taken += wavefronts(&spans[i], &spans[0] + end);
        count.needed++;
        i = end;
    }
}

void count_global(AccessCount& count, const std::vector<Span>& spans) {
    std::vector<uintptr_t> sectors, bytes;
    for (const Span& s : spans) {
        for (uintptr_t b = s.address; b < s.address + s.bytes; b++) bytes.push_back(b);
    }
    std::sort(bytes.begin(), bytes.end());
    bytes.erase(std::unique(bytes.begin(), bytes.end()), bytes.end());
    for (uintptr_t b : bytes) {
        if (sectors.empty() || sectors.back() != b / 32) sectors.push_back(b / 32);
    }
    count.taken += sectors.size();
    count.needed += (bytes.size() + 31) / 32;
}

// A cp.async that only writes zeros reads nothing, but keeps its place in the count of passes.
void count_request(AccessCount& count, Request kind, const std::vector<Span>& spans) {
    size_t bytes = 0;
    for (const Span& s : spans) bytes += s.bytes;
    if (bytes == 0) return;
    count.requests++;
    if (kind == Request::global_load || kind == Request::global_store) return count_global(count, spans);
    size_t widest = 0;
    for (const Span& s : spans) widest = std::max(widest, s.bytes);
    count_shared(count, spans, widest > 8 ? 8 : widest > 4 ? 16 : 32);
}

}  // namespace

bool profiling() { return g_profiling.load(std::memory_order_relaxed); }

void profile_start() {
    std::lock_guard<std::mutex> lock(g_mutex);
    for (AccessCount& count : g_counts) count = {};
    g_profiling = true;
}

KernelProfile profile_stop() {
    std::lock_guard<std::mutex> lock(g_mutex);
    g_profiling = false;
    KernelProfile profile;
    for (int i = 0; i < REQUESTS; i++) {
        if (g_counts[i].requests > 0) profile[name_of(static_cast<Request>(i))] = g_counts[i];
    }
    return profile;
}

bool BlockProfile::joins_last(const Access& last, Request kind, uintptr_t address, size_t bytes,
                              uintptr_t site) const {
    bool part_of_one = last.kind == kind && kind != Request::ldmatrix && kind != Request::async_store;
    bool follows = address == last.address + last.bytes && site > last.last_site && site - last.last_site < NEAR;
    size_t together = last.bytes + bytes;
    // A wide access starts at a multiple of its width.
    size_t width = together > 8 ? 16 : together > 4 ? 8 : 4;
    return part_of_one && follows && bytes >= 4 && together <= WIDEST && last.address % width == 0;
}

void BlockProfile::note(const Lane& lane, Request kind, const void* p, size_t bytes, const void* site) {
    auto address = reinterpret_cast<uintptr_t>(p), at = reinterpret_cast<uintptr_t>(site);
    if (last_of_thread_.size() <= lane.linear) last_of_thread_.resize(lane.linear + 1);
    Last& last = last_of_thread_[lane.linear];
    if (last.index != SIZE_MAX && joins_last(accesses_[last.index], kind, address, bytes, at)) {
        accesses_[last.index].bytes = static_cast<uint16_t>(accesses_[last.index].bytes + bytes);
        accesses_[last.index].last_site = at;
        return;
    }
    uint64_t key = (at * 8 + static_cast<uint64_t>(kind)) * 1024 + lane.linear;
    last.index = accesses_.size();
    accesses_.push_back({address, at, passes_[key]++, static_cast<uint16_t>(lane.linear), static_cast<uint16_t>(bytes),
                         kind, at});
}

void BlockProfile::block_ends() {
    auto request = [](const Access& a) { return std::make_tuple(a.kind, a.site, a.thread / 32, a.pass); };
    std::sort(accesses_.begin(), accesses_.end(), [&](const Access& a, const Access& b) {
        return std::make_tuple(request(a), a.thread) < std::make_tuple(request(b), b.thread);
    });
    AccessCount counts[REQUESTS];
    std::vector<Span> spans;
    for (size_t i = 0; i < accesses_.size(); i++) {
        const Access& a = accesses_[i];
        spans.push_back({a.address, a.thread % 32u, a.bytes});
        if (i + 1 < accesses_.size() && request(accesses_[i + 1]) == request(a)) continue;
        count_request(counts[static_cast<int>(a.kind)], a.kind, spans);
        spans.clear();
    }
    accesses_.clear();
    last_of_thread_.clear();
    passes_.clear();
    std::lock_guard<std::mutex> lock(g_mutex);
    for (int i = 0; i < REQUESTS; i++) {
        g_counts[i].requests += counts[i].requests;
        g_counts[i].needed += counts[i].needed;
        g_counts[i].taken += counts[i].taken;
    }
}

}  // namespace simt
