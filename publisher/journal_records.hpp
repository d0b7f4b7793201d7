#pragma once

/// The records of a publish's journal (journal.hpp), and what they add up to.
///
/// File: "ashlar/publish/1" (16 bytes) ‖ key (32), then records, one after another:
/// u32be length of the body ‖ kind (1) ‖ body ‖ the first 8 bytes of
/// SHA256("ashlar/journal/v1" ‖ key ‖ u64be offset of the record ‖ kind ‖ body).
/// The offset is in it, so that what an older, longer journal left behind a torn tail never passes.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "checkpoint/payload.hpp"
#include "object/header.hpp"

namespace ashlar
{

inline constexpr std::string_view JOURNAL_MAGIC = "ashlar/publish/1";
inline constexpr std::size_t JOURNAL_BEGIN_BYTES = 48;
inline constexpr std::size_t JOURNAL_RECORD_OVERHEAD = 4 + 1 + 8;
inline constexpr std::size_t JOURNAL_BODY_BYTES_MAX = std::size_t{1} << 20;

/// Parity is encoded in this many ranges of columns, each of which is journaled.
inline constexpr std::size_t PARITY_STEPS = 8;

/// Bodies; integers are big-endian.
enum class JournalKind : std::uint8_t
{
    file = 1,         ///< size (8) ‖ modified_ns (8) ‖ SHA-256 ‖ git's SHA-1 ‖ path
    payload = 2,      ///< directory_root: all files are hashed, and they are these.
    commitment = 3,   ///< data blob (8) ‖ commitment (48)
    parity_lost = 4,  ///< Empty: the parity file is new, what was said of the last one is void.
    parity = 5,       ///< step (8): its columns are in the parity file, synced.
    groups = 6,       ///< first stripe (8) ‖ stripes (8) ‖ the SHA-256s of their local parities
    encoded = 7,      ///< header (512) ‖ SHA-256 of the metadata file
    lease = 8,        ///< expiry (8) that nodes are asked for; voids signatures for another.
    signature = 9,    ///< member (8) ‖ BLS signature (96), verified
};

/// A record in a view of a journal.
struct JournalRecord
{
    JournalKind kind;
    ByteView body;
    std::size_t bytes;  ///< From its length to its check.
};

[[nodiscard]] Bytes encode_record(
    const Bytes32& key, std::uint64_t offset, JournalKind kind, ByteView body);

/// The record at the beginning of `bytes`, which lie at `offset` of the journal; nothing if there
/// is none, it is cut short, or it is not what was written there.
[[nodiscard]] std::optional<JournalRecord> parse_record(
    const Bytes32& key, std::uint64_t offset, ByteView bytes);

struct JournaledFile
{
    std::uint64_t size;
    std::int64_t modified_ns;
    FileDigests digests;
};

/// What a publish has done already.
struct JournalState
{
    /// Ranges of stripes by their first one.
    struct Groups
    {
        std::uint64_t stripes;
        std::vector<Bytes32> hashes;
    };
    struct Encoded
    {
        HeaderBytes header;
        Bytes32 metadata_sha256;
    };

    std::map<std::string, JournaledFile> files;
    std::optional<Bytes32> directory_root;
    std::vector<std::pair<std::uint64_t, Bytes48>> commitments;  ///< By data blob, in any order.
    std::set<std::uint64_t> parity_steps;
    std::map<std::uint64_t, Groups> groups;
    std::optional<Encoded> encoded;
    std::uint64_t expiry_unix_seconds = 0;
    std::map<std::uint64_t, Bytes96> signatures;  ///< By member.

    /// Adds what a record says. Once the payload is known, files stay as they were when it was.
    /// @return  invalid_input if the body is not of its kind; nothing is added then.
    [[nodiscard]] Result<void> apply(const JournalRecord& record);
};

/// @return  invalid_input, naming the files, if the directory is not the one of the journaled
///          payload; success if none was journaled yet.
[[nodiscard]] Result<void> check_same_payload(
    const JournalState& state, const Directory& directory);

}  // namespace ashlar
