#pragma once

/// Files and folders for the tests of checkpoint/.

#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/shape.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{

inline constexpr std::uint64_t BLOB = PAYLOAD_BYTES_PER_BLOB;

/// A file in memory, for parsers that read files.
[[nodiscard]] File memory_file(std::string_view contents);

/// Integers as the formats hold them.
template <typename T>
[[nodiscard]] std::string le(T value)
{
    return std::string{as_text(little_endian(value))};
}

/// u64 length ‖ header ‖ data.
[[nodiscard]] std::string safetensors_file(std::string_view header, std::string_view data);

}  // namespace ashlar::test
