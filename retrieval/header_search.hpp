#pragma once

/// Where a reader begins: the header behind an object root and, if there is one, its certificate.

#include "transport/node_api.hpp"

namespace ashlar
{

/// Something false that a node said. Honest nodes are never in such a list.
struct FalseAnswer
{
    std::size_t member;
    std::string what;
};

struct FoundHeader
{
    ObjectHeader header;                     ///< Hashes to the object root.
    std::optional<Certificate> certificate;  ///< Verified; the first found.
    std::vector<std::size_t> signers;        ///< Of that certificate.
};

/// Asks member after member until one gives the header.
///
/// @param false_answers  Is added to.
/// @return  not_found if every member answered and none knows the root; unavailable if none that
///          answered knows it and some did not answer.
[[nodiscard]] Result<ObjectHeader> find_header(
    const Bytes32& object_root, CommitteeNodes nodes, std::vector<FalseAnswer>& false_answers);

/// As find_header(), and goes on until a certificate is found.
///
/// @param answers_max  Members that give the header, with a certificate or without, before no
///                     certificate is taken for an answer. ≥ 1
[[nodiscard]] Result<FoundHeader> find_certified_header(const Bytes32& object_root,
    const Committee& committee, CommitteeNodes nodes, std::size_t answers_max,
    std::vector<FalseAnswer>& false_answers);

}  // namespace ashlar
