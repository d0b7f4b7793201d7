#pragma once

/// A checkpoint folder as one byte string (DESIGN §2): its files, each from a blob boundary, then
/// the directory.

#include <functional>
#include <optional>
#include <set>

#include "checkpoint/directory.hpp"
#include "checkpoint/folder.hpp"

namespace ashlar
{

struct FileDigests
{
    Bytes32 sha256;
    Bytes20 git_sha1;
};

struct PayloadOptions
{
    /// Paths of .safetensors and .gguf files that get no tensors and whose headers are not read,
    /// and of shard indexes that are not compared with their shards.
    /// A path that the folder does not have is an error.
    std::set<std::string> opaque;

    /// Told the bytes hashed so far and in all, from one thread at a time. May be empty.
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;

    /// The digests of a file that was hashed before and is known not to have changed since, or
    /// nothing: then it is hashed now. Called from several threads. May be empty.
    std::function<std::optional<FileDigests>(const SourceFile&)> known{};

    /// Told of each file that was hashed now. Called from several threads; an error ends
    /// from_folder(). May be empty.
    std::function<Result<void>(const SourceFile&, const FileDigests&)> hashed{};
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

    /// The same payload with one file more, which lies in memory; a file of that path is replaced.
    /// The file gets no tensors.
    ///
    /// @return  invalid_input if the path or the layout breaks a rule.
    [[nodiscard]] Result<Payload> with_file(const std::string& path, Bytes contents) const;

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
    /// A file of the folder, or one that lies in memory and has no other source.
    struct Source
    {
        SourceFile file;
        std::optional<Bytes> contents;
    };

    Payload(std::vector<Source> sources, Directory directory, std::vector<std::string> advice);

    [[nodiscard]] static Result<void> read_source(
        const Source& source, std::uint64_t offset, std::span<std::byte> out);

    [[nodiscard]] Result<void> read_files(std::uint64_t begin, std::span<std::byte> out) const;

    std::vector<Source> sources_;  ///< As directory_.files().
    std::vector<std::string> advice_;
    Directory directory_;
    Bytes directory_bytes_;
};

}  // namespace ashlar
