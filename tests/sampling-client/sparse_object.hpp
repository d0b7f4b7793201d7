#pragma once

/// A real object that costs nothing to open: every blob is v + u·X⁶⁴. Its cells are constant
/// (X⁶⁴ is, on a cell's coset) but differ from cell to cell, and every cell's proof is u·G.

#include <atomic>

#include "base/hash.hpp"
#include "base/mutex.hpp"
#include "base/random.hpp"
#include "sampling-client/sampler.hpp"
#include "tests/support/scalar_codeword.hpp"

namespace ashlar::test
{

/// `count` members of weight 1, each its own operator, keys 1, 2, ….
inline Committee make_committee(std::size_t count)
{
    Committee::Parts parts;
    for (std::uint64_t i = 1; i <= count; ++i)
    {
        Bytes32 bytes{};
        std::ranges::copy(big_endian(i), bytes.begin() + 24);
        const auto key = BlsSecretKey::parse(bytes).value();
        parts.members.push_back({.key = key.public_key(),
            .possession_proof = key.prove_possession().bytes(),
            .operator_id = sha256(big_endian(i)),
            .weight = 1});
    }
    return Committee::make(std::move(parts)).value();
}

struct SparseObjectCounts
{
    std::uint64_t data_blobs = 0;
    std::uint64_t parity_blobs = 0;
    std::uint64_t copies = 1;
};

class SparseObject
{
public:
    /// @param is_codeword  False puts one commitment off the codeword, under the header's root.
    explicit SparseObject(SparseObjectCounts counts, bool is_codeword = true)
      : shape_{ObjectShape::make({counts.data_blobs, counts.parity_blobs, 0}).value()}
    {
        SeededRandom random{7};
        constants_ = scalar_codeword(shape_, random);
        slopes_ = scalar_codeword(shape_, random);
        if (!is_codeword)
            constants_[shape_.domain()] += Fr::one();
        const G1 tau_power{TrustedSetup::ethereum().monomial()[ELEMENTS_PER_CELL]};
        for (std::size_t n = 0; n < constants_.size(); ++n)
        {
            const auto point = G1::generator() * constants_[n] + tau_power * slopes_[n];
            codeword_.push_back(Commitment::from_point(point.to_affine()));
        }
        HeaderFields fields;
        fields.payload_bytes = counts.data_blobs * PAYLOAD_BYTES_PER_BLOB;
        fields.data_blobs = counts.data_blobs;
        fields.parity_blobs = counts.parity_blobs;
        fields.copies = counts.copies;
        fields.commitments_root = commitment_tree(codeword_).root();
        fields.placement_seed = default_placement_seed(fields.commitments_root);
        fold_ = Fold::make(shape_, fields.commitments_root, codeword_);
        fields.fold_root = fold_.record.root();
        header_ = ObjectHeader::make(fields).value();
    }

    [[nodiscard]] const ObjectHeader& header() const { return *header_; }
    [[nodiscard]] const Bytes32& root() const { return header_->root(); }
    [[nodiscard]] std::span<const Commitment> codeword() const { return codeword_; }

    [[nodiscard]] CellAnswer cell(std::uint64_t stored, std::uint64_t cell_index) const
    {
        const auto n = shape_.position_of(stored);
        // X⁶⁴ on cell k's coset: the 128-th root of unity with k's bits reversed.
        const auto x64 = root_of_unity(7).pow(reverse_bits(cell_index, 7));
        const auto value = (constants_[n] + slopes_[n] * x64).to_bytes();
        CellAnswer answer{.cell = {}, .proof = (G1::generator() * slopes_[n]).compress()};
        for (std::size_t e = 0; e < ELEMENTS_PER_CELL; ++e)
            std::ranges::copy(
                value, answer.cell.begin() + static_cast<std::ptrdiff_t>(e * BYTES_PER_ELEMENT));
        return answer;
    }

    /// A blob is its first 64 cells.
    [[nodiscard]] Bytes blob(std::uint64_t stored) const
    {
        Bytes bytes;
        for (std::uint64_t k = 0; k < CELLS_PER_EXT_BLOB / 2; ++k)
            append(bytes, cell(stored, k).cell);
        return bytes;
    }

    [[nodiscard]] const Fold& fold() const { return fold_; }

    [[nodiscard]] Bytes walk(std::uint64_t position) const
    {
        std::array<Bytes48, FOLD_FIBER> fiber;
        const auto first = codeword_.begin() + static_cast<std::ptrdiff_t>(position / 8 * 8);
        std::transform(first, first + FOLD_FIBER, fiber.begin(),
            [](const Commitment& commitment) { return commitment.bytes(); });
        return fold_.walk(position, fiber);
    }

