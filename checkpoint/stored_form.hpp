#pragma once

/// How a data blob lies on disk and travels: its payload bytes, the bytes of its numbers sorted
/// into planes, each plane compressed where that gains. docs/formats/stored-form.md.
///
/// Commitments are over the payload bytes alone: a stored form is a way to say them, and whoever
/// reads one checks the bytes that come out.

#include <array>
#include <optional>
#include <vector>

#include "base/shape.hpp"
#include "checkpoint/directory.hpp"
#include "checkpoint/zstd_plane.hpp"

namespace ashlar
{

/// The longest stored form: a raw one.
inline constexpr std::size_t STORED_FORM_BYTES_MAX = PAYLOAD_BYTES_PER_BLOB + 14;
inline constexpr std::size_t STORED_RUNS_MAX = 64;

/// Neighbouring bytes of a blob that are sorted in the same way.
struct StoredRun
{
    std::uint32_t bytes;  ///< A multiple of the width.
    std::uint8_t width;   ///< Bytes of a number: 1, 2 or 4. Only floats are sorted into planes.
    Texture texture;

    friend bool operator==(const StoredRun&, const StoredRun&) = default;
};

/// Which numbers lie where in an object. Immutable, so threads may share it.
class StoredLayout
{
public:
    /// From the tensors of a directory, which may overlap: it is a claim.
    explicit StoredLayout(const Directory& directory);

    /// The runs of a data blob: at least one, at most STORED_RUNS_MAX, of
    /// PAYLOAD_BYTES_PER_BLOB bytes together. A number that straddles two blobs belongs to no run
    /// of its width, nor does what comes after the last run that is allowed.
    [[nodiscard]] std::vector<StoredRun> runs_of(std::uint64_t data_blob) const;

private:
    /// Numbers of one width, side by side, from a payload offset on.
    struct Span
    {
        std::uint64_t begin;
        std::uint64_t end;
        std::uint8_t width;
    };

    std::vector<Span> spans_;  ///< Apart, in order.
};

/// Makes stored forms. Not thread-safe: one per thread.
class StoredFormEncoder
{
public:
    /// The shortest of: raw; planes; planes of the difference to the parent's bytes.
    ///
    /// @param runs    As of StoredLayout::runs_of(); any that add up to a blob will do.
    /// @param parent  The same blob of the parent object, if there is one. Whoever decodes needs
    ///                it if the form came out as a difference.
    /// @return at most STORED_FORM_BYTES_MAX bytes.
    [[nodiscard]] Bytes encode(PayloadBlob payload, std::span<const StoredRun> runs,
        std::optional<PayloadBlob> parent = {});

private:
    [[nodiscard]] Bytes encode_planes(
        ByteView bytes, std::span<const StoredRun> runs, bool difference);

    ZstdEncoder zstd_;
    Bytes plane_;
};

/// Reads stored forms from anywhere. Not thread-safe: one per thread.
class StoredFormDecoder
{
public:
    /// Memory is what the call is given and the decoder's own, a blob more, whatever the form
    /// claims.
    ///
    /// @param[out] payload  Without meaning on failure.
    /// @return invalid_input if the form breaks a rule of the format; insufficient if it is a
    ///         difference and there is no parent.
    [[nodiscard]] Result<void> decode(ByteView form, std::optional<PayloadBlob> parent,
        std::span<std::byte, PAYLOAD_BYTES_PER_BLOB> payload);

private:
    static constexpr std::size_t PLANES_MAX = 4;

    ZstdDecoder zstd_;
    std::array<Bytes, PLANES_MAX> planes_;
};

/// What a form says of itself before anything is decoded.
struct StoredFormSummary
{
    bool is_difference;  ///< The parent's blob is needed to decode it.
};

/// @return  invalid_input if the first bytes are no stored form's.
[[nodiscard]] Result<StoredFormSummary> summarize_stored_form(ByteView form);

/// The runs of a form. Their textures are a guess: runs of width 1 may be text.
/// @return  invalid_input if the form breaks a rule of the format that is not about zstd.
[[nodiscard]] Result<std::vector<StoredRun>> runs_of_form(ByteView form);

/// The bytes of a number of this type if its planes are worth sorting apart, that is, for floats of
/// 2 and 4 bytes; else 1.
[[nodiscard]] std::uint8_t plane_width(Dtype dtype) noexcept;

}  // namespace ashlar
