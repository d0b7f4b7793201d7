#pragma once

/// What a publish would take and give, before any of it is done.

#include "publisher/encoded_object.hpp"
#include "publisher/stored_forms.hpp"

namespace ashlar
{

struct PublishPlan
{
    /// As it would be, but for what only the encoding gives: its four roots are zero, and without a
    /// parent the placement is another one of the same kind.
    ObjectHeader header;

    std::vector<std::uint64_t> pieces_by_member;
    std::uint64_t piece_bytes_up = 0;     ///< Raw, to all members, copies included.
    std::uint64_t data_bytes_up = 0;      ///< Of them, data blobs.
    FormSample forms{};                   ///< By which data blobs are shorter in stored form.
    std::uint64_t metadata_bytes_up = 0;  ///< Commitments and parity hashes, to each member.
    std::uint64_t memory_bytes = 0;       ///< At most, about.
    std::uint64_t scratch_bytes = 0;      ///< Parity until it is sent, and the encoder's own.

    /// What the certificate promises if all members sign; see tolerated_percent().
    std::optional<unsigned> tolerated_percent;

    /// Pieces as they travel and lie on disk, about.
    [[nodiscard]] std::uint64_t stored_bytes_up() const noexcept
    {
        const auto data = forms.ratio() * static_cast<double>(data_bytes_up);
        return piece_bytes_up - data_bytes_up + static_cast<std::uint64_t>(data);
    }
};

/// Reads some blobs of the payload, to see how stored forms do.
/// @return  invalid_input if an option breaks the shape's rules.
[[nodiscard]] Result<PublishPlan> plan_publish(
    const Payload& payload, const Committee& committee, const EncodeOptions& options);

/// Seconds of one core.
struct CoreTime
{
    double commit = 0;
    double encode = 0;
    double extend = 0;  ///< Commitments of parity.

    [[nodiscard]] double total() const noexcept { return commit + encode + extend; }
};

/// What an object of this shape takes on this machine, by small runs of each step: under two
/// seconds. Disks and nodes are not measured.
[[nodiscard]] Result<CoreTime> estimate_core_time(const ObjectShape& shape);

}  // namespace ashlar
