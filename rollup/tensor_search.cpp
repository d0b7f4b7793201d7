#include "rollup/tensor_search.hpp"

#include <map>

#include "base/log.hpp"
#include "checkpoint/blob_packing.hpp"
#include "rollup/weight_proof.hpp"

namespace ashlar
{
namespace
{

// SSZ of Directory and Tensor (docs/formats/directory.md): what has a fixed place in them.
constexpr std::uint64_t OFFSET_BYTES = 4;
constexpr std::uint64_t DIRECTORY_HEAD_BYTES = 2 * OFFSET_BYTES;
constexpr std::size_t TENSOR_HEAD_BYTES = 29;
constexpr std::uint64_t TENSOR_BYTES_MAX =
    TENSOR_HEAD_BYTES + TENSOR_NAME_BYTES_MAX + TENSOR_RANK_MAX * sizeof(std::uint64_t);

tl::unexpected<Error> broken_directory(std::string_view why)
{
    return fail(ErrorKind::proof_invalid, "the publisher's directory is malformed: {}", why);
}

std::uint64_t offset_at(ByteView bytes, std::size_t at)
{
    return load_little_endian<std::uint32_t>(bytes.subspan(at).first<OFFSET_BYTES>());
}

/// Payload bytes cell by cell; none is asked for twice.
class ProvenCells
{
public:
    explicit ProvenCells(LightObject& object) : object_{object} {}

    /// @pre the range lies in the payload and is not empty
    Result<Bytes> read(std::uint64_t offset, std::uint64_t size)
    {
        Bytes out;
        const auto last = (offset + size - 1) / PAYLOAD_BYTES_PER_CELL;
        const auto first = offset / PAYLOAD_BYTES_PER_CELL;
        for (auto cell = first; cell <= last; ++cell)
        {
            ASHLAR_TRY(const auto* const bytes, cell_bytes(cell));
            append(out, *bytes);
        }
        const auto skipped = static_cast<std::ptrdiff_t>(offset - first * PAYLOAD_BYTES_PER_CELL);
        out.erase(out.begin(), out.begin() + skipped);
        out.resize(static_cast<std::size_t>(size));
        return out;
    }

private:
    /// @param cell  Counted over all blobs: 64 in each.
    Result<const Bytes*> cell_bytes(std::uint64_t cell)
    {
        auto& bytes = cells_[cell];
        if (!bytes.empty())
            return &bytes;
        ASHLAR_TRY(const auto* const bound, bound_blob(cell / CELLS_PER_BLOB));
        ASHLAR_TRY(const auto proven, object_.cell(*bound, cell % CELLS_PER_BLOB));
        Bytes unpacked(PAYLOAD_BYTES_PER_CELL);
        if (const auto fits = unpack_elements(proven.cell, unpacked); !fits)
            return fail(ErrorKind::proof_invalid, "the publisher's object is INVALID: {}",
                fits.error().message);
        bytes = std::move(unpacked);
        return &bytes;
    }

    Result<const BoundCommitment*> bound_blob(std::uint64_t blob)
    {
        if (const auto found = blobs_.find(blob); found != blobs_.end())
            return &found->second;
        // One walk binds all of a fiber.
        std::vector<std::uint64_t> fiber;
        const auto begin = blob / FOLD_FIBER * FOLD_FIBER;
        const auto end = std::min(begin + FOLD_FIBER, object_.header().shape().data_blobs());
        for (auto position = begin; position < end; ++position)
            fiber.push_back(position);
        ASHLAR_TRY(auto bound, object_.bind(fiber));
        for (auto& one : bound)
            blobs_.emplace(one.position, std::move(one));
        return &blobs_.at(blob);
    }

