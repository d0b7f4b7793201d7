#include "publisher/journal_records.hpp"

#include "base/hash.hpp"
#include "base/log.hpp"

namespace ashlar
{
namespace
{

constexpr std::size_t CHECK_BYTES = 8;
constexpr std::size_t FILE_BODY_BYTES = 8 + 8 + 32 + 20;  ///< Before the path.
constexpr std::size_t NAMED_FILES_MAX = 8;                ///< In an error.

ByteArray<CHECK_BYTES> record_check(
    const Bytes32& key, std::uint64_t offset, JournalKind kind, ByteView body)
{
    const std::array kind_byte{static_cast<std::byte>(kind)};
    const auto digest =
        sha256({as_byte_view("ashlar/journal/v1"), key, big_endian(offset), kind_byte, body});
    return to_array(ByteView{digest}.first<CHECK_BYTES>());
}

/// Takes fixed parts from the front of a body whose length was checked.
class BodyReader
{
public:
    explicit BodyReader(ByteView body) : rest_{body} {}

    std::uint64_t number() { return load_big_endian<std::uint64_t>(array<8>()); }

    template <std::size_t N>
    ByteArray<N> array()
    {
        const auto out = to_array(rest_.first<N>());
        rest_ = rest_.subspan(N);
        return out;
    }

    [[nodiscard]] ByteView rest() const noexcept { return rest_; }

private:
    ByteView rest_;
};

void apply_file(JournalState& state, ByteView body)
{
    BodyReader reader{body};
    JournaledFile file{};
    file.size = reader.number();
    file.modified_ns = static_cast<std::int64_t>(reader.number());
    file.digests.sha256 = reader.array<32>();
    file.digests.git_sha1 = reader.array<20>();
    const std::string path{as_text(reader.rest())};
    const auto known = state.files.find(path);
    // A later run may have hashed another file under the name before it noticed.
    const bool other =
        known == state.files.end() || known->second.digests.sha256 != file.digests.sha256;
    if (!state.directory_root || !other)
        state.files.insert_or_assign(path, file);
}

Result<void> apply_groups(JournalState& state, ByteView body)
{
    BodyReader reader{body};
    const auto first = reader.number();
    JournalState::Groups groups{.stripes = reader.number(), .hashes = {}};
    if (reader.rest().size() % sizeof(Bytes32) != 0)
        return fail(ErrorKind::invalid_input, "hashes of local parities are cut short");
    while (!reader.rest().empty())
        groups.hashes.push_back(reader.array<32>());
    state.groups.insert_or_assign(first, std::move(groups));
    return {};
}

void void_parity(JournalState& state)
{
    state.parity_steps.clear();
    state.groups.clear();
    state.encoded.reset();
}

/// Bytes of a body that has one length, or the least that it may have.
struct BodySize
{
    std::size_t bytes;
    bool exact;
};

std::optional<BodySize> body_size(JournalKind kind)
{
    switch (kind)
    {
        case JournalKind::file:
            return BodySize{FILE_BODY_BYTES, false};
        case JournalKind::payload:
            return BodySize{sizeof(Bytes32), true};
        case JournalKind::commitment:
            return BodySize{8 + sizeof(Bytes48), true};
        case JournalKind::parity_lost:
            return BodySize{0, true};
        case JournalKind::parity:
        case JournalKind::lease:
            return BodySize{8, true};
        case JournalKind::groups:
            return BodySize{16, false};
        case JournalKind::encoded:
            return BodySize{BYTES_PER_HEADER + sizeof(Bytes32), true};
        case JournalKind::signature:
            return BodySize{8 + sizeof(Bytes96), true};
    }
    return std::nullopt;
}

}  // namespace

Bytes encode_record(const Bytes32& key, std::uint64_t offset, JournalKind kind, ByteView body)
{
    ASHLAR_ASSERT(body.size() <= JOURNAL_BODY_BYTES_MAX);
    Bytes out;
    out.reserve(body.size() + JOURNAL_RECORD_OVERHEAD);
    append(out, big_endian(static_cast<std::uint32_t>(body.size())));
    out.push_back(static_cast<std::byte>(kind));
    append(out, body);
    append(out, record_check(key, offset, kind, body));
    return out;
}

std::optional<JournalRecord> parse_record(const Bytes32& key, std::uint64_t offset, ByteView bytes)
{
    if (bytes.size() < JOURNAL_RECORD_OVERHEAD)
        return std::nullopt;
    const std::size_t length = load_big_endian<std::uint32_t>(bytes.first<4>());
    if (length > JOURNAL_BODY_BYTES_MAX || length > bytes.size() - JOURNAL_RECORD_OVERHEAD)
        return std::nullopt;
    const auto kind = static_cast<JournalKind>(bytes[4]);
    const auto body = bytes.subspan(5, length);
    if (!equal(bytes.subspan(5 + length, CHECK_BYTES), record_check(key, offset, kind, body)))
        return std::nullopt;
    return JournalRecord{.kind = kind, .body = body, .bytes = length + JOURNAL_RECORD_OVERHEAD};
}

Result<void> JournalState::apply(const JournalRecord& record)
{
    const auto size = body_size(record.kind);
    if (!size || record.body.size() < size->bytes ||
        (size->exact && record.body.size() != size->bytes))
        return fail(ErrorKind::invalid_input, "a record of kind {} with {} bytes",
            static_cast<unsigned>(record.kind), record.body.size());
    BodyReader reader{record.body};
    switch (record.kind)
    {
        case JournalKind::file:
            apply_file(*this, record.body);
            break;
        case JournalKind::payload:
            directory_root = reader.array<32>();
            break;
        case JournalKind::commitment: {
            const auto blob = reader.number();
            commitments.emplace_back(blob, reader.array<48>());
            break;
        }
        case JournalKind::parity_lost:
            void_parity(*this);
            break;
        case JournalKind::parity:
            parity_steps.insert(reader.number());
            break;
        case JournalKind::groups:
            return apply_groups(*this, record.body);
        case JournalKind::encoded: {
            const auto header = reader.array<BYTES_PER_HEADER>();
            encoded = Encoded{.header = header, .metadata_sha256 = reader.array<32>()};
            break;
        }
        case JournalKind::lease:
            expiry_unix_seconds = reader.number();
            signatures.clear();
            break;
        case JournalKind::signature: {
            const auto member = reader.number();
            signatures.insert_or_assign(member, reader.array<96>());
            break;
        }
    }
    return {};
}

Result<void> check_same_payload(const JournalState& state, const Directory& directory)
{
    if (!state.directory_root || *state.directory_root == directory.root())
        return {};
    std::vector<std::string> changes;
    for (const auto& file : directory.files())
    {
        const auto known = state.files.find(file.path);
        if (known == state.files.end())
            changes.push_back(fmt::format("\"{}\" is new", printable(file.path)));
        else if (known->second.digests.sha256 != file.sha256)
            changes.push_back(fmt::format("\"{}\" changed", printable(file.path)));
    }
    for (const auto& [path, known] : state.files)
    {
        if (directory.find_file(path) == nullptr)
            changes.push_back(fmt::format("\"{}\" is gone", printable(path)));
    }
    if (changes.size() > NAMED_FILES_MAX)
    {
        const auto more = changes.size() - NAMED_FILES_MAX;
        changes.resize(NAMED_FILES_MAX);
        changes.push_back(fmt::format("{} more", more));
    }
    return fail(ErrorKind::invalid_input,
        "the folder is not as it was when this publish began: {}; put it back, or begin anew with "
        "--restart",
        fmt::join(changes, ", "));
}

}  // namespace ashlar
