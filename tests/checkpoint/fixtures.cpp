#include "tests/checkpoint/fixtures.hpp"

#include <sys/mman.h>

#include "base/error.hpp"

namespace ashlar::test
{

File memory_file(std::string_view contents)
{
    const int descriptor = ::memfd_create("test", MFD_CLOEXEC);
    ASHLAR_ASSERT(descriptor >= 0);
    auto file = File::adopt(descriptor, "memory");
    ASHLAR_ASSERT(file.write_at(0, as_byte_view(contents)).has_value());
    return file;
}

std::string safetensors_file(std::string_view header, std::string_view data)
{
    return le(std::uint64_t{header.size()}) + std::string{header} + std::string{data};
}

}  // namespace ashlar::test
