#include "da-node/store/signed_ledger.hpp"

#include "base/file.hpp"
#include "base/hash.hpp"

namespace ashlar
{
namespace
{

constexpr std::string_view LEDGER_NAME = "signed.ledger";
constexpr std::string_view LEDGER_TAG = "ashlar/signed/v1";
constexpr std::size_t LEDGER_BYTES = 16 + 32 + 8 + 8 + 32 + 32;
constexpr std::size_t EXPIRY_OFFSET = 48;
constexpr std::size_t COUNT_OFFSET = 56;
constexpr std::size_t PIECES_DIGEST_OFFSET = 64;
static_assert(LEDGER_TAG.size() == 16);

Bytes encode(const Bytes32& object_root, const SignedLedger& ledger)
{
    Bytes out;
    out.reserve(LEDGER_BYTES);
    append(out, as_byte_view(LEDGER_TAG));
    append(out, object_root);
    append(out, big_endian(ledger.expiry_unix_seconds));
    append(out, big_endian(ledger.piece_count));
    append(out, ledger.pieces_digest);
    append(out, sha256(out));
    return out;
}

}  // namespace

Bytes32 pieces_digest(std::span<const std::uint64_t> pieces)
{
    Hasher hasher{DigestKind::sha256};
    for (const auto piece : pieces)
        hasher.update(big_endian(piece));
    return hasher.finish<32>();
}

Result<void> write_ledger(const std::filesystem::path& object_folder, const Bytes32& object_root,
    const SignedLedger& ledger)
{
    return write_file_atomically(object_folder / LEDGER_NAME, encode(object_root, ledger));
}

Result<std::optional<SignedLedger>> read_ledger(
    const std::filesystem::path& object_folder, const Bytes32& object_root)
{
    const auto bytes = read_file(object_folder / LEDGER_NAME, LEDGER_BYTES);
    if (!bytes && bytes.error().kind == ErrorKind::not_found)
        return std::optional<SignedLedger>{};
    if (!bytes || bytes->size() != LEDGER_BYTES)
        return fail(ErrorKind::corrupted, "the ledger of signatures cannot be read");
    const std::span<const std::byte, LEDGER_BYTES> view{*bytes};
    const SignedLedger ledger{
        .expiry_unix_seconds = load_big_endian<std::uint64_t>(view.subspan<EXPIRY_OFFSET, 8>()),
        .piece_count = load_big_endian<std::uint64_t>(view.subspan<COUNT_OFFSET, 8>()),
        .pieces_digest = to_array(view.subspan<PIECES_DIGEST_OFFSET, 32>())};
    if (!equal(view, encode(object_root, ledger)))
        return fail(ErrorKind::corrupted, "the ledger of signatures is damaged");
    return std::optional{ledger};
}

}  // namespace ashlar
