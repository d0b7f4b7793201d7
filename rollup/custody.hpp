#pragma once

/// Challenges to nodes that signed for a blob, and their answers: what
/// contracts/src/CustodyChallenge.sol takes.

#include "retrieval/light_object.hpp"
#include "rollup/weight_proof.hpp"

namespace ashlar
{

/// Member `member` of the committee that signed keeps stored index `stored`.
struct CustodyClaim
{
    HeaderBytes header{};
    std::uint64_t member = 0;
    std::uint64_t stored = 0;
    Bytes signers;           ///< The certificate's bitmap.
    Bytes table;             ///< Committee::encoded_shards()
    Bytes32 members_root{};  ///< Committee::members_root()
};

/// The claim against a member that signed the object's certificate and holds a copy of the blob.
///
/// @param member  Nothing for the first holder that signed.
/// @return  invalid_input for a stored index ≥ S; not_found if there is no certificate, or the
///          member (or every holder) did not sign or holds no copy: a challenge would cost the
///          challenger its bond.
[[nodiscard]] Result<CustodyClaim> make_custody_claim(const LightObject& object,
    const Committee& committee, std::uint64_t stored, std::optional<std::size_t> member);

/// The opening that a challenge asks for. Parity has values ≥ 2²⁴⁸ too.
struct CustodyAnswer
{
    HeaderBytes header{};
    BoundCommitment blob;
    std::uint64_t element = 0;
    ElementOpening opening{};
};

/// Opens an element of the blob at a position, and verifies the opening.
/// @return  invalid_input for a position that is not stored or an element ≥ 4096, or an error of
///          LightObject.
[[nodiscard]] Result<CustodyAnswer> answer_challenge(
    LightObject& object, std::uint64_t position, std::uint64_t element);

}  // namespace ashlar
