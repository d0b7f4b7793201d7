#pragma once

/// An object's directory read with its own blobs' walks alone.

#include "retrieval/fetch.hpp"
#include "rollup/light_object.hpp"

namespace ashlar
{

/// @return  proof_invalid if the publisher's directory does not match its header or breaks a rule,
///          or an error of LightObject.
[[nodiscard]] Result<Directory> read_directory(LightObject& object, ProgressListener& progress);

}  // namespace ashlar
