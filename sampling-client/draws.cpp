#include "sampling-client/draws.hpp"

#include "commitments/cells.hpp"

namespace ashlar
{

DrawSource::DrawSource(const ObjectHeader& header, const Committee& committee, RandomSource& random)
  : stored_count_{header.shape().stored_count()}, placement_{header, committee}, random_{random}
{}

Draw DrawSource::next()
{
    const auto stored = random_.below(stored_count_);
    const auto cell_index = random_.below(CELLS_PER_EXT_BLOB);
    const auto placed = placement_.holders(stored);
    std::vector<std::uint16_t> holders(placed.begin(), placed.end());
    shuffle(holders, random_);
    return {.stored = stored, .cell_index = cell_index, .holders = std::move(holders)};
}

}  // namespace ashlar
