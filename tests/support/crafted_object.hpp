#pragma once

/// Objects whose payload a test writes byte by byte, directory included: what an honest publisher
/// would never make. One node holds everything.

#include "base/hash.hpp"
#include "checkpoint/blob_packing.hpp"
#include "commitments/fold.hpp"
#include "retrieval/blob_fetcher.hpp"
#include "tests/support/forwarding_node.hpp"
#include "tests/support/memory_blobs.hpp"

namespace ashlar::test
{

class CraftedObject final : public ForwardingNode
{
public:
    /// @param payload  All bytes: files, gaps, and the directory's from directory_offset.
    CraftedObject(ByteView payload, std::uint64_t directory_offset, const Bytes32& directory_root)
      : shape_{ObjectShape::make({.data_blobs = ObjectShape::data_blobs_for(payload.size()),
                                     .parity_blobs = 1,
                                     .group_parities = 0})
                   .value()},
        blobs_{shape_.stored_count()}
    {
        Bytes padded{payload.begin(), payload.end()};
        padded.resize(shape_.data_blobs() * PAYLOAD_BYTES_PER_BLOB);
        std::vector<Commitment> data;
        for (std::uint64_t t = 0; t < shape_.data_blobs(); ++t)
        {
            pack_elements(
                ByteView{padded}.subspan(t * PAYLOAD_BYTES_PER_BLOB, PAYLOAD_BYTES_PER_BLOB),
                blobs_[t]);
            data.push_back(blob_to_kzg_commitment(BlobView{blobs_[t]}).value());
        }
        ASHLAR_ASSERT(encode_object(shape_, blobs_, blobs_).has_value());
        codeword_ = extend_commitments(shape_, data);
        fields_.payload_bytes = payload.size();
        fields_.directory_offset = directory_offset;
        fields_.data_blobs = shape_.data_blobs();
        fields_.parity_blobs = shape_.parity_blobs();
        fields_.commitments_root = commitment_tree(codeword_).root();
        fields_.fold_root = make_fold_record(shape_, fields_.commitments_root, codeword_).root();
        fields_.directory_root = directory_root;
        fields_.placement_seed = default_placement_seed(fields_.commitments_root);
    }

    [[nodiscard]] ObjectView view() const
    {
        return {.header = ObjectHeader::make(fields_).value(),
            .commitments = std::make_unique<ObjectCommitments>(codeword_, std::vector<Bytes32>{}),
            .certificate = {},
            .signers = {},
            .false_answers = {}};
    }

    Result<void> get_pieces(
        const Bytes32&, std::span<const std::uint64_t> pieces, const PieceSink& sink) override
    {
        for (const auto piece : pieces)
            ASHLAR_CHECK(sink({piece, BlobView{blobs_[piece]}}));
        return {};
    }

protected:
    Result<NodeApi*> target() override
    {
        return fail(ErrorKind::not_found, "this node only serves blobs");
    }

private:
    ObjectShape shape_;
    MemoryBlobs blobs_;
    std::vector<Commitment> codeword_;
    HeaderFields fields_;
};

}  // namespace ashlar::test
