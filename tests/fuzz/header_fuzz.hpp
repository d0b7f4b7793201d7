#pragma once

/// What the fuzzers of the header parsers share.

#include <algorithm>

#include <sys/mman.h>

#include "base/file.hpp"
#include "checkpoint/tensor_header.hpp"

namespace ashlar::test
{

/// Runs a parser over the bytes as a file, and checks that what it accepts lies inside.
template <typename Parser>
int run_header_parser(Parser parse, const std::uint8_t* data, std::size_t size)
{
    const auto file = File::adopt(::memfd_create("fuzz", MFD_CLOEXEC), "fuzz");
    ASHLAR_ASSERT(file.is_open());
    ASHLAR_ASSERT(file.write_at(0, std::as_bytes(std::span{data, size})).has_value());
    const auto tensors = parse(file, size);
    if (!tensors)
    {
        ASHLAR_ASSERT(tensors.error().kind == ErrorKind::invalid_input);
        return 0;
    }
    for (std::size_t i = 0; i < tensors->size(); ++i)
    {
        const auto tensor = (*tensors)[i];
        ASHLAR_ASSERT(tensor.offset <= size && tensor.size <= size - tensor.offset);
        ASHLAR_ASSERT(tensor.shape.size() <= TENSOR_RANK_MAX);
        ASHLAR_ASSERT(tensor.name.size() <= TENSOR_NAME_BYTES_MAX && is_utf8(tensor.name));
        ASHLAR_ASSERT(tensor_bytes(*describe(tensor.dtype), tensor.shape) == tensor.size);
        ASHLAR_ASSERT(i == 0 || (*tensors)[i - 1].name < tensor.name);
    }
    return 0;
}

}  // namespace ashlar::test
