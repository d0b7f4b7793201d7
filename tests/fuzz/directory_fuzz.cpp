// Whatever parses is valid and canonical, and its root can be computed.

#include "checkpoint/directory.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span{data, size});
    const auto directory = ashlar::Directory::parse(bytes);
    if (!directory)
        return 0;
    ASHLAR_ASSERT(ashlar::equal(directory->encode(), bytes));
    ASHLAR_ASSERT(directory->validate_layout(directory->offset() + size, directory->offset()));
    ASHLAR_ASSERT(!ashlar::is_zero(directory->root()));
    return 0;
}