    LightObject& object_;
    std::map<std::uint64_t, Bytes> cells_;
    std::map<std::uint64_t, BoundCommitment> blobs_;
};

/// The directory's list of tensors, read where it is looked at.
class TensorEntries
{
public:
    static Result<TensorEntries> open(LightObject& object)
    {
        const auto& fields = object.header().fields();
        TensorEntries list{object, fields.payload_bytes};
        if (fields.payload_bytes - fields.directory_offset < DIRECTORY_HEAD_BYTES)
            return broken_directory("it ends early");
        ASHLAR_TRY(
            const auto head, list.cells_.read(fields.directory_offset, DIRECTORY_HEAD_BYTES));
        list.begin_ = fields.directory_offset + offset_at(head, OFFSET_BYTES);
        if (list.begin_ > list.end_)
            return broken_directory("its tensors begin after its end");
        if (list.begin_ == list.end_)
            return list;
        ASHLAR_CHECK(list.count_tensors());
        return list;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    /// @pre index < count()
    Result<Tensor> tensor(std::uint64_t index)
    {
        const bool is_last = index + 1 == count_;
        const auto table = begin_ + index * OFFSET_BYTES;
        ASHLAR_TRY(const auto offsets, cells_.read(table, (is_last ? 1 : 2) * OFFSET_BYTES));
        const auto first = offset_at(offsets, 0);
        const auto end = is_last ? end_ - begin_ : offset_at(offsets, OFFSET_BYTES);
        if (first < count_ * OFFSET_BYTES || end > end_ - begin_ || end < first ||
            end - first < TENSOR_HEAD_BYTES || end - first > TENSOR_BYTES_MAX)
            return broken_directory("a tensor's entry has no such place");
        ASHLAR_TRY(const auto bytes, cells_.read(begin_ + first, end - first));
        return parse(bytes);
    }

private:
    TensorEntries(LightObject& object, std::uint64_t end)
      : cells_{object}, payload_bytes_{object.header().fields().directory_offset}, end_{end}
    {}

    Result<void> count_tensors()
    {
        if (end_ - begin_ < OFFSET_BYTES)
            return broken_directory("its list of tensors ends early");
        ASHLAR_TRY(const auto first, cells_.read(begin_, OFFSET_BYTES));
        const auto table_bytes = offset_at(first, 0);
        if (table_bytes == 0 || table_bytes % OFFSET_BYTES != 0 || table_bytes > end_ - begin_)
            return broken_directory("its list of tensors has no whole number of them");
        count_ = table_bytes / OFFSET_BYTES;
        return {};
    }

    /// @pre bytes hold a tensor's head
    [[nodiscard]] Result<Tensor> parse(ByteView bytes) const
    {
        const auto shape_at = offset_at(bytes, 9);
        if (offset_at(bytes, 0) != TENSOR_HEAD_BYTES || shape_at < TENSOR_HEAD_BYTES ||
            shape_at > bytes.size() || (bytes.size() - shape_at) % sizeof(std::uint64_t) != 0)
            return broken_directory("a tensor's entry");
        const auto name = bytes.subspan(TENSOR_HEAD_BYTES, shape_at - TENSOR_HEAD_BYTES);
        Tensor tensor{.name = std::string{as_text(name)},
            .file_index = load_little_endian<std::uint32_t>(bytes.subspan<4, 4>()),
            .dtype = static_cast<Dtype>(bytes[8]),
            .shape = {},
            .offset = load_little_endian<std::uint64_t>(bytes.subspan<13, 8>()),
            .size = load_little_endian<std::uint64_t>(bytes.subspan<21, 8>())};
        for (auto rest = bytes.subspan(shape_at); !rest.empty(); rest = rest.subspan(8))
            tensor.shape.push_back(load_little_endian<std::uint64_t>(rest.first<8>()));
        ASHLAR_CHECK(check(tensor));
        return tensor;
    }

    /// A directory's own rules, in one of one file that is the whole payload before the directory.
    [[nodiscard]] Result<void> check(Tensor tensor) const
    {
        tensor.file_index = 0;
        const FileEntry whole{
            .path = "payload", .offset = 0, .size = payload_bytes_, .sha256 = {}, .git_sha1 = {}};
        const auto alone = Directory::from_parts({whole}, {std::move(tensor)});
        if (!alone)
            return broken_directory(alone.error().message);
        return {};
    }

    ProvenCells cells_;
    std::uint64_t payload_bytes_;  ///< Before the directory.
    std::uint64_t begin_ = 0;      ///< Of the list, in the payload.
    std::uint64_t end_;
    std::uint64_t count_ = 0;
};

}  // namespace

Result<Tensor> search_tensor(LightObject& object, std::string_view name)
{
    ASHLAR_TRY(auto list, TensorEntries::open(object));
    std::uint64_t low = 0;
    auto high = list.count();
    std::optional<Tensor> found;  // At `high`, once that has moved.
    while (low < high)
    {
        const auto middle = low + (high - low) / 2;
        ASHLAR_TRY(auto tensor, list.tensor(middle));
        if (tensor.name < name)
        {
            low = middle + 1;
            continue;
        }
        high = middle;
        found = std::move(tensor);
    }
    if (!found || found->name != name)
        return fail(ErrorKind::not_found, "the object has no tensor {}", printable(name));
    if (low + 1 < list.count())
    {
        ASHLAR_TRY(const auto next, list.tensor(low + 1));
        if (next.name == name)
            return fail(ErrorKind::invalid_input,
                "several files have a tensor {}: name one by --file, without --light",
                printable(name));
    }
    return std::move(*found);
}

}  // namespace ashlar
