#include "algebra/bucket_sums.hpp"

namespace ashlar
{
namespace
{

/// Appends a group of those of place(0) … place(count − 1) that are points.
template <typename Places>
void append_group(PointGroups& groups, std::size_t count, const Places& place)
{
    const auto before = groups.refs.size();
    for (std::size_t i = 0; i < count; ++i)
    {
        const PointRef ref = place(i);
        if (ref != NO_POINT)
            groups.refs.push_back(ref);
    }
    groups.counts.push_back(static_cast<std::uint32_t>(groups.refs.size() - before));
}

/// Sums of the grid's rows, then of its columns.
void append_lines(PointGroups& lines, const BucketGrid& grid, std::span<const PointRef> buckets)
{
    for (std::size_t row = 0; row < grid.rows(); ++row)
        append_group(lines, grid.columns(),
            [&](std::size_t i) { return buckets[row * grid.columns() + i]; });
    for (std::size_t column = 0; column < grid.columns(); ++column)
        append_group(lines, grid.rows(),
            [&](std::size_t i) { return buckets[i * grid.columns() + column]; });
}

/// For every bit of a bucket's number, the sum of the buckets that have it: of columns for the
/// low bits, of rows for the high ones.
void append_bits(PointGroups& bits, const BucketGrid& grid, std::span<const PointRef> lines)
{
    const auto rows = lines.first(grid.rows());
    const auto columns = lines.subspan(grid.rows());
    for (unsigned bit = 0; bit < grid.bits; ++bit)
    {
        const auto low = bit < grid.column_bits();
        const auto among = low ? columns : rows;
        const auto shift = low ? bit : bit - grid.column_bits();
        append_group(bits, among.size(),
            [&](std::size_t i) { return (i >> shift) % 2 != 0 ? among[i] : NO_POINT; });
    }
}

}  // namespace

std::vector<PointRef> group_sums(GroupAdder& adder, PointGroups& groups)
{
    adder.reduce(groups);
    std::vector<PointRef> out;
    out.reserve(groups.counts.size());
    std::size_t next = 0;
    for (const auto count : groups.counts)
        out.push_back(count == 0 ? NO_POINT : groups.refs[next++]);
    return out;
}

std::vector<G1> weighted_sums(
    GroupAdder& adder, const BucketGrid& grid, std::span<const PointRef> buckets)
{
    const auto count = buckets.size() / grid.buckets();
    PointGroups lines;
    for (std::size_t s = 0; s < count; ++s)
        append_lines(lines, grid, buckets.subspan(s * grid.buckets(), grid.buckets()));
    const auto line_sums = group_sums(adder, lines);

    PointGroups bits;
    for (std::size_t s = 0; s < count; ++s)
        append_bits(bits, grid, std::span{line_sums}.subspan(s * grid.lines(), grid.lines()));
    const auto bit_sums = group_sums(adder, bits);

    std::vector<G1> out(count);
    for (std::size_t s = 0; s < count; ++s)
    {
        for (auto bit = grid.bits; bit-- > 0;)
        {
            out[s] += out[s];
            if (const auto ref = bit_sums[s * grid.bits + bit]; ref != NO_POINT)
                out[s] += G1Affine{adder.point(ref)};
        }
    }
    return out;
}

}  // namespace ashlar
