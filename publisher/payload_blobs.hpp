#pragma once

/// A payload as data blobs, whole or by slices.

#include "checkpoint/payload.hpp"
#include "erasure/group_code.hpp"
#include "erasure/object_code.hpp"

namespace ashlar
{

/// Thread-safe; keeps a reference to the payload.
class PayloadBlobs final : public SliceReader
{
public:
    explicit PayloadBlobs(const Payload& payload) noexcept : payload_{payload} {}

    [[nodiscard]] Result<void> read(
        std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const override;

    /// @pre index < K
    [[nodiscard]] Result<void> read_blob(std::uint64_t index, BlobBuffer out) const
    {
        return read(index, 0, out);
    }

private:
    const Payload& payload_;
};

}  // namespace ashlar
