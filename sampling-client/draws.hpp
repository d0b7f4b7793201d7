#pragma once

/// Which samples a client takes: its own uniform choice, fixed before anybody is asked.

#include "base/random.hpp"
#include "object/placement.hpp"

namespace ashlar
{

/// One sample, with whom to ask for it.
struct Draw
{
    std::uint64_t stored;                ///< 0 … S−1
    std::uint64_t cell_index;            ///< 0 … 127; drawn for whole blobs too, and ignored.
    std::vector<std::uint16_t> holders;  ///< Members that hold a copy, in random order.

    friend bool operator==(const Draw&, const Draw&) = default;
};

/// `items` in uniformly random order.
template <typename T>
void shuffle(std::vector<T>& items, RandomSource& random)
{
    for (std::size_t i = items.size(); i > 1; --i)
        std::swap(items[i - 1], items[static_cast<std::size_t>(random.below(i))]);
}

/// The sequence of draws. What it takes from the randomness depends on public placement alone,
/// never on an answer, so nobody can steer a draw by going down. For one thread.
class DrawSource
{
public:
    /// @pre committee and randomness outlive the source
    DrawSource(const ObjectHeader& header, const Committee& committee, RandomSource& random);

    [[nodiscard]] Draw next();

private:
    std::uint64_t stored_count_;
    Placement placement_;
    RandomSource& random_;
};

}  // namespace ashlar
