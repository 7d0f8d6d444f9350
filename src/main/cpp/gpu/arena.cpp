#include "gpu/arena.h"

#include <algorithm>

namespace dg {

namespace {

constexpr int64_t MIB = int64_t{1} << 20;
constexpr int64_t ALIGNMENT = 512;
constexpr int64_t SMALL_LIMIT = MIB;
constexpr int64_t SMALL_SEGMENT = 2 * MIB;
constexpr int64_t LARGE_SEGMENT = 64 * MIB;
constexpr int64_t LARGEST = int64_t{1} << 46;  // beyond any device; keeps the rounding below from overflowing

int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

int64_t segment_bytes(int64_t bytes, bool small) {
    if (small) return SMALL_SEGMENT;
    return bytes <= LARGE_SEGMENT / 2 ? LARGE_SEGMENT : round_up(bytes, SMALL_SEGMENT);
}

}  // namespace

struct Arena::Segment {
    char* base;
    int64_t bytes;
    int64_t age;  // how many segments there were before it
    bool small;
    Block* first;
};

struct Arena::Block {
    Segment* segment;
    int64_t offset;
    int64_t bytes;
    int64_t owner;
    int64_t requested;  // bytes that the caller may use
    int64_t counted;    // of them, what counts as live
    bool used;
    Block* previous;
    Block* next;

