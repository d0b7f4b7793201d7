#include "checkpoint/gguf.hpp"

#include "tests/fuzz/header_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    return ashlar::test::run_header_parser(ashlar::parse_gguf, data, size);
}
