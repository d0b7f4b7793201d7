#pragma once

/// From a payload to everything that is stored and everything that is signed: commitments,
/// parity, fold record, local parities, header.

#include <filesystem>
#include <memory>

#include "base/progress.hpp"
#include "checkpoint/payload.hpp"
#include "erasure/group_code.hpp"
#include "publisher/journal.hpp"
#include "transport/node_api.hpp"

namespace ashlar
{

struct EncodeOptions
{
    std::uint64_t group_parities = GROUP_PARITIES_DEFAULT;  ///< L
    std::optional<std::uint64_t> parity_blobs;              ///< P; by default DESIGN §3's.
    std::optional<std::uint64_t> copies;  ///< C; by default the least that reaches ⅓ of weight.

    /// The version before: its root and its placement go into the header, so that nodes find what
    /// did not change among what they hold.
    std::optional<ObjectHeader> parent{};

    /// The version before itself, for differences to it; may be null. Outlives the object.
    /// @pre its directory is the one that the parent's header names
    const Payload* parent_payload = nullptr;

    Bytes32 provenance_root{};  ///< provenance_root_of() the statement in the payload, or zero.

    /// Folder for parity while it is uploaded: (P + G)·128 KiB, in a nameless file that vanishes
    /// with the process. An object too large for memory takes as much again while it is encoded.
    std::filesystem::path scratch_folder = std::filesystem::temp_directory_path();

    std::uint64_t memory_bytes = 1ULL << 30;  ///< Working memory of the object code.

    /// Where the work is noted as it is done, and what it holds is not done again; may be null.
    /// The parity file is then the journal's. Outlives the call.
    /// @pre its key stands for the payload's folder, the committee and the options
    PublishJournal* journal = nullptr;
};

/// What encoding gives a header.
struct EncodedRoots
{
    Bytes32 commitments{};
    Bytes32 fold{};
    Bytes32 group_parity{};  ///< Zero if there are no local parities.
};

/// The shape that a payload gets.
/// @return  invalid_input for more than one object holds, or if an option breaks the shape's rules.
[[nodiscard]] Result<ObjectShape> shape_for(const Payload& payload, const EncodeOptions& options);

/// The header that it gets; without an option for copies, the least that reach ⅓ of weight.
/// @return  invalid_input if an option breaks a rule of headers.
[[nodiscard]] Result<ObjectHeader> header_for(const Payload& payload, const ObjectShape& shape,
    const Committee& committee, const EncodeOptions& options, const EncodedRoots& roots);

/// Parity blobs and local parities in the scratch file.
class ScratchPieces;

/// Data blobs as they are sent.
class StoredForms;

/// An object ready to be spread. Immutable; threads may share it. Keeps a reference to the
/// payload.
class EncodedObject
{
public:
    /// @pre the payload outlives the object
    /// @return  invalid_input if a file changed underneath, or since the journal's payload was
    ///          noted, or an option breaks the shape's rules; insufficient if the scratch folder is
    ///          full.
    [[nodiscard]] static Result<EncodedObject> make(const Payload& payload,
        const Committee& committee, const EncodeOptions& options, ProgressListener& progress);

    EncodedObject(EncodedObject&&) noexcept;
    ~EncodedObject();

    [[nodiscard]] const ObjectHeader& header() const noexcept { return header_; }
    [[nodiscard]] const ObjectMetadata& metadata() const noexcept { return metadata_; }

    /// The 131,072 bytes of a piece (stored blob or local parity).
    /// @pre piece < piece_count(shape)
    [[nodiscard]] Result<void> read_piece(std::uint64_t piece, BlobBuffer out) const;

    /// A piece as it is sent: a data blob in stored form, anything else raw.
    /// @param[out] bytes  What the result is a view of.
    /// @param has_parent  The receiver holds the parent's piece of that number.
    /// @pre piece < piece_count(shape)
    [[nodiscard]] Result<CarriedPiece> carry(
        std::uint64_t piece, bool has_parent, Bytes& bytes) const;

    /// Whether carry() makes differences where it may.
    [[nodiscard]] bool has_parent_payload() const noexcept { return has_parent_payload_; }

private:
    /// The object that the journal says is encoded already; nothing if it says so of none.
    [[nodiscard]] static std::optional<EncodedObject> resume(const Payload& payload,
        const ObjectShape& shape, const PublishJournal& journal,
        std::unique_ptr<ScratchPieces>& scratch);

    EncodedObject(const Payload& payload, ObjectHeader header, ObjectMetadata metadata,
        std::unique_ptr<ScratchPieces> scratch);

    /// Once encoded, however that was.
    [[nodiscard]] Result<void> prepare_forms(const EncodeOptions& options);

    const Payload* payload_;
    ObjectHeader header_;
    ObjectMetadata metadata_;
    std::unique_ptr<ScratchPieces> scratch_;
    std::unique_ptr<StoredForms> forms_;
    bool has_parent_payload_ = false;
};

}  // namespace ashlar
