#pragma once

/// Checkpoints on eight nodes in this process, published once for all tests.

#include "retrieval/light_object.hpp"
#include "tests/support/local_network.hpp"

namespace ashlar::test
{

/// A model of one safetensors file with the tensors "rows" (BF16, 8 × 64) and "zeros", behind a
/// file of its own that shifts it.
class PublishedModel
{
public:
    /// @param leading_bytes  Of the first file: how many blobs stand before the tensors.
    explicit PublishedModel(std::size_t leading_bytes);

    /// The same under another committee of members with the keys 1, 2, ….
    PublishedModel(
        std::size_t leading_bytes, Committee committee, const EncodeOptions& options = {});

    /// A few blobs: the fold has no layer (J = 0).
    [[nodiscard]] static PublishedModel& small();

    /// 35 blobs: one layer.
    [[nodiscard]] static PublishedModel& layered();

    [[nodiscard]] LocalNetwork& network() { return network_; }
    [[nodiscard]] const Bytes32& root() const { return published_->root(); }
    [[nodiscard]] const Directory& directory() const { return published_->payload->directory(); }
    [[nodiscard]] const Tensor& rows() const { return directory().find_tensors("rows").front(); }
    [[nodiscard]] Result<LightObject> open();

    /// Bytes of the payload, from the files.
    [[nodiscard]] Bytes payload(std::uint64_t offset, std::size_t size) const;

    /// A byte of "rows" whose element ends with it: a bf16 there straddles two elements.
    [[nodiscard]] std::uint64_t straddling_offset() const;

private:
    LocalNetwork network_;
    TemporaryFolder folder_;
    std::unique_ptr<PublishedFolder> published_;
};

}  // namespace ashlar::test
