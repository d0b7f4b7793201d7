#include "publisher/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "publisher/publish.hpp"
#include "tests/support/local_network.hpp"

namespace ashlar
{
namespace
{

constexpr Bytes32 KEY{std::byte{7}};
constexpr std::size_t DATA_BLOBS = 5;  ///< Of the folder below, its directory included.

PublishJournal::Place place_in(const test::TemporaryFolder& folder)
{
    return {.folder = folder.path() / "journals", .parity_folder = {}, .key = KEY};
}

std::filesystem::path journal_file(const test::TemporaryFolder& folder)
{
    return folder.path() / "journals" / to_hex(ByteView{KEY}.first<16>()) / "journal";
}

/// Ends of the records in a journal's bytes, the beginning's included.
std::vector<std::size_t> boundaries_of(const std::string& journal)
{
    std::vector<std::size_t> ends{JOURNAL_BEGIN_BYTES};
    const auto bytes = as_byte_view(journal);
    while (const auto record = parse_record(KEY, ends.back(), bytes.subspan(ends.back())))
        ends.push_back(ends.back() + record->bytes);
    return ends;
}

void put_contents(const std::filesystem::path& path, std::string_view contents)
{
    const auto file = File::open_or_create(path).value();
    ASSERT_TRUE(file.truncate(0));
    ASSERT_TRUE(file.write_at(0, as_byte_view(contents)));
}

/// Counts the work that is done, by stage.
class WorkCounter final : public ProgressListener
{
public:
    void advance(std::string_view stage, ProgressUnit, std::uint64_t, std::uint64_t) override
    {
        const MutexLock lock{mutex_};
        ++counts_[std::string{stage}];
    }

    std::size_t operator[](const std::string& stage)
    {
        const MutexLock lock{mutex_};
        return counts_[stage];
    }

private:
    Mutex mutex_;
    std::map<std::string, std::size_t> counts_ ASHLAR_GUARDED_BY(mutex_);
};

/// A small folder that is published with a journal, as `ashlar publish` does.
class journaled : public ::testing::Test
{
protected:
    void SetUp() override
    {
        source_.write("a.json", "{}");
        source_.write("weights.bin", test::pattern(3 * PAYLOAD_BYTES_PER_BLOB, 1));
    }

    Result<Payload> read(PublishJournal& journal, std::vector<std::string>* hashed = nullptr)
    {
        PayloadOptions how;
        how.known = [&](const SourceFile& file) { return journal.known_digests(file); };
        how.hashed = [&, hashed](const SourceFile& file, const FileDigests& digests) {
            if (hashed != nullptr)
                hashed->push_back(file.path);
            return journal.note_file(file, digests);
        };
        return Payload::from_folder(source_.path(), how);
    }

    /// One run up to the encoded object's root, as if killed then.
    Result<Bytes32> encode(ProgressListener& progress = no_progress())
    {
        ASHLAR_TRY(const auto journal, PublishJournal::open(place_in(folder_)));
        ASHLAR_TRY(const auto payload, read(*journal));
        EncodeOptions options;
        options.journal = journal.get();
        ASHLAR_TRY(const auto object, EncodedObject::make(payload, committee_, options, progress));
        return object.header().root();
    }

    Bytes32 root_without_journal()
    {
        const auto payload = Payload::from_folder(source_.path()).value();
        return EncodedObject::make(payload, committee_, {}, no_progress()).value().header().root();
    }

