#include "retrieval/fetch_notes.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t BLOBS = 10;

class fetch_notes : public ::testing::Test
{
protected:
    /// As the next process would open them.
    [[nodiscard]] std::unique_ptr<FetchNotes> open() const
    {
        auto file = File::open_or_create(folder_.path() / "notes").value();
        const auto size = FetchNotes::size_bytes(BLOBS);
        EXPECT_TRUE(file.size_bytes().value() == size || file.truncate(size));
        return FetchNotes::open(std::move(file), BLOBS).value();
    }

    /// Changes every byte of the notes on records.
    void damage_records() const
    {
        const auto file = File::open_or_create(folder_.path() / "notes").value();
        Bytes bytes(FetchNotes::size_bytes(BLOBS) - BLOBS);
        EXPECT_TRUE(file.read_at(BLOBS, bytes));
        for (auto& byte : bytes)
            byte ^= std::byte{1};
        EXPECT_TRUE(file.write_at(BLOBS, bytes));
    }

    test::TemporaryFolder folder_;
};

TEST_F(fetch_notes, states_are_absent_at_first_and_outlive_the_process)
{
    constexpr std::array<std::uint64_t, 2> ARRIVED{3, 7};
    constexpr std::array<std::uint64_t, 1> VERIFIED{7};
    ASSERT_TRUE(open()->set(ARRIVED, BlobState::arrived));
    ASSERT_TRUE(open()->set(VERIFIED, BlobState::verified));

    const auto notes = open();

    EXPECT_EQ(notes->state(0), BlobState::absent);
    EXPECT_EQ(notes->state(3), BlobState::arrived);
    EXPECT_EQ(notes->state(7), BlobState::verified);
}

TEST_F(fetch_notes, hash_progress_is_that_of_its_file_until_it_is_forgotten)
{
    const ResumableSha256::Progress progress{.chaining_value = sha256(ByteView{}), .bytes = 640};
    ASSERT_TRUE(open()->note_hash_progress(4, progress));

    const auto found = open()->hash_progress(4);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->chaining_value, progress.chaining_value);
    EXPECT_EQ(found->bytes, progress.bytes);
    EXPECT_FALSE(open()->hash_progress(5));

    ASSERT_TRUE(open()->forget_hash_progress(4));
    EXPECT_FALSE(open()->hash_progress(4));
}

TEST_F(fetch_notes, a_named_file_is_known_until_it_changes)
{
    const auto path = folder_.path() / "weights";
    const auto file = File::open_or_create(path).value();
    ASSERT_TRUE(file.write_at(0, as_byte_view("weights")));
    ASSERT_TRUE(open()->note_named(2, file));
    EXPECT_TRUE(open()->is_as_named(2, File::open_read(path).value()));
    EXPECT_FALSE(open()->is_as_named(3, file));

    ASSERT_TRUE(file.write_at(0, as_byte_view("longer weights")));

    EXPECT_FALSE(open()->is_as_named(2, file));
}

TEST_F(fetch_notes, damaged_records_say_nothing)
{
    const auto file = File::open_or_create(folder_.path() / "weights").value();
    ASSERT_TRUE(open()->note_hash_progress(4, {.chaining_value = {}, .bytes = 64}));
    ASSERT_TRUE(open()->note_named(2, file));

    damage_records();

    EXPECT_FALSE(open()->hash_progress(4));
    EXPECT_FALSE(open()->is_as_named(2, file));
}

}  // namespace
}  // namespace ashlar
