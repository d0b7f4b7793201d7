#include "object/placement.hpp"

#include <numeric>
#include <set>

#include "base/hash.hpp"

namespace ashlar
{
namespace
{

/// The golden ratio's fraction in 1/65536: how far base shards drift beyond 8 + L per stripe.
constexpr std::uint64_t DRIFT = 40'503;

std::uint64_t first_shard(const Bytes32& placement_seed)
{
    const auto digest = sha256({as_byte_view("ashlar/placement/v1"), placement_seed});
    return load_big_endian<std::uint16_t>(ByteView{digest}.first<2>());
}

/// Holders of each shard's runs, found by walking clockwise around the table.
class HolderSearch
{
public:
    HolderSearch(const Committee& committee, std::uint64_t copies)
      : shards_{committee.shards()},
        by_operator_{round_by(operator_numbers(committee.members()), copies)},
        by_member_{round_by(numbered(committee.size()), copies)}
    {}

    /// Two rounds find what a new search per copy would: holders are only ever added, so a shard
    /// passed over for one copy is passed over for all later ones.
    [[nodiscard]] std::vector<std::uint16_t> from(std::size_t shard) const
    {
        std::vector<std::uint16_t> holders;
        walk(shard, by_operator_, holders);
        walk(shard, by_member_, holders);
        return holders;
    }

private:
    /// One walk, in which members count as different if their names are.
    struct Round
    {
        std::vector<std::uint16_t> names;  ///< By member.
        std::size_t holders_max;           ///< Copies, or fewer where the names run out.
    };

    static std::vector<std::uint16_t> numbered(std::size_t members)
    {
        std::vector<std::uint16_t> out(members);
        std::iota(out.begin(), out.end(), std::uint16_t{0});
        return out;
    }

    [[nodiscard]] Round round_by(std::vector<std::uint16_t> names, std::uint64_t copies) const
    {
        std::set<std::uint16_t> on_table;
        for (const auto member : shards_)
            on_table.insert(names[member]);
        return {.names = std::move(names),
            .holders_max = std::min<std::size_t>(copies, on_table.size())};
    }

    void walk(std::size_t shard, const Round& round, std::vector<std::uint16_t>& holders) const
    {
        std::vector<bool> taken(round.names.size());
        for (const auto member : holders)
            taken[round.names[member]] = true;
        for (auto s = shard; holders.size() < round.holders_max; s = (s + 1) % SHARD_COUNT)
        {
            const auto member = shards_[s];
            if (taken[round.names[member]])
                continue;
            taken[round.names[member]] = true;
            holders.push_back(member);
        }
    }

    std::span<const std::uint16_t> shards_;
    Round by_operator_;
    Round by_member_;
};

}  // namespace

std::uint64_t piece_count(const ObjectShape& shape) noexcept
{
    return shape.stored_count() + shape.local_parity_count();
}

Placement::Placement(const ObjectHeader& header, const Committee& committee)
  : shape_{header.shape()}, first_shard_{first_shard(header.fields().placement_seed)}
{
    const HolderSearch search{committee, header.fields().copies};
    holders_.reserve(SHARD_COUNT);
    for (std::size_t shard = 0; shard < SHARD_COUNT; ++shard)
        holders_.push_back(search.from(shard));
}

std::span<const std::uint16_t> Placement::holders(std::uint64_t piece) const
{
    ASHLAR_ASSERT(piece < piece_count(shape_));
    if (piece < shape_.stored_count())
    {
        const auto run = piece / shape_.run_blobs();
        return holders_[shard_of(run / RUNS_PER_STRIPE, run % RUNS_PER_STRIPE)];
    }
    const auto id = shape_.local_parity_at(piece - shape_.stored_count());
    return holders_[shard_of(id.group_id.stripe, RUNS_PER_STRIPE + id.parity)];
}

std::vector<std::uint64_t> Placement::pieces_of(std::size_t member) const
{
    std::vector<std::uint64_t> out;
    const auto append_if_held = [&](std::size_t shard, std::uint64_t first, std::uint64_t count) {
        if (std::ranges::find(holders_[shard], member) == holders_[shard].end())
            return;
        for (std::uint64_t i = 0; i < count; ++i)
            out.push_back(first + i);
    };
    const auto stored = shape_.stored_count();
    for (std::uint64_t run = 0; run < shape_.run_count(); ++run)
    {
        const auto first = run * shape_.run_blobs();
        append_if_held(shard_of(run / RUNS_PER_STRIPE, run % RUNS_PER_STRIPE), first,
            std::min(shape_.run_blobs(), stored - first));
    }
    for (std::uint64_t stripe = 0; stripe < shape_.stripe_count(); ++stripe)
    {
        for (std::uint64_t parity = 0; parity < shape_.group_parities(); ++parity)
        {
            const LocalParityId id{.group_id = {.stripe = stripe, .group = 0}, .parity = parity};
            append_if_held(shard_of(stripe, RUNS_PER_STRIPE + parity),
                stored + shape_.local_parity_index(id), shape_.groups_in_stripe(stripe));
        }
    }
    return out;
}

std::span<const std::uint16_t> Placement::holders_of_shard(std::size_t shard) const
{
    ASHLAR_ASSERT(shard < SHARD_COUNT);
    return holders_[shard];
}

std::vector<std::uint64_t> Placement::stored_per_shard() const
{
    std::vector<std::uint64_t> out(SHARD_COUNT);
    for (std::uint64_t run = 0; run < shape_.run_count(); ++run)
        out[shard_of(run / RUNS_PER_STRIPE, run % RUNS_PER_STRIPE)] +=
            std::min(shape_.run_blobs(), shape_.stored_count() - run * shape_.run_blobs());
    return out;
}

std::size_t Placement::shard_of(std::uint64_t stripe, std::uint64_t place) const noexcept
{
    const auto runs = RUNS_PER_STRIPE + shape_.group_parities();
    const auto base = first_shard_ + runs * stripe + stripe * DRIFT / 65'536;
    return static_cast<std::size_t>((base + place) % SHARD_COUNT);
}

}  // namespace ashlar