    test::TemporaryFolder source_;
    test::TemporaryFolder folder_;
    Committee committee_ = test::make_committee(8);
};

}  // namespace

TEST(journal, reopened_has_what_was_added_and_another_key_has_nothing)
{
    const test::TemporaryFolder folder;
    {
        const auto journal = PublishJournal::open(place_in(folder)).value();
        ASSERT_TRUE(journal->add(
            JournalKind::commitment, {big_endian(std::uint64_t{5}), Bytes48{std::byte{9}}}));
        ASSERT_TRUE(journal->add(JournalKind::parity, big_endian(std::uint64_t{3})));
        EXPECT_TRUE(journal->found().commitments.empty());
    }
    const auto journal = PublishJournal::open(place_in(folder)).value();
    ASSERT_EQ(journal->found().commitments.size(), 1u);
    EXPECT_EQ(journal->found().commitments[0].first, 5u);
    EXPECT_EQ(journal->found().commitments[0].second, Bytes48{std::byte{9}});
    EXPECT_EQ(journal->found().parity_steps, std::set<std::uint64_t>{3});

    auto other = place_in(folder);
    other.key[0] = std::byte{8};
    EXPECT_TRUE(PublishJournal::open(other).value()->found().parity_steps.empty());
}

TEST(journal, open_twice_is_unavailable)
{
    const test::TemporaryFolder folder;
    const auto journal = PublishJournal::open(place_in(folder)).value();
    const auto second = PublishJournal::open(place_in(folder));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
}

// Every length that a kill or a lost tail can leave.
TEST(journal, cut_anywhere_keeps_the_whole_records_before)
{
    const test::TemporaryFolder folder;
    {
        const auto journal = PublishJournal::open(place_in(folder)).value();
        for (std::uint64_t step = 0; step < 4; ++step)
            ASSERT_TRUE(journal->add(JournalKind::parity, big_endian(step)));
    }
    const auto whole = test::contents_of(journal_file(folder));
    const auto ends = boundaries_of(whole);
    ASSERT_EQ(ends.size(), 5u);
    for (std::size_t size = 0; size <= whole.size(); ++size)
    {
        put_contents(journal_file(folder), std::string_view{whole}.substr(0, size));
        const auto journal = PublishJournal::open(place_in(folder)).value();
        const auto whole_records =
            std::ranges::count_if(ends, [&](std::size_t end) { return end <= size; }) - 1;
        EXPECT_EQ(std::ssize(journal->found().parity_steps), std::max<long>(whole_records, 0));
        ASSERT_TRUE(journal->add(JournalKind::lease, big_endian(std::uint64_t{77})));
        // What comes after a cut is found again, and nothing of what was cut off.
        const auto steps = journal->found().parity_steps.size();
        const auto after = test::contents_of(journal_file(folder));
        EXPECT_EQ(boundaries_of(after).size(), steps + 2);
        EXPECT_EQ(boundaries_of(after).back(), after.size());
    }
}

TEST(journal, changed_byte_ends_the_journal_there)
{
    const test::TemporaryFolder folder;
    {
        const auto journal = PublishJournal::open(place_in(folder)).value();
        for (std::uint64_t step = 0; step < 3; ++step)
            ASSERT_TRUE(journal->add(JournalKind::parity, big_endian(step)));
    }
    const auto whole = test::contents_of(journal_file(folder));
    const auto ends = boundaries_of(whole);
    for (auto at = ends[1]; at < ends[2]; ++at)
    {
        auto changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x20);
        put_contents(journal_file(folder), changed);
        EXPECT_EQ(PublishJournal::open(place_in(folder)).value()->found().parity_steps.size(), 1u);
    }
    auto changed = whole;
    changed[0] = 'x';
    put_contents(journal_file(folder), changed);
    const auto opened = PublishJournal::open(place_in(folder));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::corrupted);
    EXPECT_TRUE(PublishJournal::discard(place_in(folder)));
    EXPECT_TRUE(PublishJournal::open(place_in(folder)));
}

TEST(journal, record_of_a_wrong_length_is_no_record)
{
    JournalState state;
    for (const auto kind :
        {JournalKind::file, JournalKind::payload, JournalKind::commitment, JournalKind::parity,
            JournalKind::groups, JournalKind::encoded, JournalKind::lease, JournalKind::signature})
        EXPECT_FALSE(state.apply({.kind = kind, .body = as_byte_view("short"), .bytes = 0}));
    EXPECT_FALSE(state.apply({.kind = static_cast<JournalKind>(99), .body = {}, .bytes = 0}));
}

TEST_F(journaled, encoding_with_a_journal_equals_one_without)
{
    EXPECT_EQ(encode().value(), root_without_journal());
}

TEST_F(journaled, cut_at_every_record_resumes_to_the_same_root_without_repeating)
{
    const auto root = encode().value();
    const auto whole = test::contents_of(journal_file(folder_));
    const auto ends = boundaries_of(whole);
    ASSERT_EQ(ends.back(), whole.size());
    ASSERT_GT(ends.size(), 16u);
    for (std::size_t kept = 0; kept < ends.size(); ++kept)
    {
        JournalState state;
        for (std::size_t i = 0; i < kept; ++i)
            ASSERT_TRUE(
                state.apply(*parse_record(KEY, ends[i], as_byte_view(whole).subspan(ends[i]))));
        put_contents(journal_file(folder_), std::string_view{whole}.substr(0, ends[kept]));
        WorkCounter work;
        EXPECT_EQ(encode(work).value(), root);
        const bool encoded = state.encoded.has_value();
        EXPECT_EQ(work["commit"], encoded ? 0 : DATA_BLOBS - state.commitments.size());
        EXPECT_EQ(work["fold"], encoded ? 0 : 2);
        EXPECT_TRUE(state.parity_steps.size() < PARITY_STEPS || work["encode"] == 0);
        EXPECT_TRUE(!encoded || work["group parity"] == 0);
    }
}

