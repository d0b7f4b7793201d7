#pragma once

/// The index of a sharded safetensors checkpoint, `….safetensors.index.json`: which file holds
/// which tensor. Shards may be called anything; only the index says which belong together.
///
/// Source: huggingface_hub/serialization/_base.py; transformers reads `weight_map` alone.

#include <optional>

#include "base/file.hpp"
#include "checkpoint/compact_records.hpp"
#include "checkpoint/directory.hpp"

namespace ashlar
{

inline constexpr std::string_view SHARD_INDEX_SUFFIX = ".safetensors.index.json";
inline constexpr std::uint64_t SHARD_INDEX_BYTES_MAX = 1ULL << 30;

/// The weight_map: immutable after parse(), so threads may share it.
class ShardIndex
{
public:
    struct Entry
    {
        std::string_view tensor;  ///< Lives as long as the index.
        std::string_view file;    ///< Relative to the folder of the index.
    };

    /// Reads in a stream, in memory for at most twice the file and 1 MiB.
    ///
    /// @return  invalid_input if it is no JSON object with a weight_map from names to file names,
    ///          if a tensor is mapped twice, or beyond TENSORS_MAX tensors.
    [[nodiscard]] static Result<ShardIndex> parse(const File& file, std::uint64_t size_bytes);

    /// In order of tensors.
    [[nodiscard]] std::size_t size() const noexcept { return positions_.size(); }
    [[nodiscard]] Entry operator[](std::size_t index) const noexcept;

    /// metadata.total_size if it is there and an unsigned integer.
    [[nodiscard]] std::optional<std::uint64_t> total_size() const noexcept { return total_size_; }

private:
    class Reader;

    [[nodiscard]] Entry entry_at(std::uint32_t position) const noexcept;

    CompactRecords records_;
    std::vector<std::uint32_t> positions_;
    std::optional<std::uint64_t> total_size_;
};

/// How an index and the files beside it differ. Each list holds sentences of a line, the first
/// FINDINGS_MAX of them; the counts are of all.
struct ShardIndexFindings
{
    static constexpr std::size_t FINDINGS_MAX = 8;

    struct List
    {
        std::uint64_t count = 0;
        std::vector<std::string> first;

        void add(std::string sentence);
    };

    List missing;    ///< Tensors or files that the index names and the folder does not have.
    List extra;      ///< Tensors of the index's files that the index does not name.
    List duplicate;  ///< Tensors in a file of the index other than the one that it says.
    std::optional<std::string> total_size;  ///< If metadata.total_size is not the tensors' sum.
};

/// Compares the index that lies at `index_path` with the files and tensors of its object.
///
/// Files without tensors in `tensors` (opaque ones, say) are taken to hold what the index claims.
/// @param tensors  By (name, file), as in a Directory.
[[nodiscard]] ShardIndexFindings compare_shard_index(const ShardIndex& index,
    std::string_view index_path, std::span<const FileEntry> files, std::span<const Tensor> tensors);

}  // namespace ashlar