    [[nodiscard]] ObjectMetadata metadata() const
    {
        ObjectMetadata metadata;
        for (std::uint64_t n = 0; n < shape_.position_count(); ++n)
        {
            if (!shape_.is_virtual(n))
                append(metadata.commitments, codeword_[n].bytes());
        }
        return metadata;
    }

private:
    ObjectShape shape_;
    std::vector<Fr> constants_;
    std::vector<Fr> slopes_;
    std::vector<Commitment> codeword_;
    Fold fold_;
    std::optional<ObjectHeader> header_;
};

/// One cell that somebody asked for.
struct AskedCell
{
    std::uint64_t stored;
    std::uint64_t cell_index;

    friend auto operator<=>(const AskedCell&, const AskedCell&) = default;
};

/// What was asked of all nodes, in the order it was asked.
class AskedCells
{
public:
    void add(AskedCell cell)
    {
        const MutexLock lock{mutex_};
        cells_.push_back(cell);
    }
    void add_walk(std::uint64_t position)
    {
        const MutexLock lock{mutex_};
        walks_.push_back(position);
    }
    [[nodiscard]] std::vector<std::uint64_t> walks() const
    {
        const MutexLock lock{mutex_};
        return walks_;
    }
    [[nodiscard]] std::vector<AskedCell> all() const
    {
        const MutexLock lock{mutex_};
        return cells_;
    }

private:
    mutable Mutex mutex_;
    std::vector<AskedCell> cells_ ASHLAR_GUARDED_BY(mutex_);
    std::vector<std::uint64_t> walks_ ASHLAR_GUARDED_BY(mutex_);
};

/// A node that holds all of an object and only knows how to be read. Liars override its answers.
class SparseNode : public NodeApi
{
public:
    explicit SparseNode(const SparseObject& object, AskedCells* asked = nullptr)
      : object_{object}, asked_{asked}
    {}

    void stop() { is_down_ = true; }

    Result<NodeStatus> status() override { return nothing(); }
    Result<void> reserve(const ReserveRequest&) override { return nothing(); }
    Result<void> put_metadata(const Bytes32&, const ObjectMetadata&) override { return nothing(); }
    Result<void> put_pieces(const Bytes32&, std::span<const CarriedPiece>) override
    {
        return nothing();
    }
    Result<Holdings> holdings(const Bytes32&) override { return nothing(); }
    Result<BlsSignature> sign(const Bytes32&, std::uint64_t) override { return nothing(); }
    Result<void> put_certificate(const Bytes32&, const Certificate&) override { return nothing(); }

    Result<ObjectInfo> object(const Bytes32& root) override
    {
        ASHLAR_CHECK(answering(root));
        return ObjectInfo{.header = object_.header().bytes(), .certificate = {}};
    }
    Result<ObjectMetadata> metadata(const Bytes32& root) override
    {
        ASHLAR_CHECK(answering(root));
        return object_.metadata();
    }
    Result<void> get_pieces(
        const Bytes32& root, std::span<const std::uint64_t> pieces, const PieceSink& sink) override
    {
        ASHLAR_CHECK(answering(root));
        for (const auto piece : pieces)
        {
            const auto bytes = object_.blob(piece);
            ASHLAR_CHECK(sink({.piece = piece, .bytes = BlobView{bytes}}));
        }
        return {};
    }
    Result<CellAnswer> get_cell(
        const Bytes32& root, std::uint64_t stored, std::uint64_t cell_index) override
    {
        if (asked_ != nullptr)
            asked_->add({stored, cell_index});
        ASHLAR_CHECK(answering(root));
        return object_.cell(stored, cell_index);
    }
    Result<Bytes> fold_record(const Bytes32& root) override
    {
        ASHLAR_CHECK(answering(root));
        return object_.fold().record.encode();
    }
    Result<Bytes> get_walk(const Bytes32& root, std::uint64_t position) override
    {
        if (asked_ != nullptr)
            asked_->add_walk(position);
        ASHLAR_CHECK(answering(root));
        return object_.walk(position);
    }

protected:
    [[nodiscard]] const SparseObject& content() const { return object_; }

private:
    static tl::unexpected<Error> nothing() { return fail(ErrorKind::not_found, "not here"); }

    [[nodiscard]] Result<void> answering(const Bytes32& root) const
    {
        if (is_down_)
            return fail(ErrorKind::unavailable, "connection refused");
        if (root != object_.root())
            return nothing();
        return {};
    }

    const SparseObject& object_;
    AskedCells* asked_;
    std::atomic<bool> is_down_{false};
};

}  // namespace ashlar::test
