#pragma once

/// Bringing a checkpoint back: directory, files, byte for byte or not at all.

#include "checkpoint/directory.hpp"
#include "retrieval/blob_fetcher.hpp"

namespace ashlar
{

/// Reads payload bytes [offset, offset + out.size()) of an object whose blobs were required.
[[nodiscard]] Result<void> read_payload(
    const BlobFetcher& blobs, std::uint64_t offset, std::span<std::byte> out);

/// The object's directory, checked against the header (root, layout).
/// @return  proof_invalid if the publisher's directory does not match its header or breaks a rule.
[[nodiscard]] Result<Directory> fetch_directory(
    const ObjectView& view, BlobFetcher& blobs, ProgressListener& progress);

/// The directory in an object's last payload bytes, from anybody.
/// @return  proof_invalid if it does not match the header or breaks a rule.
[[nodiscard]] Result<Directory> check_directory(const ObjectHeader& header, ByteView bytes);

/// A small file of the object, whole and as its directory declares it.
/// @return  invalid_input for one of more than `size_max` bytes, proof_invalid if contents and
///          declared SHA-256 disagree, or an error of BlobFetcher::require().
[[nodiscard]] Result<Bytes> fetch_small_file(
    BlobFetcher& blobs, const FileEntry& file, std::uint64_t size_max, ProgressListener& progress);

struct FetchedFiles
{
    std::uint64_t files = 0;       ///< Those that were there already included.
    std::uint64_t bytes = 0;       ///< In all of them.
    std::uint64_t files_kept = 0;  ///< Were in the destination with the right contents.
};

struct FetchRequest
{
    std::filesystem::path destination;
    std::vector<std::string> files;  ///< Paths in the directory; empty for all.
    bool overwrite = false;          ///< Replace files that are there with other contents.
};

/// Writes the files into the destination, each under its final name only after its SHA-256
/// matched the directory's. Blobs go to their files as they come, so memory and scratch room do
/// not grow with the object. Called again after any end, it goes on where it stopped: what has
/// arrived waits in `.ashlar-partial/`.
///
/// @return  not_found for a file that the directory does not have, invalid_input if a target
///          exists with other contents, proof_invalid if contents and declared SHA-256 disagree or
///          the payload breaks its layout, or an error of BlobFetcher::deliver(). Names already
///          final stay; after any error but unavailable and insufficient nothing else is left.
[[nodiscard]] Result<FetchedFiles> fetch_files(BlobFetcher& blobs, const Directory& directory,
    const FetchRequest& request, ProgressListener& progress);

/// The same of files whose entries the caller has, whatever request.files says.
/// @pre the entries are an object's own: distinct paths, inside the payload
[[nodiscard]] Result<FetchedFiles> fetch_entries(BlobFetcher& blobs, std::vector<FileEntry> files,
    const FetchRequest& request, ProgressListener& progress);

/// Bytes of a payload.
struct PayloadRange
{
    std::uint64_t offset;
    std::uint64_t size;
};

/// A tensor's entry, which lives as long as the directory.
/// @param file  Path of its file; needed only if several files have a tensor of that name.
/// @return  not_found if there is none, invalid_input if the file is needed.
[[nodiscard]] Result<const Tensor*> find_tensor_entry(
    const Directory& directory, std::string_view name, const std::optional<std::string>& file);

/// Where a tensor lies. @return  as find_tensor_entry()
[[nodiscard]] Result<PayloadRange> find_tensor(
    const Directory& directory, std::string_view name, const std::optional<std::string>& file);

/// Takes bytes in order, from the caller's thread.
using ByteSink = std::function<Result<void>(ByteView)>;

/// Passes on payload bytes, verified, a bounded number of blobs at a time; no blob outside the
/// range is read unless one inside must be rebuilt.
/// @return  invalid_input if the range leaves the payload, or an error of BlobFetcher::require().
[[nodiscard]] Result<void> fetch_range(BlobFetcher& blobs, const PayloadRange& range,
    const ByteSink& sink, ProgressListener& progress);

}  // namespace ashlar
