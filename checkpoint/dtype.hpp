#pragma once

/// Element types of tensors: the numbers of the directory format, their names and their sizes.
///
/// 0 is unknown, 1 … 22 are safetensors' types, 128 + n is GGUF's ggml type n.
/// Sources: safetensors/src/tensor.rs (Dtype), ggml/include/ggml.h and ggml-common.h (blocks).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace ashlar
{

/// Any of the 256 values may stand here; describe() knows which have a meaning.
enum class Dtype : std::uint8_t
{
    unknown = 0,
};

inline constexpr std::uint8_t DTYPE_SAFETENSORS_MAX = 22;
inline constexpr std::uint8_t DTYPE_GGUF_BASE = 128;

/// Quantised types store `block_elements` consecutive elements of a row in `block_bits` bits; all
/// others have blocks of one element.
struct DtypeInfo
{
    Dtype dtype;
    std::string_view name;  ///< As in the header; GGUF's types as "GGML_" and ggml's name.
    std::uint16_t block_elements;
    std::uint16_t block_bits;
};

/// Nothing for 0, for undefined numbers and for ggml types whose blocks are not known here.
[[nodiscard]] std::optional<DtypeInfo> describe(Dtype dtype) noexcept;

/// 0, safetensors' numbers and everything from 128: what a directory may hold.
[[nodiscard]] bool is_defined(Dtype dtype) noexcept;

/// The type that a safetensors header calls `name`; nothing if there is none.
[[nodiscard]] std::optional<Dtype> safetensors_dtype(std::string_view name) noexcept;

/// The type's name, "unknown", or "dtype N" for a number without a description.
[[nodiscard]] std::string to_string(Dtype dtype);

/// Product of the dimensions in their order; 1 for a scalar.
/// @return  invalid_input if it passes 2⁶⁴ − 1 on the way, even if a later dimension is zero.
[[nodiscard]] Result<std::uint64_t> element_count(std::span<const std::uint64_t> shape);

/// Bytes of a packed tensor.
///
/// @return  invalid_input on overflow, if the bits do not end at a byte, or if the first dimension
///          (the row, in GGUF's order) is no multiple of a quantised type's block.
[[nodiscard]] Result<std::uint64_t> tensor_bytes(
    const DtypeInfo& info, std::span<const std::uint64_t> shape);

}  // namespace ashlar
