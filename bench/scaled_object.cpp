#include "bench/scaled_object.hpp"

#include "algebra/fft.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "commitments/blob.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t SEED = 1;
constexpr std::size_t BASE_ELEMENT_BYTES = 23;  ///< 184 bits.

/// U: elements below 2¹⁸⁴.
Bytes base_blob()
{
    SeededRandom random{SEED};
    Bytes blob(BYTES_PER_BLOB);
    for (std::size_t e = 0; e < ELEMENTS_PER_BLOB; ++e)
        random.fill(std::span{blob}.subspan(
            (e + 1) * BYTES_PER_ELEMENT - BASE_ELEMENT_BYTES, BASE_ELEMENT_BYTES));
    return blob;
}

/// sₙ: data below 2⁶⁴, zero where virtual, parity as the code says.
std::vector<Fr> make_scalars(const ObjectShape& shape)
{
    const auto domain = static_cast<std::size_t>(shape.domain());
    std::vector<Fr> scalars(domain);
    SeededRandom random{SEED + 1};
    Bytes bytes(8 * static_cast<std::size_t>(shape.data_blobs()));
    random.fill(bytes);
    for (std::size_t n = 0; n < shape.data_blobs(); ++n)
        scalars[n] =
            Fr::from_u64(load_big_endian<std::uint64_t>(ByteView{bytes}.subspan(8 * n).first<8>()));
    auto parity = scalars;
    extend_to_coset(Elements<Fr>{parity}, FftDomain{domain});
    scalars.insert(scalars.end(), parity.begin(), parity.end());
    return scalars;
}

std::vector<Fr> fold_scalars(std::span<const Fr> layer, const Fr& alpha)
{
    std::vector<Fr> out(layer.size() / FOLD_FIBER);
    parallel_for(out.size(), [&](std::size_t m) {
        const auto weights = fold_weights(layer.size(), m, alpha);
        for (std::size_t i = 0; i < FOLD_FIBER; ++i)
            out[m] += weights.at(i) * layer[FOLD_FIBER * m + i];
    });
    return out;
}

/// Leaves of a layer's tree, without holding the layer's points.
MerkleTree tree_of(std::size_t layer, std::span<const Fr> scalars, const FixedBase& base)
{
    std::vector<Bytes32> leaves(scalars.size() / FOLD_FIBER);
    const auto batches = (scalars.size() + FixedBase::BATCH_MAX - 1) / FixedBase::BATCH_MAX;
    parallel_for(batches, [&](std::size_t batch) {
        const auto begin = batch * FixedBase::BATCH_MAX;
        const auto count = std::min(FixedBase::BATCH_MAX, scalars.size() - begin);
        std::vector<G1Affine> points(count);
        base.multiply(scalars.subspan(begin, count), points);
        for (std::size_t at = 0; at < count; at += FOLD_FIBER)
        {
            std::array<Bytes48, FOLD_FIBER> fiber;
            for (std::size_t i = 0; i < FOLD_FIBER; ++i)
                fiber.at(i) = points[at + i].compress();
            leaves[(begin + at) / FOLD_FIBER] = fiber_leaf(layer, fiber);
        }
    });
    return MerkleTree::make(std::move(leaves));
}

/// The fold, layer by layer; commitments_root comes out on the way.
Fold make_fold(const ObjectShape& shape, std::span<const Fr> scalars, const FixedBase& base)
{
    Fold fold;
    const auto layers = FoldGeometry::of(shape).final_layer;
    ASHLAR_ASSERT(layers > 0);
    std::vector<Fr> layer(scalars.begin(), scalars.end());
    for (std::size_t j = 0; j < layers; ++j)
    {
        fold.trees.push_back(tree_of(j, layer, base));
        if (j > 0)
        {
            fold.record.roots.push_back(fold.trees.back().root());
            fold.layers.push_back(base.compressed_multiples(layer));
        }
        const auto alpha = fold_challenge(shape, fold.trees.front().root(), fold.record.roots, j);
        layer = fold_scalars(layer, alpha);
    }
    fold.record.final_points = base.compressed_multiples(layer);
    return fold;
}

/// out = scalar · elements, element by element.
void scale(ByteView elements, const Fr& scalar, std::span<std::byte> out)
{
    for (std::size_t at = 0; at < elements.size(); at += BYTES_PER_ELEMENT)
    {
        const auto element = Fr::reduce(elements.subspan(at).first<BYTES_PER_ELEMENT>());
        std::ranges::copy((scalar * element).to_bytes(), out.subspan(at).begin());
    }
}

ObjectHeader make_header(
    const ObjectShape& shape, const Bytes32& commitments_root, const Bytes32& fold_root)
{
    HeaderFields fields;
    fields.payload_bytes = shape.data_blobs() * PAYLOAD_BYTES_PER_BLOB;
    fields.directory_offset = (shape.data_blobs() - 1) * PAYLOAD_BYTES_PER_BLOB;
    fields.data_blobs = shape.data_blobs();
    fields.parity_blobs = shape.parity_blobs();
    fields.commitments_root = commitments_root;
    fields.fold_root = fold_root;
    fields.placement_seed = default_placement_seed(commitments_root);
    auto header = ObjectHeader::make(fields);
    ASHLAR_ASSERT(header.has_value());
    return *header;
}

}  // namespace

