#pragma once

/// The object header: 16 SSZ leaves of 32 bytes, whose hash_tree_root is the object root.
/// DESIGN §5, docs/formats/object-root.md.

#include "base/shape.hpp"

namespace ashlar
{

inline constexpr std::size_t HEADER_LEAVES = 16;
inline constexpr std::size_t BYTES_PER_HEADER = HEADER_LEAVES * 32;
inline constexpr std::uint64_t FORMAT_VERSION = 1;
inline constexpr std::uint64_t COPIES_MAX = 255;

using HeaderBytes = ByteArray<BYTES_PER_HEADER>;

/// The header's fields as numbers and hashes; integers are little-endian in their leaves.
struct HeaderFields
{
    std::uint64_t payload_bytes = 0;
    std::uint64_t directory_offset = 0;
    std::uint64_t data_blobs = 0;      ///< K
    std::uint64_t parity_blobs = 0;    ///< P
    std::uint64_t group_parities = 0;  ///< L
    std::uint64_t copies = 1;          ///< C
    Bytes32 commitments_root{};
    Bytes32 fold_root{};
    Bytes32 directory_root{};     ///< Publisher's claim.
    Bytes32 group_parity_root{};  ///< Publisher's claim; zero if L = 0.
    Bytes32 placement_seed{};     ///< The parent's, else default_placement_seed().
    Bytes32 parent_root{};        ///< Previous version, or zero.
    Bytes32 provenance_root{};    ///< SHA-256 of the statement, or zero.
};

/// SHA256("ashlar/seed/v1" ‖ commitments_root).
[[nodiscard]] Bytes32 default_placement_seed(const Bytes32& commitments_root);

/// A header that has passed every check of DESIGN §5. Immutable.
class ObjectHeader
{
public:
    /// @return  invalid_input naming the first rule that the fields break.
    [[nodiscard]] static Result<ObjectHeader> make(const HeaderFields& fields);

    /// As make(), from the 16 leaves as they travel.
    [[nodiscard]] static Result<ObjectHeader> parse(
        std::span<const std::byte, BYTES_PER_HEADER> bytes);

    /// As parse().
    /// @return  proof_invalid unless the root is `expected`; that is checked first, so
    ///          invalid_input says that the object itself is broken, not its sender.
    [[nodiscard]] static Result<ObjectHeader> parse_for(
        const Bytes32& expected, std::span<const std::byte, BYTES_PER_HEADER> bytes);

    [[nodiscard]] const HeaderFields& fields() const noexcept { return fields_; }
    [[nodiscard]] const ObjectShape& shape() const noexcept { return shape_; }
    [[nodiscard]] const Bytes32& root() const noexcept { return root_; }
    [[nodiscard]] const HeaderBytes& bytes() const noexcept { return bytes_; }

private:
    ObjectHeader(const HeaderFields& fields, const ObjectShape& shape);

    HeaderFields fields_;
    ObjectShape shape_;
    HeaderBytes bytes_;
    Bytes32 root_;
};

}  // namespace ashlar
