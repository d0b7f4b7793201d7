#pragma once

/// Directories for the tests of provenance/.

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "checkpoint/directory.hpp"

namespace ashlar::test
{

using NamedContents = std::vector<std::pair<std::string, std::string>>;

/// The directory of a folder with these files.
[[nodiscard]] inline Directory directory_of(const NamedContents& files)
{
    std::vector<FileEntry> entries;
    for (const auto& [path, contents] : files)
        entries.push_back({.path = path,
            .offset = 0,
            .size = contents.size(),
            .sha256 = sha256(as_byte_view(contents)),
            .git_sha1 = {}});
    EXPECT_TRUE(lay_out(entries));
    return Directory::from_parts(std::move(entries), {}).value();
}

}  // namespace ashlar::test
