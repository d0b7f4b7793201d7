// A committee file that is read is written back so that it is read alike.

#include "object/committee.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto committee =
        ashlar::Committee::parse_json(ashlar::as_text(std::as_bytes(std::span{data, size})));
    if (!committee)
        return 0;
    const auto text = committee->to_json();
    const auto again = ashlar::Committee::parse_json(text);
    ASHLAR_ASSERT(again && again->root() == committee->root());
    ASHLAR_ASSERT(again->binding() == committee->binding() && again->to_json() == text);
    return 0;
}
