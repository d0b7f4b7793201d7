// A repair's folder of decoded columns: files of any bytes, and with a head that fits, under the
// names of columns. What does not fit is no column, and what fits gives its bytes back.

#include <unistd.h>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "retrieval/decoded_columns.hpp"

namespace ashlar
{
namespace
{

constexpr std::array<std::uint64_t, 2> WANTED{1, 5};
constexpr Bytes32 ROOT{std::byte{7}};
constexpr std::size_t COLUMN_BYTES = WANTED.size() * ELEMENTS_PER_COLUMN * BYTES_PER_ELEMENT;

/// "ashcolum" ‖ object root ‖ SHA-256 of the wanted list.
Bytes head()
{
    Bytes list;
    for (const auto stored : WANTED)
        append(list, big_endian(stored));
    Bytes out;
    append(out, as_byte_view("ashcolum"));
    append(out, ROOT);
    append(out, sha256(list));
    return out;
}

/// A folder for this process; its files are replaced by each input.
const std::filesystem::path& folder()
{
    static const auto path = [] {
        // It warns of every file that is none.
        spdlog::set_level(spdlog::level::off);
        const auto made = std::filesystem::temp_directory_path() /
                          fmt::format("ashlar-decoded-columns-fuzz-{}", ::getpid());
        ASHLAR_ASSERT(make_folders(made));
        std::atexit([] {
            std::error_code ignored;
            std::filesystem::remove_all(folder(), ignored);
        });
        return made;
    }();
    return path;
}

void write_column(std::size_t column, ByteView bytes)
{
    const auto file = File::open_or_create(folder() / fmt::format("columns-{:02}", column)).value();
    ASHLAR_ASSERT(file.truncate(bytes.size()));
    ASHLAR_ASSERT(file.write_at(0, bytes));
}

void run(ByteView input)
{
    auto whole = head();
    const bool fits_whole =
        input.size() == whole.size() + COLUMN_BYTES && equal(input.first(whole.size()), whole);
    append(whole, input);
    write_column(0, input);
    write_column(63, whole);

    const auto columns = DecodedColumns::open(folder(), ROOT, WANTED).value();

    const std::size_t fitting = (fits_whole ? 1 : 0) + (input.size() == COLUMN_BYTES ? 1 : 0);
    ASHLAR_ASSERT(columns.count() == fitting);
    std::size_t missing = 0;
    for (const auto& range : columns.missing({}))
        missing += range.end - range.begin;
    ASHLAR_ASSERT(missing == CELL_COLUMNS - fitting);
}

}  // namespace
}  // namespace ashlar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ashlar::run(std::as_bytes(std::span{data, size}));
    return 0;
}
