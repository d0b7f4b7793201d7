#pragma once

/// Which bytes of a tensor an index such as "12,7" or "12,0:64" means.

#include "checkpoint/directory.hpp"
#include "retrieval/fetch.hpp"

namespace ashlar
{

/// Bytes of a tensor, counted from its first, that an index names: for each dimension, in the
/// order of the declared shape, a number, FIRST:END (either may be missing) or ":"; dimensions left
/// out are whole. An empty index is the whole tensor. The last dimension runs fastest, as in
/// safetensors; in GGUF's order the first.
///
/// @return  invalid_input for an index that is malformed, leaves the shape or is empty; for one
///          whose bytes do not follow one another; where elements are no whole bytes or of a size
///          that is not known.
[[nodiscard]] Result<PayloadRange> tensor_slice(const Tensor& tensor, std::string_view index);

}  // namespace ashlar
