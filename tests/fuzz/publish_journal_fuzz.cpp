// A publish's journal: any bytes, and records of any kind and body whose checks hold.

#include "publisher/journal_records.hpp"

namespace ashlar
{
namespace
{

constexpr Bytes32 KEY{std::byte{1}};

/// Reads records to the first that is none, as a journal is read. The bytes that were read.
std::size_t read_all(ByteView bytes, JournalState& state)
{
    std::size_t at = 0;
    while (const auto record = parse_record(KEY, at, bytes.subspan(at)))
    {
        ASHLAR_ASSERT(record->bytes == record->body.size() + JOURNAL_RECORD_OVERHEAD);
        const auto again = encode_record(KEY, at, record->kind, record->body);
        ASHLAR_ASSERT(equal(again, bytes.subspan(at, record->bytes)));
        if (!state.apply(*record))
            break;
        at += record->bytes;
    }
    return at;
}

/// Steps: kind, length of the body, body.
Bytes build_journal(ByteView steps)
{
    Bytes journal;
    while (steps.size() >= 2)
    {
        const auto kind = static_cast<JournalKind>(steps[0]);
        const auto length = std::min(std::to_integer<std::size_t>(steps[1]) * 4, steps.size() - 2);
        append(journal, encode_record(KEY, journal.size(), kind, steps.subspan(2, length)));
        steps = steps.subspan(2 + length);
    }
    return journal;
}

void run(ByteView input)
{
    JournalState raw;
    ASHLAR_ASSERT(read_all(input, raw) <= input.size());

    const auto journal = build_journal(input);
    JournalState whole;
    const auto end = read_all(journal, whole);
    // A tail that is cut off takes nothing of what was before it.
    JournalState cut;
    ASHLAR_ASSERT(read_all(ByteView{journal}.first(end), cut) == end);
    ASHLAR_ASSERT(cut.files.size() == whole.files.size());
    ASHLAR_ASSERT(cut.commitments == whole.commitments);
    ASHLAR_ASSERT(cut.signatures == whole.signatures);
}

}  // namespace
}  // namespace ashlar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ashlar::run(std::as_bytes(std::span{data, size}));
    return 0;
}
