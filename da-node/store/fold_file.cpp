#include "da-node/store/fold_file.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view MAGIC = "ashfold1";
constexpr std::size_t PREFIX_BYTES = 24;  ///< Magic, K, P.

/// Levels of a tree in one page: 64 + 32 + … + 2 nodes.
constexpr std::size_t LEVELS_PER_PAGE = 6;
constexpr std::size_t PAGE_BYTES = 4096;
static_assert(((2u << LEVELS_PER_PAGE) - 2) * sizeof(Bytes32) <= PAGE_BYTES);

/// Pages written at once.
constexpr std::size_t PAGES_PER_WRITE = 256;

std::uint64_t whole_pages(std::uint64_t bytes) noexcept
{
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

/// Pages that hold levels 6g … 6g + 5 of a tree: one for each node of level 6g + 6.
std::uint64_t pages_in_group(std::size_t depth, std::size_t group) noexcept
{
    const auto above = LEVELS_PER_PAGE * (group + 1);
    return depth > above ? 1ULL << (depth - above) : 1;
}

/// Groups of levels. The root, which no path has, is in none.
std::size_t group_count(std::size_t depth) noexcept
{
    return (depth + LEVELS_PER_PAGE - 1) / LEVELS_PER_PAGE;
}

/// Where node `index` of a level lies in its page.
std::size_t place_in_page(std::size_t level, std::uint64_t index) noexcept
{
    const auto in_group = level % LEVELS_PER_PAGE;
    const auto first = (2ULL << LEVELS_PER_PAGE) - (2ULL << (LEVELS_PER_PAGE - in_group));
    const auto mask = (1ULL << (LEVELS_PER_PAGE - in_group)) - 1;
    return sizeof(Bytes32) * static_cast<std::size_t>(first + (index & mask));
}

std::uint64_t tree_pages(std::size_t depth) noexcept
{
    std::uint64_t pages = 0;
    for (std::size_t group = 0; group < group_count(depth); ++group)
        pages += pages_in_group(depth, group);
    return pages;
}

/// Offsets of everything, and the size of it all.
struct Layout
{
    std::vector<std::uint64_t> layers;
    std::vector<std::uint64_t> trees;
    std::uint64_t size_bytes;

    explicit Layout(const FoldGeometry& geometry)
      : size_bytes{whole_pages(PREFIX_BYTES + geometry.record_bytes())}
    {
        for (std::size_t j = 1; j < geometry.final_layer; ++j)
        {
            layers.push_back(size_bytes);
            size_bytes += whole_pages(BYTES_PER_G1 * geometry.points(j));
        }
        for (std::size_t j = 0; j < geometry.final_layer; ++j)
        {
            trees.push_back(size_bytes);
            size_bytes += PAGE_BYTES * tree_pages(geometry.path_length(j));
        }
    }
};

ByteArray<PREFIX_BYTES> prefix_of(const ObjectShape& shape)
{
    ByteArray<PREFIX_BYTES> out;
    std::ranges::copy(as_byte_view(MAGIC), out.begin());
    std::ranges::copy(big_endian(shape.data_blobs()), out.begin() + 8);
    std::ranges::copy(big_endian(shape.parity_blobs()), out.begin() + 16);
    return out;
}

/// Page `page` of a group: every node of its levels below the root.
Bytes make_page(const MerkleTree& tree, std::size_t group, std::uint64_t page)
{
    Bytes out(PAGE_BYTES);
    for (std::size_t k = 0; k < LEVELS_PER_PAGE; ++k)
    {
        const auto level = LEVELS_PER_PAGE * group + k;
        if (level >= tree.depth())
            break;
        const auto nodes =
            std::min<std::uint64_t>(1ULL << (LEVELS_PER_PAGE - k), 1ULL << (tree.depth() - level));
        for (std::uint64_t i = 0; i < nodes; ++i)
        {
            // A tree tells its nodes as siblings.
            const auto index = (page << (LEVELS_PER_PAGE - k)) + i;
            const auto node = tree.subtree_path(static_cast<std::size_t>(index ^ 1), level).front();
            std::ranges::copy(
                node, out.begin() + static_cast<std::ptrdiff_t>(place_in_page(level, index)));
        }
    }
    return out;
}

Result<void> write_tree(const File& file, std::uint64_t offset, const MerkleTree& tree)
{
    Bytes pending;
    for (std::size_t group = 0; group < group_count(tree.depth()); ++group)
    {
        for (std::uint64_t page = 0; page < pages_in_group(tree.depth(), group); ++page)
        {
            append(pending, make_page(tree, group, page));
            if (pending.size() < PAGES_PER_WRITE * PAGE_BYTES)
                continue;
            ASHLAR_CHECK(file.write_at(offset, pending));
            offset += pending.size();
            pending.clear();
        }
    }
    return file.write_at(offset, pending);
}

Result<void> write_all(const File& file, const ObjectShape& shape, const Fold& fold)
{
    const Layout layout{FoldGeometry::of(shape)};
    ASHLAR_CHECK(file.truncate(0));
    ASHLAR_CHECK(file.truncate(layout.size_bytes));
    ASHLAR_CHECK(file.write_at(0, prefix_of(shape)));
    ASHLAR_CHECK(file.write_at(PREFIX_BYTES, fold.record.encode()));
    for (std::size_t i = 0; i < fold.layers.size(); ++i)
        ASHLAR_CHECK(file.write_at(layout.layers[i], std::as_bytes(std::span{fold.layers[i]})));
    for (std::size_t j = 0; j < fold.trees.size(); ++j)
        ASHLAR_CHECK(write_tree(file, layout.trees[j], fold.trees[j]));
    return file.sync();
}

}  // namespace

