#pragma once

/// A fetched checkpoint in the layout of the Hugging Face cache, which Python, JavaScript and
/// llama.cpp read alike:
///
///     CACHE/models--ORG--NAME/blobs/ETAG                 contents
///                             snapshots/COMMIT/PATH      links to ../../blobs/ETAG
///                             refs/REVISION              COMMIT
///
/// Source: huggingface_hub/file_download.py and docs "Understand caching".

#include <filesystem>
#include <string>

#include "checkpoint/directory.hpp"

namespace ashlar
{

struct HfCacheTarget
{
    std::filesystem::path cache;    ///< $HF_HOME/hub, say. Made if it is not there.
    std::string repo;               ///< "ORG/NAME" or "NAME".
    std::string revision = "main";  ///< A branch or tag: what the commit will be known as.
    Bytes20 commit;                 ///< commit_of() the object.
};

/// Hub commits have 40 digits, object roots 64: the first 20 bytes stand for the whole. They name a
/// snapshot on this machine; nothing is proven by them.
[[nodiscard]] Bytes20 commit_of(const Bytes32& object_root) noexcept;

/// "models--ORG--NAME".
/// @return  invalid_input unless the repository's name is one that the Hub allows.
[[nodiscard]] Result<std::string> hf_repo_folder(std::string_view repo);

/// What the Hub calls the contents of a file: its SHA-256 if the Hub keeps it in LFS, else git's
/// SHA-1 of it. Taken for LFS are files from 10 MB and those whose ending the Hub's own
/// .gitattributes lists.
[[nodiscard]] std::string hf_etag(const FileEntry& file);

/// Moves all of a directory's files from a folder into the cache, then writes the ref.
///
/// @param fetched  Holds the files as fetch_files() left them: verified, under their paths. On the
///                 cache's file system. Its files are gone from it afterwards.
/// @return  the snapshot's folder; invalid_input for a repository or revision that breaks the Hub's
///          rules, or if something that is no link stands where a link must go. After a failure the
///          ref is as it was, and a second call with the rest of the files goes on.
[[nodiscard]] Result<std::filesystem::path> move_into_hf_cache(
    const std::filesystem::path& fetched, const Directory& directory, const HfCacheTarget& target);

}  // namespace ashlar