/// U with its commitment's table, its cells and their proofs.
struct ScaledObject::Base
{
    Bytes blob = base_blob();
    FixedBase commitment{blob_to_kzg_commitment(BlobView{blob}).value().point()};
    CellsAndProofs cells = compute_cells_and_kzg_proofs(BlobView{blob}).value();
};

ScaledObject::ScaledObject(std::shared_ptr<const Base> base, std::vector<Fr> scalars,
    const ObjectHeader& header, FoldFile fold)
  : base_{std::move(base)},
    scalars_{std::move(scalars)},
    header_{header},
    fold_{std::make_unique<FoldFile>(std::move(fold))}
{}

Result<std::unique_ptr<ScaledObject>> ScaledObject::make(
    std::uint64_t data_blobs, const std::filesystem::path& scratch)
{
    ASHLAR_TRY(const auto shape, ObjectShape::make({.data_blobs = data_blobs,
                                     .parity_blobs = ObjectShape::default_parity_blobs(data_blobs),
                                     .group_parities = 0}));
    ASHLAR_CHECK(make_folders(scratch));
    const auto fold_path = scratch / fmt::format("scaled-{}.fold", data_blobs);
    const auto root_path = scratch / fmt::format("scaled-{}.root", data_blobs);
    const auto base = std::make_shared<const Base>();
    auto scalars = make_scalars(shape);
    if (!std::filesystem::exists(root_path))
    {
        const auto fold = make_fold(shape, scalars, base->commitment);
        ASHLAR_CHECK(FoldFile::write(fold_path, shape, fold));
        Bytes roots;
        append(roots, fold.trees.front().root());
        append(roots, fold.record.root());
        ASHLAR_CHECK(write_file_atomically(root_path, roots));
    }
    ASHLAR_TRY(const auto roots, read_file(root_path, 64));
    if (roots.size() != 64)
        return fail(ErrorKind::corrupted, "{} is damaged; delete it", root_path.string());
    const auto header = make_header(
        shape, to_array(ByteView{roots}.first<32>()), to_array(ByteView{roots}.subspan<32, 32>()));
    ASHLAR_TRY(auto fold, FoldFile::open(fold_path, shape));
    return std::unique_ptr<ScaledObject>{
        new ScaledObject{base, std::move(scalars), header, std::move(fold)}};
}

Result<Bytes> ScaledObject::walk(std::uint64_t position) const
{
    const auto first = static_cast<std::size_t>(position / FOLD_FIBER * FOLD_FIBER);
    std::array<G1Affine, FOLD_FIBER> points;
    base_->commitment.multiply(std::span{scalars_}.subspan(first, FOLD_FIBER), points);
    std::array<Bytes48, FOLD_FIBER> fiber;
    std::ranges::transform(points, fiber.begin(), &G1Affine::compress);
    return fold_->walk(position, fiber);
}

Bytes ScaledObject::blob(std::uint64_t stored) const
{
    Bytes out(BYTES_PER_BLOB);
    scale(
        base_->blob, scalars_[static_cast<std::size_t>(header_.shape().position_of(stored))], out);
    return out;
}

CellAnswer ScaledObject::cell(std::uint64_t stored, std::uint64_t cell_index) const
{
    const auto& scalar = scalars_[static_cast<std::size_t>(header_.shape().position_of(stored))];
    CellAnswer answer;
    scale(base_->cells.cells[static_cast<std::size_t>(cell_index)], scalar, answer.cell);
    const auto& proof = base_->cells.proofs[static_cast<std::size_t>(cell_index)];
    answer.proof = (G1{proof.point()} * scalar).compress();
    return answer;
}

Result<void> ScaledNode::known(const Bytes32& root) const
{
    if (root != object_.header().root())
        return nothing();
    return {};
}

Result<ObjectInfo> ScaledNode::object(const Bytes32& root)
{
    ASHLAR_CHECK(known(root));
    return ObjectInfo{.header = object_.header().bytes(), .certificate = std::nullopt};
}

Result<Bytes> ScaledNode::fold_record(const Bytes32& root)
{
    ASHLAR_CHECK(known(root));
    return object_.fold_record();
}

Result<Bytes> ScaledNode::get_walk(const Bytes32& root, std::uint64_t position)
{
    ASHLAR_CHECK(known(root));
    if (position >= object_.header().shape().position_count())
        return fail(ErrorKind::invalid_input, "no such position");
    return object_.walk(position);
}

Result<void> ScaledNode::get_pieces(
    const Bytes32& root, std::span<const std::uint64_t> pieces, const PieceSink& sink)
{
    ASHLAR_CHECK(known(root));
    for (const auto piece : pieces)
    {
        if (piece < withheld_ || piece >= object_.header().shape().stored_count())
            continue;
        const auto blob = object_.blob(piece);
        ASHLAR_CHECK(sink({piece, BlobView{blob}}));
    }
    return {};
}

Result<CellAnswer> ScaledNode::get_cell(
    const Bytes32& root, std::uint64_t stored, std::uint64_t cell_index)
{
    ASHLAR_CHECK(known(root));
    if (stored >= object_.header().shape().stored_count() || cell_index >= CELLS_PER_EXT_BLOB)
        return fail(ErrorKind::invalid_input, "no such cell");
    if (stored < withheld_)
        return nothing();
    return object_.cell(stored, cell_index);
}

}  // namespace ashlar
