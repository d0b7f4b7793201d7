// An object header that parses is canonical, and is what its root names.

#include "object/header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size != ashlar::BYTES_PER_HEADER)
        return 0;
    const auto bytes = std::as_bytes(std::span{data, size}).first<ashlar::BYTES_PER_HEADER>();
    const auto header = ashlar::ObjectHeader::parse(bytes);
    if (!header)
        return 0;
    ASHLAR_ASSERT(ashlar::equal(header->bytes(), bytes));
    ASHLAR_ASSERT(ashlar::ObjectHeader::parse_for(header->root(), bytes));
    ASHLAR_ASSERT(ashlar::ObjectHeader::make(header->fields())->root() == header->root());
    return 0;
}
