// The notes of a killed fetch: any bytes, and records whose digests hold. What does not hold says
// nothing, what holds is given back, and what is noted then touches nothing beside it. The first
// byte is the number of data blobs; states and records follow as in the file, but that the first
// byte of a record's digest says what the digest is made to be.

#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.hpp"
#include "retrieval/fetch_notes.hpp"

namespace ashlar
{
namespace
{

using Progress = ResumableSha256::Progress;

constexpr std::size_t BLOBS_MAX = 8;
constexpr std::size_t RECORD_BYTES = 64;
constexpr std::size_t COUNT_OFFSET = 32;
constexpr std::size_t BOOT_OFFSET = 40;
constexpr std::size_t DIGEST_OFFSET = 56;

enum : unsigned
{
    SEALED = 1,        ///< The digest is the true one.
    OF_THIS_BOOT = 2,  ///< So is the boot.
    NAMED = 4,         ///< It is that of a named file, not of a hash.
    MISPLACED = 8,     ///< It is that of the blob after this one.
};

File memory_file(ByteView bytes)
{
    auto file = File::adopt(::memfd_create("fuzz", MFD_CLOEXEC), "fuzz");
    ASHLAR_ASSERT(file.is_open() && file.write_at(0, bytes));
    return file;
}

/// As the next process opens them.
std::unique_ptr<FetchNotes> open(const File& file, std::uint64_t blobs)
{
    return FetchNotes::open(File::adopt(::dup(file.descriptor()), "fuzz"), blobs).value();
}

/// The boot as notes say it.
const ByteArray<16>& this_boot()
{
    static const auto boot = [] {
        const auto file = memory_file(Bytes(FetchNotes::size_bytes(1)));
        ASHLAR_ASSERT(open(file, 1)->note_hash_progress(0, {.chaining_value = {}, .bytes = 0}));
        ByteArray<16> found;
        ASHLAR_ASSERT(file.read_at(1 + BOOT_OFFSET, found));
        return found;
    }();
    return boot;
}

/// @return  what the record says then of the hash of the file that begins with the blob.
std::optional<Progress> make_record(std::span<std::byte, RECORD_BYTES> record, std::uint64_t blob)
{
    const auto flags = std::to_integer<unsigned>(record[DIGEST_OFFSET]);
    if ((flags & OF_THIS_BOOT) != 0)
        std::ranges::copy(this_boot(), record.begin() + BOOT_OFFSET);
    if ((flags & SEALED) == 0)
        return std::nullopt;
    const std::span<const std::byte, DIGEST_OFFSET> known = record.first<DIGEST_OFFSET>();
    const auto digest = sha256({as_byte_view("ashlar/fetch-notes/v1"),
        as_byte_view((flags & NAMED) != 0 ? "named" : "hash"),
        big_endian(blob + ((flags & MISPLACED) != 0 ? 1 : 0)), known});
    std::copy_n(digest.begin(), RECORD_BYTES - DIGEST_OFFSET, record.begin() + DIGEST_OFFSET);
    const auto bytes = load_big_endian<std::uint64_t>(known.subspan<COUNT_OFFSET, 8>());
    if ((flags & (NAMED | MISPLACED)) != 0 || bytes % ResumableSha256::BLOCK_BYTES != 0 ||
        !equal(known.subspan<BOOT_OFFSET, 16>(), this_boot()))
        return std::nullopt;
    return Progress{.chaining_value = to_array(known.first<COUNT_OFFSET>()), .bytes = bytes};
}

void expect_same(const std::optional<Progress>& found, const std::optional<Progress>& expected)
{
    ASHLAR_ASSERT(found.has_value() == expected.has_value());
    if (!found)
        return;
    ASHLAR_ASSERT(found->chaining_value == expected->chaining_value);
    ASHLAR_ASSERT(found->bytes == expected->bytes);
    // A hash can go on from it.
    ASHLAR_ASSERT(ResumableSha256{*found}.progress().chaining_value == found->chaining_value);
}

void expect_states(const FetchNotes& notes, ByteView states)
{
    for (std::size_t blob = 0; blob < states.size(); ++blob)
    {
        const auto state = states[blob] <= std::byte{2} ? states[blob] : std::byte{0};
        ASHLAR_ASSERT(notes.state(blob) == static_cast<BlobState>(state));
    }
}

/// Notes something of one blob; what is known of the others stays.
void expect_noted(const File& file, ByteView states, std::vector<std::optional<Progress>> expected,
    std::uint64_t blob)
{
    const auto expect_all = [&] {
        const auto notes = open(file, states.size());
        for (std::size_t other = 0; other < expected.size(); ++other)
            expect_same(notes->hash_progress(other), expected[other]);
        expect_states(*notes, states);
    };
    const auto named = memory_file(as_byte_view("named"));
    ASHLAR_ASSERT(open(file, states.size())->note_named(blob, named));
    expected[blob] = std::nullopt;
    expect_all();
    ASHLAR_ASSERT(open(file, states.size())->is_as_named(blob, named));

    const Progress progress{.chaining_value = sha256(states), .bytes = 64 * blob};
    ASHLAR_ASSERT(open(file, states.size())->note_hash_progress(blob, progress));
    expected[blob] = progress;
    expect_all();
    ASHLAR_ASSERT(!open(file, states.size())->is_as_named(blob, named));

    ASHLAR_ASSERT(open(file, states.size())->forget_hash_progress(blob));
    expected[blob] = std::nullopt;
    expect_all();
}

void run(std::size_t blobs, Bytes bytes)
{
    bytes.resize(static_cast<std::size_t>(FetchNotes::size_bytes(blobs)));
    std::vector<std::optional<Progress>> expected;
    for (std::size_t blob = 0; blob < blobs; ++blob)
        expected.push_back(make_record(
            std::span{bytes}.subspan(blobs + blob * RECORD_BYTES).first<RECORD_BYTES>(), blob));
    const auto file = memory_file(bytes);
    auto states = Bytes{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(blobs)};

    const auto notes = open(file, blobs);
    expect_states(*notes, states);
    for (std::size_t blob = 0; blob < blobs; ++blob)
    {
        expect_same(notes->hash_progress(blob), expected[blob]);
        ASHLAR_ASSERT(!notes->is_as_named(blob, file));
    }

    const std::array<std::uint64_t, 1> last{blobs - 1};
    ASHLAR_ASSERT(notes->set(last, BlobState::arrived));
    states.back() = std::byte{2};
    expect_noted(file, states, std::move(expected), blobs / 2);
}

}  // namespace
}  // namespace ashlar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto input = std::as_bytes(std::span{data, size});
    if (!input.empty())
        ashlar::run(1 + std::to_integer<std::size_t>(input[0]) % ashlar::BLOBS_MAX,
            {input.begin() + 1, input.end()});
    return 0;
}