TEST_F(journaled, lost_parity_or_metadata_is_made_again)
{
    const auto root = encode().value();
    const auto folder = journal_file(folder_).parent_path();
    for (const auto* lost : {"parity", "metadata"})
    {
        std::filesystem::remove(folder / lost);
        WorkCounter work;
        EXPECT_EQ(encode(work).value(), root);
        EXPECT_EQ(work["commit"], 0u) << lost;
        EXPECT_EQ(work["encode"] > 0, std::string{lost} == "parity");
        // Made for good.
        WorkCounter none;
        EXPECT_EQ(encode(none).value(), root);
        EXPECT_EQ(none["fold"], 0u);
    }
}

TEST_F(journaled, known_files_are_not_hashed_again_unless_their_time_changed)
{
    ASSERT_TRUE(encode());
    const auto journal = PublishJournal::open(place_in(folder_)).value();
    std::vector<std::string> hashed;
    ASSERT_TRUE(read(*journal, &hashed));
    EXPECT_TRUE(hashed.empty());

    const auto path = source_.path() / "weights.bin";
    const auto time = std::filesystem::last_write_time(path);
    std::filesystem::last_write_time(path, time + std::chrono::hours{1});
    const auto payload = read(*journal, &hashed).value();
    EXPECT_EQ(hashed, std::vector<std::string>{"weights.bin"});
    EXPECT_TRUE(journal->note_payload(payload.directory()));
}

TEST_F(journaled, changed_new_and_missing_files_are_named)
{
    ASSERT_TRUE(encode());
    auto changed = test::contents_of(source_.path() / "weights.bin");
    changed[1000] = static_cast<char>(changed[1000] ^ 1);
    source_.write("weights.bin", changed);
    source_.write("b.json", "{}");
    std::filesystem::remove(source_.path() / "a.json");
    // Twice: the second run's journal has the changed file's digests too.
    for (int run = 0; run < 2; ++run)
    {
        const auto resumed = encode();
        ASSERT_FALSE(resumed);
        EXPECT_EQ(resumed.error().kind, ErrorKind::invalid_input);
        for (const auto* what :
            {"\"weights.bin\" changed", "\"b.json\" is new", "\"a.json\" is gone", "--restart"})
            EXPECT_THAT(resumed.error().message, testing::HasSubstr(what));
    }
    ASSERT_TRUE(PublishJournal::discard(place_in(folder_)));
    EXPECT_EQ(encode().value(), root_without_journal());
}

TEST_F(journaled, signatures_are_kept_for_their_expiry_only)
{
    test::LocalNetwork network{8};
    const auto key = PublisherKey::generate();
    const auto publish = [&](std::uint64_t expiry) -> Result<Published> {
        ASHLAR_TRY(const auto journal, PublishJournal::open(place_in(folder_)));
        ASHLAR_TRY(const auto payload, read(*journal));
        EncodeOptions options;
        options.journal = journal.get();
        ASHLAR_TRY(const auto object,
            EncodedObject::make(payload, network.committee(), options, no_progress()));
        return spread(object, network.committee(), network.nodes(), key,
            {.expiry_unix_seconds = expiry, .attempts_max = 1, .journal = journal.get()},
            no_progress());
    };
    constexpr auto EXPIRY = test::LocalNetwork::EXPIRY;
    ASSERT_TRUE(publish(EXPIRY));
    // Killed before the journal was removed: nobody is asked again.
    for (std::size_t m = 0; m < 8; ++m)
        network.stop(m);
    const auto again = publish(EXPIRY);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->signers.size(), 8u);
    EXPECT_EQ(again->bytes_sent, 0u);
    EXPECT_FALSE(publish(EXPIRY + SECONDS_PER_DAY));
    network.start_all();
    EXPECT_TRUE(publish(EXPIRY + SECONDS_PER_DAY));
}

}  // namespace ashlar
