#pragma once

/// The objects that make-fixtures encodes: each is about one boundary or one option.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "object/committee.hpp"

namespace ashlar::test
{

/// Bytes at an offset of a file.
struct Piece
{
    std::uint64_t at;
    Bytes bytes;
};

/// A file of zeros but for its pieces: the reference is slow where data is dense.
struct FileCase
{
    std::string path{};
    std::uint64_t size = 0;  ///< Bytes.
    std::vector<Piece> pieces{};
    bool opaque = false;
};

struct MemberCase
{
    Bytes32 secret;
    Bytes32 operator_id;
    std::uint64_t weight;
};

struct CommitteeCase
{
    ChainBinding binding{};
    std::vector<MemberCase> members{};
    std::vector<std::pair<std::size_t, NodeRecord>> records{};  ///< By member, ascending.
};

struct ParentCase
{
    Bytes32 object_root;
    Bytes32 placement_seed;
};

struct ObjectCase
{
    std::string name{};
    std::vector<FileCase> files{};
    CommitteeCase committee{};
    std::vector<std::size_t> signers{};  ///< At most ten: the reference tries every subset.
    std::uint64_t group_parities = 2;
    std::optional<std::uint64_t> parity_blobs{};
    std::optional<std::uint64_t> copies{};
    std::optional<ParentCase> parent{};
    std::optional<std::string> provenance{};
    std::optional<std::uint64_t> opened_payload_byte{};
};

[[nodiscard]] std::vector<ObjectCase> object_cases();

}  // namespace ashlar::test