FoldFile::FoldFile(File file, const ObjectShape& shape)
  : file_{std::move(file)}, geometry_{FoldGeometry::of(shape)}
{
    Layout layout{geometry_};
    layer_offsets_ = std::move(layout.layers);
    tree_offsets_ = std::move(layout.trees);
}

Result<void> FoldFile::write(
    const std::filesystem::path& path, const ObjectShape& shape, const Fold& fold)
{
    auto temporary = path;
    temporary += ".new";
    {
        ASHLAR_TRY(const auto file, File::open_or_create(temporary));
        ASHLAR_CHECK(write_all(file, shape, fold));
    }
    std::error_code error;
    std::filesystem::rename(temporary, path, error);
    if (error)
        return fail(ErrorKind::unavailable, "cannot name the fold file: {}", error.message());
    return sync_folder(path.parent_path());
}

Result<FoldFile> FoldFile::open(const std::filesystem::path& path, const ObjectShape& shape)
{
    ASHLAR_TRY(auto file, File::open_read(path));
    ASHLAR_TRY(const auto size, file.size_bytes());
    ByteArray<PREFIX_BYTES> prefix;
    if (size != Layout{FoldGeometry::of(shape)}.size_bytes || !file.read_at(0, prefix) ||
        prefix != prefix_of(shape))
        return fail(ErrorKind::corrupted, "the fold file is not that of the object");
    return FoldFile{std::move(file), shape};
}

Result<Bytes> FoldFile::record() const
{
    Bytes out(geometry_.record_bytes());
    ASHLAR_CHECK(file_.read_at(PREFIX_BYTES, out));
    return out;
}

Result<void> FoldFile::append_path(Bytes& out, std::size_t layer, std::uint64_t fiber) const
{
    const auto depth = geometry_.path_length(layer);
    auto offset = tree_offsets_[layer];
    Bytes page(PAGE_BYTES);
    for (std::size_t level = 0; level < depth; ++level, fiber >>= 1)
    {
        if (level % LEVELS_PER_PAGE == 0)
        {
            const auto group = level / LEVELS_PER_PAGE;
            ASHLAR_CHECK(file_.read_at(offset + PAGE_BYTES * (fiber >> LEVELS_PER_PAGE), page));
            offset += PAGE_BYTES * pages_in_group(depth, group);
        }
        append(out, ByteView{page}.subspan(place_in_page(level, fiber ^ 1), sizeof(Bytes32)));
    }
    return {};
}

Result<Bytes> FoldFile::walk(
    std::uint64_t position, std::span<const Bytes48, FOLD_FIBER> first_fiber) const
{
    Bytes out;
    out.reserve(geometry_.walk_bytes());
    for (std::size_t j = 0; j < geometry_.final_layer; ++j)
    {
        const auto fiber = FoldGeometry::fiber_of(position, j);
        if (j == 0)
            append(out, std::as_bytes(first_fiber));
        else
        {
            const auto begin = out.size();
            out.resize(begin + FIBER_BYTES);
            ASHLAR_CHECK(file_.read_at(
                layer_offsets_[j - 1] + FIBER_BYTES * fiber, std::span{out}.subspan(begin)));
        }
        ASHLAR_CHECK(append_path(out, j, fiber));
    }
    return out;
}

}  // namespace ashlar