    int64_t address() const { return reinterpret_cast<int64_t>(segment->base) + offset; }
};

bool Arena::Fit::operator()(const Block* a, const Block* b) const {
    if (a->bytes != b->bytes) return a->bytes < b->bytes;
    if (a->segment->age != b->segment->age) return a->segment->age < b->segment->age;
    return a->offset < b->offset;
}

Arena::Arena(Stream& stream, int64_t limit, bool direct) : stream_(stream), limit_(limit), direct_(direct) {}

Arena::~Arena() {
    for (auto& segment : segments_) {
        for (Block* block = segment->first; block != nullptr;) {
            Block* next = block->next;
            delete block;
            block = next;
        }
        cudaFree(segment->base);
    }
}

void* Arena::allocate(int64_t bytes, bool counted) {
    expect(bytes >= 0 && bytes <= LARGEST, "alloc: expected 0 to ", LARGEST, " bytes, found ", bytes);
    int64_t size = direct_ ? std::max<int64_t>(bytes, 1) : round_up(std::max<int64_t>(bytes, 1), ALIGNMENT);
    bool small = size <= SMALL_LIMIT;
    Block* block = take(owner_, size, small);
    if (block == nullptr && owner_ != COMMON) block = take(COMMON, size, small);
    if (block == nullptr) block = grow(size, small);
    if (!direct_) split(block, size);
    block->owner = owner_;
    block->used = true;
    block->requested = bytes;
    block->counted = counted ? bytes : 0;
    used_[block->address()] = block;
    live_ += block->counted;
    peak_ = std::max(peak_, live_);
    return reinterpret_cast<void*>(block->address());
}

void Arena::release(void* address) {
    auto found = used_.find(reinterpret_cast<int64_t>(address));
    expect(found != used_.end(), "free: expected the address of an allocation in use, found ", address);
    Block* block = found->second;
    used_.erase(found);
    live_ -= block->counted;
    block->used = false;
    if (direct_ && block->owner == COMMON) {
        return_segment(block->segment);
    } else {
        insert_free(block);
    }
}

void Arena::trim() {
    expect(!stream_.capturing, "trim: not possible while a graph is being recorded");
    synchronize(stream_, "trim");
    for (size_t i = segments_.size(); i-- > 0;) {
        Segment* segment = segments_[i].get();
        Block* block = segment->first;
        if (block->next != nullptr || block->used || block->owner != COMMON) continue;
        free_blocks(COMMON, segment->small).erase(block);
        return_segment(segment);
    }
}

void Arena::disown(int64_t owner) {
    std::vector<Block*> idle;
    for (FreeBlocks& blocks : free_[owner]) idle.insert(idle.end(), blocks.begin(), blocks.end());
    free_.erase(owner);
    for (auto& segment : segments_) {
        for (Block* block = segment->first; block != nullptr; block = block->next) {
            if (block->owner == owner) block->owner = COMMON;
        }
    }
    // Give them back one by one: a block counts as used until its turn, so that neighbours merge only with inserted
    // ones.
    for (Block* block : idle) block->used = true;
    for (Block* block : idle) {
        block->used = false;
        if (direct_) {
            return_segment(block->segment);
        } else {
            insert_free(block);
        }
    }
}

bool Arena::contains(int64_t address, int64_t bytes) const {
    auto after = used_.upper_bound(address);
    if (after == used_.begin()) return false;
    const Block* block = std::prev(after)->second;
    int64_t end = block->address() + block->requested;
    return address <= end && bytes <= end - address;
}

Arena::Block* Arena::take(int64_t owner, int64_t bytes, bool small) {
    auto of_owner = free_.find(owner);
    if (of_owner == free_.end()) return nullptr;
    FreeBlocks& blocks = of_owner->second[small ? 1 : 0];
    Segment before_all{nullptr, 0, -1, small, nullptr};
    Block key{&before_all, 0, bytes, owner, 0, 0, false, nullptr, nullptr};
    auto fit = blocks.lower_bound(&key);
    if (fit == blocks.end()) return nullptr;
    Block* block = *fit;
    blocks.erase(fit);
    return block;
}

Arena::Block* Arena::grow(int64_t bytes, bool small) {
    int64_t wanted = direct_ ? bytes : segment_bytes(bytes, small);
    int64_t least = direct_ ? bytes : round_up(bytes, ALIGNMENT);
    if (Block* block = try_segment(wanted, small)) return block;
    if (Block* block = try_segment(least, small)) return block;
    if (!stream_.capturing) {
        trim();
        if (Block* block = try_segment(wanted, small)) return block;
        if (Block* block = try_segment(least, small)) return block;
    }
    size_t free_bytes = 0, total_bytes = 0;
    cudaMemGetInfo(&free_bytes, &total_bytes);
    cudaGetLastError();
    fail(DG_ERROR_MEMORY, "out of GPU memory: ", bytes, " bytes asked, ", live_, " in use, ", reserved_, " reserved, ",
         limit_ > 0 ? text("limit ", limit_) : text(free_bytes, " of ", total_bytes, " free on the device"));
}

Arena::Block* Arena::try_segment(int64_t bytes, bool small) {
    if (limit_ > 0 && bytes > limit_ - reserved_) return nullptr;
    void* base = nullptr;
    cudaError_t code = cudaMalloc(&base, static_cast<size_t>(bytes));
    if (code == cudaErrorMemoryAllocation) {
        cudaGetLastError();
        return nullptr;
    }
    check(code, "alloc");
    int64_t age = segments_.empty() ? 0 : segments_.back()->age + 1;
    segments_.push_back(std::unique_ptr<Segment>(new Segment{static_cast<char*>(base), bytes, age, small, nullptr}));
    Segment* segment = segments_.back().get();
    segment->first = new Block{segment, 0, bytes, COMMON, 0, 0, false, nullptr, nullptr};
    reserved_ += bytes;
    system_allocations_++;
    return segment->first;
}

// Cuts what `bytes` does not need off a block that is in no free list; the rest keeps the block's owner.
void Arena::split(Block* block, int64_t bytes) {
    int64_t rest = block->bytes - bytes;
    if (rest < ALIGNMENT) return;
    Block* tail = new Block{block->segment, block->offset + bytes, rest, block->owner, 0, 0, false, block, block->next};
    if (tail->next != nullptr) tail->next->previous = tail;
    block->next = tail;
    block->bytes = bytes;
    free_blocks(tail->owner, block->segment->small).insert(tail);
}

void Arena::insert_free(Block* block) {
    FreeBlocks& blocks = free_blocks(block->owner, block->segment->small);
    auto joins = [&](Block* other) { return other != nullptr && !other->used && other->owner == block->owner; };
    if (joins(block->next)) {
        blocks.erase(block->next);
        merge_next(block);
    }
    if (joins(block->previous)) {
        block = block->previous;
        blocks.erase(block);
        merge_next(block);
    }
    blocks.insert(block);
}

void Arena::merge_next(Block* block) {
    Block* next = block->next;
    block->bytes += next->bytes;
    block->next = next->next;
    if (block->next != nullptr) block->next->previous = block;
    delete next;
}

// Returns a segment of one block, which is in no free list, to the device.
void Arena::return_segment(Segment* segment) {
    delete segment->first;
    cudaError_t code = cudaFree(segment->base);
    reserved_ -= segment->bytes;
    auto same = [&](const std::unique_ptr<Segment>& other) { return other.get() == segment; };
    segments_.erase(std::find_if(segments_.begin(), segments_.end(), same));
    check(code, "free");
}

}  // namespace dg
