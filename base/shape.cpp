#include "base/shape.hpp"

#include <bit>

namespace ashlar
{
namespace
{

std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) noexcept
{
    return value / by + (value % by != 0 ? 1 : 0);
}

std::uint64_t run_blobs_for(std::uint64_t domain) noexcept
{
    return domain >= LONG_RUN_DOMAIN ? LONG_RUN_BLOBS : 1;
}

}  // namespace

std::uint64_t domain_for(std::uint64_t data_blobs) noexcept
{
    ASHLAR_ASSERT(data_blobs <= DOMAIN_MAX);
    return std::bit_ceil(std::max(data_blobs, DOMAIN_MIN));
}

std::uint64_t reverse_bits(std::uint64_t value, unsigned bits) noexcept
{
    std::uint64_t out = 0;
    for (unsigned i = 0; i < bits; ++i)
        out |= ((value >> i) & 1) << (bits - 1 - i);
    return out;
}

ObjectShape::ObjectShape(Counts counts, std::uint64_t domain) noexcept
  : data_blobs_{counts.data_blobs},
    parity_blobs_{counts.parity_blobs},
    group_parities_{counts.group_parities},
    domain_{domain},
    run_blobs_{run_blobs_for(domain)}
{}

Result<ObjectShape> ObjectShape::make(Counts counts)
{
    if (counts.data_blobs < 1 || counts.data_blobs > DOMAIN_MAX)
        return fail(ErrorKind::invalid_input, "an object has 1 to {} data blobs, not {}",
            DOMAIN_MAX, counts.data_blobs);
    const auto domain = domain_for(counts.data_blobs);
    if (counts.parity_blobs < 1 || counts.parity_blobs > domain)
        return fail(ErrorKind::invalid_input, "{} data blobs take 1 to {} parity blobs, not {}",
            counts.data_blobs, domain, counts.parity_blobs);
    if (counts.group_parities > GROUP_PARITIES_MAX)
        return fail(ErrorKind::invalid_input, "at most {} group parities, not {}",
            GROUP_PARITIES_MAX, counts.group_parities);
    return ObjectShape{counts, domain};
}

std::uint64_t ObjectShape::default_parity_blobs(std::uint64_t data_blobs) noexcept
{
    const auto domain = domain_for(data_blobs);
    const auto stripe_blobs = RUNS_PER_STRIPE * run_blobs_for(domain);
    const auto least = std::max<std::uint64_t>(data_blobs, 15);
    const auto filled = divide_up(data_blobs + least, stripe_blobs) * stripe_blobs - data_blobs;
    return std::min(domain, filled);
}

std::uint64_t ObjectShape::data_blobs_for(std::uint64_t payload_bytes) noexcept
{
    return std::max<std::uint64_t>(divide_up(payload_bytes, PAYLOAD_BYTES_PER_BLOB), 1);
}

std::uint64_t ObjectShape::run_count() const noexcept
{
    return divide_up(stored_count(), run_blobs_);
}

std::uint64_t ObjectShape::stripe_count() const noexcept
{
    return divide_up(run_count(), RUNS_PER_STRIPE);
}

std::uint64_t ObjectShape::position_of(std::uint64_t stored) const noexcept
{
    ASHLAR_ASSERT(stored < stored_count());
    return stored < data_blobs_ ? stored : domain_ + (stored - data_blobs_);
}

std::optional<std::uint64_t> ObjectShape::stored_index_of(std::uint64_t position) const noexcept
{
    if (position < data_blobs_)
        return position;
    if (position >= domain_ && position - domain_ < parity_blobs_)
        return data_blobs_ + (position - domain_);
    return std::nullopt;
}

GroupId ObjectShape::group_of(std::uint64_t stored) const noexcept
{
    ASHLAR_ASSERT(stored < stored_count());
    return {.stripe = stored / (RUNS_PER_STRIPE * run_blobs_), .group = stored % run_blobs_};
}

std::uint64_t ObjectShape::groups_in_stripe(std::uint64_t stripe) const noexcept
{
    ASHLAR_ASSERT(stripe < stripe_count());
    const auto first_stored = stripe * RUNS_PER_STRIPE * run_blobs_;
    return std::min(run_blobs_, stored_count() - first_stored);
}

std::optional<std::uint64_t> ObjectShape::group_member(
    GroupId id, std::uint64_t member) const noexcept
{
    ASHLAR_ASSERT(member < RUNS_PER_STRIPE && id.group < run_blobs_);
    const auto stored = (id.stripe * RUNS_PER_STRIPE + member) * run_blobs_ + id.group;
    if (stored >= stored_count())
        return std::nullopt;
    return stored;
}

std::uint64_t ObjectShape::local_parity_count() const noexcept
{
    const auto last = stripe_count() - 1;
    return group_parities_ * (last * run_blobs_ + groups_in_stripe(last));
}

std::uint64_t ObjectShape::local_parity_index(LocalParityId id) const noexcept
{
    const auto [stripe, group] = id.group_id;
    ASHLAR_ASSERT(id.parity < group_parities_ && group < groups_in_stripe(stripe));
    // Only the last stripe can be short, so all earlier ones hold L·R parities.
    return stripe * group_parities_ * run_blobs_ + id.parity * groups_in_stripe(stripe) + group;
}

LocalParityId ObjectShape::local_parity_at(std::uint64_t index) const noexcept
{
    ASHLAR_ASSERT(index < local_parity_count());
    const auto stripe = index / (group_parities_ * run_blobs_);
    const auto within_stripe = index % (group_parities_ * run_blobs_);
    const auto groups = groups_in_stripe(stripe);
    return {.group_id = {.stripe = stripe, .group = within_stripe % groups},
        .parity = within_stripe / groups};
}

}  // namespace ashlar
