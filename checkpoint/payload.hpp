#pragma once

/// A checkpoint folder as one byte string (DESIGN §2): its files, each from a blob boundary, then
/// the directory.

#include <functional>
#include <set>

#include "checkpoint/directory.hpp"
#include "checkpoint/folder.hpp"

namespace ashlar
{

struct PayloadOptions
{
    /// Paths of .safetensors and .gguf files that get no tensors and whose headers are not read,
    /// and of shard indexes that are not compared with their shards.
    /// A path that the folder does not have is an error.
    std::set<std::string> opaque;

    /// Told the bytes hashed so far and in all, from one thread at a time. May be empty.
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

/// Reads files when asked, each opened for one read: as many descriptors as reading threads.
/// Immutable after from_folder(), so threads may share it.
class Payload
{
public:
    /// Scans the folder, reads the headers of .safetensors and .gguf files, then hashes everything
    /// on all cores.
    ///
    /// @return  invalid_input, naming the file, if one cannot be published: see scan_folder(), and
    ///          a header that breaks its format's rules, a shard index that names what is not
    ///          there.
    [[nodiscard]] static Result<Payload> from_folder(
        const std::filesystem::path& folder, const PayloadOptions& options = {});

    /// Payload bytes [payload_offset, payload_offset + out.size()); zeros in the gaps, and after
    /// the directory up to the end of its last blob.
    ///
    /// @return  invalid_input if a file changed since from_folder(), naming it, or if the range
    ///          passes the last blob's end.
    [[nodiscard]] Result<void> read(std::uint64_t payload_offset, std::span<std::byte> out) const;

    [[nodiscard]] std::uint64_t payload_bytes() const noexcept;
    [[nodiscard]] std::uint64_t directory_offset() const noexcept { return directory_.offset(); }
    [[nodiscard]] const Directory& directory() const noexcept { return directory_; }

    /// What the publisher should know of the folder (folder_advice.hpp), a sentence each.
    [[nodiscard]] std::span<const std::string> advice() const noexcept { return advice_; }

private:
    Payload(std::vector<SourceFile> sources, Directory directory, std::vector<std::string> advice);

    [[nodiscard]] Result<void> read_files(std::uint64_t begin, std::span<std::byte> out) const;

    std::vector<SourceFile> sources_;  ///< As directory_.files().
    std::vector<std::string> advice_;
    Directory directory_;
    Bytes directory_bytes_;
};

}  // namespace ashlar
