#include "tests/support/temporary_folder.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/random.hpp"

namespace ashlar::test
{

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder()
{
    auto name = (fs::canonical(fs::temp_directory_path()) / "ashlar-XXXXXX").native();
    ASHLAR_ASSERT(::mkdtemp(name.data()) != nullptr);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

fs::path TemporaryFolder::write(const std::string& relative, std::string_view contents) const
{
    const auto path = path_ / relative;
    fs::create_directories(path.parent_path());
    std::ofstream stream{path, std::ios::binary | std::ios::trunc};
    stream.write(contents.data(), static_cast<std::streamsize>(contents.size()));
    stream.close();
    ASHLAR_ASSERT(stream.good());
    return path;
}

void TemporaryFolder::link(const std::string& target, const std::string& relative) const
{
    const auto path = path_ / relative;
    fs::create_directories(path.parent_path());
    fs::create_symlink(target, path);
}

std::string contents_of(const fs::path& path)
{
    std::ifstream stream{path, std::ios::binary};
    ASHLAR_ASSERT(stream.good());
    std::ostringstream contents;
    contents << stream.rdbuf();
    return std::move(contents).str();
}

std::map<std::string, std::string> tree_of(const fs::path& folder)
{
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator{folder})
    {
        if (entry.is_regular_file())
            out[fs::relative(entry.path(), folder).native()] = contents_of(entry.path());
    }
    return out;
}

std::string pattern(std::size_t size, std::uint64_t seed)
{
    std::string out(size, '\0');
    SeededRandom{seed}.fill(std::as_writable_bytes(std::span{out}));
    return out;
}

}  // namespace ashlar::test
