#pragma once

/// Certificates: members' aggregate signature that they keep an object until a date. DESIGN §6,
/// docs/formats/certificate.md.

#include "object/placement.hpp"

namespace ashlar
{

/// A share of the committee's weight, as a fraction.
struct WeightShare
{
    std::uint64_t numerator;
    std::uint64_t denominator;  ///< > 0
};

/// What publishing aims at: recoverable if a third of the weight lies or crashes.
inline constexpr WeightShare TARGET_FAULT_SHARE{1, 3};

/// The 32 bytes that members sign.
[[nodiscard]] Bytes32 certificate_digest(
    const Committee& committee, const Bytes32& object_root, std::uint64_t expiry_unix_seconds);

/// A certificate as it travels; verify_certificate() says whether it holds.
struct Certificate
{
    std::uint64_t expiry_unix_seconds = 0;
    Bytes96 signature{};
    Bytes signers;  ///< Bitmap: bit i = member i, low bit first, ⌈members/8⌉ bytes.

    /// Wire and disk form: u64be expiry ‖ signature ‖ bitmap.
    [[nodiscard]] Bytes encode() const;

    /// @return  invalid_input unless the length is that of some committee's certificate.
    [[nodiscard]] static Result<Certificate> parse(ByteView bytes);

    friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// One member's signature on its way into a certificate.
struct MemberSignature
{
    std::size_t member;
    BlsSignature signature;
};

/// Verifies every signature on its own, so that a false one is blamed on its member, then
/// aggregates.
/// @return  proof_invalid naming the first such member; invalid_input for unknown or repeated
///          members or none.
[[nodiscard]] Result<Certificate> make_certificate(const Committee& committee,
    const Bytes32& object_root, std::uint64_t expiry_unix_seconds,
    std::span<const MemberSignature> signatures);

/// Indices of the members that signed.
/// @return  proof_invalid unless the bitmap is well-formed and the aggregate holds.
///          Expiry is the caller's to judge against its clock.
[[nodiscard]] Result<std::vector<std::size_t>> verify_certificate(
    const Committee& committee, const Bytes32& object_root, const Certificate& certificate);

/// The count rule: positions with a copy on a signer outside A number ≥ K for every set A of
/// members with weight ≤ ⌊share·total⌋. Exact for up to 16 signers, else bounded on the safe side:
/// never true when it is false.
struct FaultTolerance
{
    bool recoverable = false;
    std::uint64_t surviving_positions_min = 0;  ///< Lower bound over all A.
};

/// @pre signers are distinct members' indices, as verify_certificate() gives them; share ≤ 1
[[nodiscard]] FaultTolerance tolerance_at(const ObjectHeader& header, const Committee& committee,
    std::span<const std::size_t> signers, WeightShare share);

/// The largest whole percentage of weight (0 … 99) at which tolerance_at() still says
/// recoverable; nothing if not even at 0.
[[nodiscard]] std::optional<unsigned> tolerated_percent(
    const ObjectHeader& header, const Committee& committee, std::span<const std::size_t> signers);

/// Least C (1 … COPIES_MAX) at which the object is recoverable at TARGET_FAULT_SHARE when all
/// members sign; if there is none, the least C with the greatest tolerated_percent().
/// @pre ObjectHeader::make() would accept the fields, whatever their copies
[[nodiscard]] std::uint64_t copies_for(HeaderFields fields, const Committee& committee);

}  // namespace ashlar
