#pragma once

/// The object and the committee that run through all examples, made by the libraries.

#include "object/certificate.hpp"
#include "object/placement.hpp"
#include "publisher/encoded_object.hpp"

namespace ashlar::test
{

/// The committee of example committee: secret keys 1 … 5.
[[nodiscard]] const Committee& example_committee();
[[nodiscard]] const BlsSecretKey& example_key(std::size_t member);

/// The folder of example object-files.
[[nodiscard]] const Payload& example_payload();

/// That folder encoded with L = 2 and one copy.
[[nodiscard]] const EncodedObject& example_object();

/// Its 32 commitments.
[[nodiscard]] const std::vector<Commitment>& example_codeword();

/// Data blob `index` of it, 131,072 bytes.
[[nodiscard]] Bytes example_blob(std::uint64_t index);

/// The header with another number of copies.
[[nodiscard]] ObjectHeader example_header_with_copies(std::uint64_t copies);

/// A folder that is removed when the process ends normally.
[[nodiscard]] const std::filesystem::path& work_folder();

}  // namespace ashlar::test
