#pragma once

/// A tensor found by name in a few cells of the directory, where the whole directory would be
/// megabytes.

#include "checkpoint/directory.hpp"
#include "rollup/light_object.hpp"

namespace ashlar
{

/// Searches the directory's list, which is sorted by name, in halves. Every byte looked at is
/// proven by its cell, but only they are: rules that the rest breaks are not seen, and no path to
/// the header's directory_root comes of it, so that a proof made from here is one of bytes.
///
/// @return  not_found if no tensor is where that name belongs; invalid_input if several files have
///          one; proof_invalid if what was read breaks the directory's format; an error of
///          LightObject.
[[nodiscard]] Result<Tensor> search_tensor(LightObject& object, std::string_view name);

}  // namespace ashlar
