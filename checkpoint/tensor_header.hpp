#pragma once

/// What the headers of safetensors and GGUF files say about a tensor.

#include <string>
#include <vector>

#include "checkpoint/dtype.hpp"

namespace ashlar
{

inline constexpr std::size_t TENSOR_NAME_BYTES_MAX = 1024;
inline constexpr std::size_t TENSOR_RANK_MAX = 8;
inline constexpr std::size_t TENSORS_MAX = std::size_t{1} << 22;

struct HeaderTensor
{
    std::string name;                  ///< UTF-8; it may hold NUL.
    std::vector<std::uint64_t> shape;  ///< In the header's own order.
    std::uint64_t offset;              ///< Bytes from the start of the file.
    std::uint64_t size;                ///< Bytes.
    Dtype dtype;
};

/// Sorts by name.
/// @return  invalid_input if a name occurs twice.
[[nodiscard]] Result<void> sort_by_unique_name(std::vector<HeaderTensor>& tensors);

}  // namespace ashlar
