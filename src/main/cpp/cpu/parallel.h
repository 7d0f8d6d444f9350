// parallel.h - work sharing on the OpenMP threads that oneDNN uses too, so that the two never compete.
#ifndef DAGUERRE_CPU_PARALLEL_H
#define DAGUERRE_CPU_PARALLEL_H

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace dg {

// Calls body(begin, end) on contiguous parts of 0..count-1; a part has at least `grain` items. The body must not throw.
template <class Body>
void parallel_ranges(int threads, int64_t count, int64_t grain, const Body& body) {
    int64_t parts = std::min<int64_t>(threads, (count + std::max<int64_t>(grain, 1) - 1) / std::max<int64_t>(grain, 1));
    if (parts <= 1) {
        if (count > 0) body(int64_t{0}, count);
        return;
    }
#pragma omp parallel num_threads(static_cast<int>(parts))
    {
        int64_t part = omp_get_thread_num(), total = omp_get_num_threads();
        int64_t begin = count * part / total, end = count * (part + 1) / total;
        if (begin < end) body(begin, end);
    }
}

// Calls body(thread, item) for each item, handed out one by one. The body must not throw.
template <class Body>
void parallel_items(int threads, int64_t count, const Body& body) {
    if (threads <= 1 || count <= 1) {
        for (int64_t item = 0; item < count; ++item) body(0, item);
        return;
    }
    int team = static_cast<int>(std::min<int64_t>(threads, count));
#pragma omp parallel for schedule(dynamic, 1) num_threads(team)
    for (int64_t item = 0; item < count; ++item) body(omp_get_thread_num(), item);
}

}  // namespace dg
#endif
