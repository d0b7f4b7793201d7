#pragma once

/// Which positions a client looks at: its own uniform choice, fixed before anybody is asked.

#include "base/random.hpp"
#include "object/placement.hpp"

namespace ashlar
{

/// Members that may be asked for one walk, one after another.
inline constexpr std::size_t WALK_SERVERS_MAX = 16;

/// One draw, with whom to ask about it.
struct Draw
{
    std::uint64_t position;               ///< 0 … 2D−1
    std::optional<std::uint64_t> stored;  ///< Where the position is stored, the draw is a sample.
    std::uint64_t cell_index;             ///< 0 … 127; drawn always, and ignored for whole blobs.
    std::uint64_t walk_order;             ///< Questions go out in the order of these numbers …
    std::uint64_t sample_order;           ///< … and so in none that tells what belongs together.
    std::vector<std::uint16_t> holders;   ///< Members that hold a copy, in random order.

    /// Members for the walk, in random order, those that hold the blob last: nobody needs to see
    /// both questions.
    std::vector<std::uint16_t> walk_servers;

    friend bool operator==(const Draw&, const Draw&) = default;
};

/// `items` in uniformly random order.
template <typename T>
void shuffle(std::vector<T>& items, RandomSource& random)
{
    for (std::size_t i = items.size(); i > 1; --i)
        std::swap(items[i - 1], items[static_cast<std::size_t>(random.below(i))]);
}

/// From which positions draws are uniform.
enum class DrawSpace : std::uint8_t
{
    all_positions,  ///< All 2D: what walks are drawn from.
    stored_blobs,   ///< The S that are stored: enough where all commitments are checked.
};

/// The sequence of draws. What it takes from the randomness depends on public placement alone,
/// never on an answer, so nobody can steer a draw by going down. For one thread.
class DrawSource
{
public:
    /// @pre committee and randomness outlive the source
    DrawSource(const ObjectHeader& header, const Committee& committee, DrawSpace space,
        RandomSource& random);

    [[nodiscard]] Draw next();

private:
    [[nodiscard]] std::vector<std::uint16_t> draw_walk_servers(
        std::span<const std::uint16_t> holders);

    ObjectShape shape_;
    std::size_t member_count_;
    DrawSpace space_;
    Placement placement_;
    RandomSource& random_;
};

}  // namespace ashlar
