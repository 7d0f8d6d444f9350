// __syncwarp, shuffles and votes.
#include "block.h"

namespace simt {
namespace {

// The lane whose value lane i receives; out of its segment of `width` lanes it keeps its own.
int source_lane(int i, const Lane& lane) {
    const auto& s = lane.operands.shuffle;
    int segment = i & ~(s.width - 1);
    switch (s.kind) {
        case Shuffle::index: return segment + (s.argument & (s.width - 1));
        case Shuffle::exclusive_or: {
            int source = i ^ s.argument;
            return source >= segment + s.width ? i : source;
        }
        case Shuffle::up: {
            int source = i - s.argument;
            return source < segment ? i : source;
        }
        default: {
            int source = i + s.argument;
            return source >= segment + s.width ? i : source;
        }
    }
}

void exchange(Lane* lanes, unsigned mask) {
    uint64_t values[32];
    Shuffle kind = lanes[__builtin_ctz(mask)].operands.shuffle.kind;
    for (unsigned m = mask; m; m &= m - 1) {
        int i = __builtin_ctz(m);
        values[i] = lanes[i].operands.shuffle.value;
        if (lanes[i].operands.shuffle.kind != kind) {
            report(lanes[i], cudaErrorLaunchFailure, lanes[i].site,
                   "shuffle: lanes take part in different kinds of shuffle");
        }
    }
    for (unsigned m = mask; m; m &= m - 1) {
        int i = __builtin_ctz(m);
        int source = source_lane(i, lanes[i]);
        if (source < 0 || source > 31 || !(mask >> source & 1)) {
            report(lanes[i], cudaErrorLaunchFailure, lanes[i].site,
                   "shuffle: reads lane %d, which is not in the mask 0x%08x", source, mask);
        }
        lanes[i].operands.shuffle.value = values[source];
    }
}

void count_votes(Lane* lanes, unsigned mask) {
    unsigned ballot = 0;
    for (unsigned m = mask; m; m &= m - 1) {
        int i = __builtin_ctz(m);
        ballot |= lanes[i].operands.vote.value << i;
    }
    for (unsigned m = mask; m; m &= m - 1) {
        auto& vote = lanes[__builtin_ctz(m)].operands.vote;
        vote.value = vote.kind == Vote::ballot ? ballot : vote.kind == Vote::any ? ballot != 0 : ballot == mask;
    }
}

}  // namespace

void syncwarp(unsigned mask) {
    collective(Wait::syncwarp, mask, SIMT_CALLER, [](Lane*, Warp& warp) { warp.epoch++; });
}

uint64_t shuffle(unsigned mask, uint64_t value, int argument, Shuffle kind, int width) {
    Lane& lane = *t_lane;
    if (width < 1 || width > 32 || (width & (width - 1))) {
        report(lane, cudaErrorLaunchFailure, SIMT_CALLER, "shuffle: width %d is not a power of two up to 32", width);
    }
    lane.operands.shuffle = {value, argument, kind, width};
    collective(Wait::shuffle, mask, SIMT_CALLER, [mask](Lane* lanes, Warp&) { exchange(lanes, mask); });
    return lane.operands.shuffle.value;
}

unsigned vote(unsigned mask, bool predicate, Vote kind) {
    Lane& lane = *t_lane;
    lane.operands.vote = {predicate, kind};
    collective(Wait::vote, mask, SIMT_CALLER, [mask](Lane* lanes, Warp&) { count_votes(lanes, mask); });
    return lane.operands.vote.value;
}

void trap() { report(*t_lane, cudaErrorLaunchFailure, SIMT_CALLER, "__trap"); }

}  // namespace simt
