#include "sampling-client/draws.hpp"

#include <limits>
#include <numeric>

#include "commitments/cells.hpp"

namespace ashlar
{

DrawSource::DrawSource(
    const ObjectHeader& header, const Committee& committee, DrawSpace space, RandomSource& random)
  : shape_{header.shape()},
    member_count_{committee.size()},
    space_{space},
    placement_{header, committee},
    random_{random}
{}

Draw DrawSource::next()
{
    constexpr auto ANY = std::numeric_limits<std::uint64_t>::max();
    Draw draw{};
    if (space_ == DrawSpace::all_positions)
    {
        draw.position = random_.below(shape_.position_count());
        draw.stored = shape_.stored_index_of(draw.position);
    }
    else
    {
        draw.stored = random_.below(shape_.stored_count());
        draw.position = shape_.position_of(*draw.stored);
    }
    draw.cell_index = random_.below(CELLS_PER_EXT_BLOB);
    draw.walk_order = random_.below(ANY);
    draw.sample_order = random_.below(ANY);
    if (draw.stored)
    {
        const auto placed = placement_.holders(*draw.stored);
        draw.holders.assign(placed.begin(), placed.end());
        shuffle(draw.holders, random_);
    }
    if (space_ == DrawSpace::all_positions)
        draw.walk_servers = draw_walk_servers(draw.holders);
    return draw;
}

std::vector<std::uint16_t> DrawSource::draw_walk_servers(std::span<const std::uint16_t> holders)
{
    std::vector<std::uint16_t> members(member_count_);
    std::iota(members.begin(), members.end(), std::uint16_t{0});
    const auto count = std::min(WALK_SERVERS_MAX, members.size());
    for (std::size_t i = 0; i < count; ++i)
        std::swap(
            members[i], members[i + static_cast<std::size_t>(random_.below(members.size() - i))]);
    members.resize(count);
    std::ranges::stable_partition(members,
        [&](std::uint16_t member) { return std::ranges::find(holders, member) == holders.end(); });
    return members;
}

}  // namespace ashlar
