#pragma once

/// The stored forms (docs/formats/stored-form.md) in which an object's data blobs are sent.

#include <array>
#include <memory>

#include "base/file.hpp"
#include "base/mutex.hpp"
#include "checkpoint/payload.hpp"
#include "checkpoint/stored_form.hpp"

namespace ashlar
{

/// Makes each form when it is first sent, so that a publish that goes on after its end, or that
/// sends little because nodes have the rest, makes only what it still sends. If there are several
/// copies, forms are kept for the others in a nameless file.
///
/// Thread-safe; as many forms are made at once as there are makers.
class StoredForms
{
public:
    struct Source
    {
        const Payload& payload;  ///< Outlives the forms.

        /// The version before, whose blobs of the same number a form may be a difference to. May be
        /// null; outlives the forms.
        const Payload* parent = nullptr;

        std::uint64_t copies = 1;
        std::filesystem::path scratch_folder;  ///< For the nameless file.
    };

    [[nodiscard]] static Result<std::unique_ptr<StoredForms>> make(const Source& source);

    /// The form of a data blob.
    /// @param has_parent  The receiver holds the parent's blob of the same number.
    /// @return  invalid_input if a file changed underneath; insufficient if the scratch folder is
    ///          full.
    [[nodiscard]] Result<Bytes> form(std::uint64_t data_blob, bool has_parent);

private:
    explicit StoredForms(const Source& source, File kept);

    [[nodiscard]] Result<Bytes> encode(
        StoredFormEncoder& encoder, std::uint64_t data_blob, bool against_parent) const;
    [[nodiscard]] bool parent_has(std::uint64_t data_blob) const noexcept;

    struct Maker
    {
        Mutex mutex;
        StoredFormEncoder encoder ASHLAR_GUARDED_BY(mutex);
    };
    static constexpr std::size_t MAKERS = 16;

    const Source source_;
    const StoredLayout layout_;
    const File kept_;  ///< Not open for a single copy.

    std::array<Maker, MAKERS> makers_;  ///< Maker b mod MAKERS makes the forms of blob b.

    /// Bytes of the kept forms of each blob, without and with the parent's; 0 for none yet. Those
    /// of a blob are its maker's.
    std::vector<std::array<std::uint32_t, 2>> kept_bytes_;
};

/// What stored forms save, from some blobs spread over the payload.
struct FormSample
{
    std::uint64_t blobs = 0;
    std::uint64_t raw_bytes = 0;   ///< Of these blobs, as nodes would keep them raw.
    std::uint64_t form_bytes = 0;  ///< Of their stored forms.

    [[nodiscard]] double ratio() const noexcept
    {
        return raw_bytes == 0 ? 1
                              : static_cast<double>(form_bytes) / static_cast<double>(raw_bytes);
    }
};

/// Reads and encodes up to `blobs_max` of the payload's data blobs.
[[nodiscard]] Result<FormSample> sample_forms(const Payload& payload, std::uint64_t blobs_max);

}  // namespace ashlar
