#pragma once

/// The shape of an object: every count and index that follows from (K, P, L). DESIGN §3.
///
/// Three index spaces, which are never mixed:
///   position n       0 … 2D−1   a place in the codeword; point ω^rev(n)
///   stored index t   0 … S−1    a blob that is stored: data 0 … K−1, then parity
///   local parity     0 … G−1    a group parity, ordered by stripe, parity run, group

#include <optional>

#include "base/bytes.hpp"

namespace ashlar
{

inline constexpr std::size_t ELEMENTS_PER_BLOB = 4096;
inline constexpr std::size_t BYTES_PER_ELEMENT = 32;
inline constexpr std::size_t BYTES_PER_BLOB = ELEMENTS_PER_BLOB * BYTES_PER_ELEMENT;
inline constexpr std::size_t PAYLOAD_BYTES_PER_ELEMENT = 31;
inline constexpr std::size_t PAYLOAD_BYTES_PER_BLOB = ELEMENTS_PER_BLOB * PAYLOAD_BYTES_PER_ELEMENT;
static_assert(PAYLOAD_BYTES_PER_BLOB == 126'976);

/// The payload bytes of one data blob (DESIGN §2).
using PayloadBlob = std::span<const std::byte, PAYLOAD_BYTES_PER_BLOB>;

inline constexpr std::uint64_t DOMAIN_MIN = 16;          ///< Least D.
inline constexpr std::uint64_t DOMAIN_MAX = 1ULL << 27;  ///< Greatest D.
inline constexpr std::uint64_t RUNS_PER_STRIPE = 8;      ///< Members of a group at most.
inline constexpr std::uint64_t GROUP_PARITIES_MAX = 4;   ///< Greatest L.
inline constexpr std::uint64_t GROUP_PARITIES_DEFAULT = 2;
inline constexpr std::uint64_t LONG_RUN_BLOBS = 64;           ///< R of large objects …
inline constexpr std::uint64_t LONG_RUN_DOMAIN = 1ULL << 16;  ///< … from this D.

/// A group of a stripe: the j-th blob of each of the stripe's 8 runs.
struct GroupId
{
    std::uint64_t stripe;
    std::uint64_t group;

    friend bool operator==(const GroupId&, const GroupId&) = default;
};

/// A local parity: parity `parity` (0 … L−1) of a group.
struct LocalParityId
{
    GroupId group_id;
    std::uint64_t parity;

    friend bool operator==(const LocalParityId&, const LocalParityId&) = default;
};

/// Immutable and validated; cheap to copy.
class ObjectShape
{
public:
    struct Counts
    {
        std::uint64_t data_blobs;
        std::uint64_t parity_blobs;
        std::uint64_t group_parities;
    };

    /// @return  invalid_input unless 1 ≤ K, 1 ≤ P ≤ D ≤ 2²⁷ and L ≤ 4.
    [[nodiscard]] static Result<ObjectShape> make(Counts counts);

    /// P by DESIGN §3: min(D, the least value ≥ max(K, 15) that fills the last stripe).
    /// @pre 1 ≤ data_blobs ≤ DOMAIN_MAX
    [[nodiscard]] static std::uint64_t default_parity_blobs(std::uint64_t data_blobs) noexcept;

    /// ⌈payload_bytes / 126976⌉, at least 1 for a payload that is never empty.
    [[nodiscard]] static std::uint64_t data_blobs_for(std::uint64_t payload_bytes) noexcept;

    [[nodiscard]] std::uint64_t data_blobs() const noexcept { return data_blobs_; }          ///< K
    [[nodiscard]] std::uint64_t parity_blobs() const noexcept { return parity_blobs_; }      ///< P
    [[nodiscard]] std::uint64_t group_parities() const noexcept { return group_parities_; }  ///< L
    [[nodiscard]] std::uint64_t domain() const noexcept { return domain_; }                  ///< D
    [[nodiscard]] std::uint64_t position_count() const noexcept { return 2 * domain_; }      ///< 2D
    [[nodiscard]] std::uint64_t stored_count() const noexcept                                ///< S
    {
        return data_blobs_ + parity_blobs_;
    }

    [[nodiscard]] std::uint64_t run_blobs() const noexcept { return run_blobs_; }  ///< R
    [[nodiscard]] std::uint64_t run_count() const noexcept;
    [[nodiscard]] std::uint64_t stripe_count() const noexcept;

    /// @pre stored < stored_count()
    [[nodiscard]] std::uint64_t position_of(std::uint64_t stored) const noexcept;

    /// Nothing for virtual positions (K … D−1) and for parity that is not stored.
    [[nodiscard]] std::optional<std::uint64_t> stored_index_of(
        std::uint64_t position) const noexcept;

    /// True for K … D−1, whose blobs are zero and whose commitments are infinity.
    [[nodiscard]] bool is_virtual(std::uint64_t position) const noexcept
    {
        return position >= data_blobs_ && position < domain_;
    }

    /// @pre stored < stored_count()
    [[nodiscard]] GroupId group_of(std::uint64_t stored) const noexcept;

    /// Groups of a stripe that have members: R, fewer in a short last stripe.
    /// @pre stripe < stripe_count()
    [[nodiscard]] std::uint64_t groups_in_stripe(std::uint64_t stripe) const noexcept;

    /// Stored index of member 0 … 7 of a group; nothing where the member is missing (zero blob).
    [[nodiscard]] std::optional<std::uint64_t> group_member(
        GroupId id, std::uint64_t member) const noexcept;

    /// G: local parities in all.
    [[nodiscard]] std::uint64_t local_parity_count() const noexcept;

    /// Index of a local parity by (stripe, parity run, group): the leaf order of
    /// group_parity_root.
    [[nodiscard]] std::uint64_t local_parity_index(LocalParityId id) const noexcept;

    /// @pre index < local_parity_count()
    [[nodiscard]] LocalParityId local_parity_at(std::uint64_t index) const noexcept;

    friend bool operator==(const ObjectShape&, const ObjectShape&) = default;

private:
    ObjectShape(Counts counts, std::uint64_t domain) noexcept;

    std::uint64_t data_blobs_;
    std::uint64_t parity_blobs_;
    std::uint64_t group_parities_;
    std::uint64_t domain_;
    std::uint64_t run_blobs_;
};

/// D = the least power of two ≥ max(K, 16).
/// @pre data_blobs ≤ DOMAIN_MAX
[[nodiscard]] std::uint64_t domain_for(std::uint64_t data_blobs) noexcept;

/// The lowest `bits` bits of `value` in reverse order.
[[nodiscard]] std::uint64_t reverse_bits(std::uint64_t value, unsigned bits) noexcept;

}  // namespace ashlar
