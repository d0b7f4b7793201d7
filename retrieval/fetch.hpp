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

struct FetchedFiles
{
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
};

struct FetchRequest
{
    std::filesystem::path destination;
    std::vector<std::string> files;  ///< Paths in the directory; empty for all.
    bool overwrite = false;          ///< Replace files that are there.
};

/// Writes the files into the destination, each under its final name only after its SHA-256
/// matched the directory's.
///
/// @return  not_found for a file that the directory does not have, invalid_input if a target
///          exists, proof_invalid if contents and declared SHA-256 disagree, or an error of
///          BlobFetcher::require(); names already final stay, nothing else is left behind.
[[nodiscard]] Result<FetchedFiles> fetch_files(BlobFetcher& blobs, const Directory& directory,
    const FetchRequest& request, ProgressListener& progress);

}  // namespace ashlar
