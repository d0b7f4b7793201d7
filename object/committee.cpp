#include "object/committee.hpp"

#include <map>

#include "base/cache.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "base/ssz.hpp"

namespace ashlar
{
namespace
{

__extension__ using Int128 = __int128;

/// Shards back from which a neighbour of the same operator is avoided: 8 stored runs and the
/// default 2 parity runs of a stripe.
constexpr std::size_t NEIGHBOUR_SHARDS = 10;

constexpr std::uint64_t TOTAL_WEIGHT_MAX = (1ULL << 63) - 1;
constexpr std::size_t SERVER_NAME_KEY_BYTES = 8;

/// Notes of committees whose signatures were verified; an empty file each.
constexpr std::size_t COMMITTEE_NOTES_MAX = 256;

Result<std::uint64_t> check_weights(std::span<const Member> members)
{
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < members.size(); ++i)
    {
        if (members[i].weight == 0)
            return fail(ErrorKind::invalid_input, "member {} has no weight", i);
        if (members[i].weight > TOTAL_WEIGHT_MAX - total)
            return fail(ErrorKind::invalid_input, "the members' weights add up to 2^63 or more");
        total += members[i].weight;
    }
    return total;
}

Result<void> check_keys_distinct(std::span<const Member> members)
{
    std::map<Bytes48, std::size_t> seen;
    for (std::size_t i = 0; i < members.size(); ++i)
    {
        const auto [first, is_new] = seen.emplace(members[i].key.bytes(), i);
        if (!is_new)
            return fail(
                ErrorKind::invalid_input, "members {} and {} have the same key", first->second, i);
    }
    return {};
}

Result<void> check_shards(std::span<const std::uint16_t> shards, std::size_t member_count)
{
    if (shards.size() != SHARD_COUNT)
        return fail(ErrorKind::invalid_input, "the table has {} shards, not {}", shards.size(),
            SHARD_COUNT);
    for (std::size_t s = 0; s < SHARD_COUNT; ++s)
    {
        if (shards[s] >= member_count)
            return fail(ErrorKind::invalid_input, "shard {} is on member {} of only {}", s,
                shards[s], member_count);
    }
    return {};
}

Result<void> check_record_sizes(std::span<const std::optional<SignedNodeRecord>> records)
{
    for (std::size_t i = 0; i < records.size(); ++i)
    {
        if (!records[i])
            continue;
        const auto& [sequence, endpoint, certificate] = records[i]->record;
        if (endpoint.size() > ENDPOINT_BYTES_MAX || !is_utf8(endpoint))
            return fail(ErrorKind::invalid_input,
                "the endpoint of member {} is not UTF-8 of at most {} bytes", i,
                ENDPOINT_BYTES_MAX);
        if (certificate.size() > TLS_CERTIFICATE_BYTES_MAX || !is_utf8(certificate))
            return fail(ErrorKind::invalid_input,
                "the TLS certificate of member {} is not UTF-8 of at most {} bytes", i,
                TLS_CERTIFICATE_BYTES_MAX);
    }
    return {};
}

Result<void> verify_member(const Member& member)
{
    const auto proof = BlsSignature::parse(member.possession_proof);
    if (!proof || !verify_possession(member.key, *proof))
        return fail(ErrorKind::proof_invalid, "its proof of possession does not hold");
    return {};
}

Result<void> verify_record(const Member& member, const SignedNodeRecord& signed_record)
{
    const auto signature = BlsSignature::parse(signed_record.signature);
    const auto digest = node_record_digest(member.key, signed_record.record);
    if (!signature || !verify_signature(member.key, digest, *signature))
        return fail(ErrorKind::proof_invalid, "the signature of its node record does not hold");
    return {};
}

/// The cache's name of a note that these signatures hold.
std::string signatures_note(const Committee::Parts& parts)
{
    Bytes text;
    for (std::size_t i = 0; i < parts.members.size(); ++i)
    {
        const auto& member = parts.members[i];
        append(text, member.key.bytes());
        append(text, member.possession_proof);
        const auto& signed_record = parts.records[i];
        append(text, ByteArray<1>{std::byte{signed_record ? std::uint8_t{1} : std::uint8_t{0}}});
        if (!signed_record)
            continue;
        append(text, node_record_digest(member.key, signed_record->record));
        append(text, signed_record->signature);
    }
    return "committee-" + to_hex(sha256({as_byte_view("ashlar/committee-note/v1"), text}));
}

Result<void> verify_all_signatures(const Committee::Parts& parts)
{
    return try_parallel_for(parts.members.size(), [&](std::size_t i) -> Result<void> {
        auto verified = verify_member(parts.members[i]);
        if (verified && parts.records[i])
            verified = verify_record(parts.members[i], *parts.records[i]);
        if (!verified)
            return within(fmt::format("member {}", i), std::move(verified).error());
        return {};
    });
}

/// Once for each user: every command reads a committee, and some have thousands of members.
Result<void> verify_signatures(const Committee::Parts& parts)
{
    const auto note = signatures_note(parts);
    if (read_cache(note, {}))
        return {};
    ASHLAR_CHECK(verify_all_signatures(parts));
    write_cache(note, {});
    trim_cache("committee-", COMMITTEE_NOTES_MAX);
    return {};
}

Bytes32 member_root(const Member& member)
{
    return ssz::container_root(std::array{ssz::byte_vector_root(member.key.bytes()),
        ssz::byte_vector_root(member.possession_proof), member.operator_id,
        ssz::chunk_of(member.weight)});
}

Bytes32 list_root(const std::vector<Member>& members)
{
    std::vector<Bytes32> member_roots;
    member_roots.reserve(members.size());
    for (const auto& member : members)
        member_roots.push_back(member_root(member));
    return ssz::list_root(member_roots, MEMBERS_MAX);
}

Bytes encode_shards(std::span<const std::uint16_t> table)
{
    Bytes shards;
    for (const auto member : table)
        append(shards, little_endian(member));
    return shards;
}

Bytes32 committee_root(const Committee::Parts& parts)
{
    return ssz::container_root(
        std::array{list_root(parts.members), ssz::byte_vector_root(encode_shards(parts.shards))});
}

}  // namespace

Bytes32 node_record_digest(const BlsPublicKey& key, const NodeRecord& record)
{
    const auto length_of = [](const std::string& text) {
        return big_endian(static_cast<std::uint32_t>(text.size()));
    };
    return sha256({as_byte_view("ashlar/node-record/v1"), key.bytes(), big_endian(record.sequence),
        length_of(record.endpoint), as_byte_view(record.endpoint),
        length_of(record.tls_certificate), as_byte_view(record.tls_certificate)});
}

std::string tls_server_name(const BlsPublicKey& key)
{
    return to_hex(ByteView{key.bytes()}.first<SERVER_NAME_KEY_BYTES>()) + ".node.ashlar";
}

Result<Committee> Committee::make(Parts parts)
{
    const auto count = parts.members.size();
    if (count < 1 || count > MEMBERS_MAX)
        return fail(ErrorKind::invalid_input, "a committee has 1 to {} members, not {}",
            MEMBERS_MAX, count);
    ASHLAR_TRY(const auto total_weight, check_weights(parts.members));
    ASHLAR_CHECK(check_keys_distinct(parts.members));
    if (parts.shards.empty())
        parts.shards = first_table(parts.members);
    ASHLAR_CHECK(check_shards(parts.shards, count));
    if (parts.records.empty())
        parts.records.resize(count);
    if (parts.records.size() != count)
        return fail(ErrorKind::invalid_input, "{} node records for {} members",
            parts.records.size(), count);
    ASHLAR_CHECK(check_record_sizes(parts.records));
    ASHLAR_CHECK(verify_signatures(parts));
    return Committee{std::move(parts), total_weight};
}

Committee::Committee(Parts parts, std::uint64_t total_weight)
  : parts_{std::move(parts)}, total_weight_{total_weight}, root_{committee_root(parts_)}
{}

Bytes32 Committee::members_root() const
{
    return list_root(parts_.members);
}

Bytes Committee::encoded_shards() const
{
    return encode_shards(parts_.shards);
}

std::optional<std::size_t> Committee::find(const BlsPublicKey& key) const
{
    const auto member = std::ranges::find(parts_.members, key, &Member::key);
    if (member == parts_.members.end())
        return std::nullopt;
    return static_cast<std::size_t>(member - parts_.members.begin());
}

std::vector<std::uint16_t> operator_numbers(std::span<const Member> members)
{
    std::map<Bytes32, std::uint16_t> numbers;
    std::vector<std::uint16_t> out;
    out.reserve(members.size());
    for (const auto& member : members)
    {
        const auto next = static_cast<std::uint16_t>(numbers.size());
        out.push_back(numbers.emplace(member.operator_id, next).first->second);
    }
    return out;
}

std::vector<std::uint16_t> first_table(std::span<const Member> members)
{
    ASHLAR_ASSERT(!members.empty() && members.size() <= MEMBERS_MAX);
    const auto operators = operator_numbers(members);
    Int128 total = 0;
    for (const auto& member : members)
        total += member.weight;

    // claims[i] = weight·(s + 1) − total·(shards that member i has so far); below 2⁷⁶.
    std::vector<Int128> claims(members.size());
    std::vector<std::size_t> free_from(members.size());  // By operator: the shard to return at.
    std::vector<std::uint16_t> shards;
    shards.reserve(SHARD_COUNT);
    for (std::size_t s = 0; s < SHARD_COUNT; ++s)
    {
        for (std::size_t i = 0; i < members.size(); ++i)
            claims[i] += members[i].weight;
        const auto is_apart = [&](std::size_t i) { return free_from[operators[i]] <= s; };
        std::size_t best = 0;
        for (std::size_t i = 1; i < members.size(); ++i)
        {
            if (is_apart(i) != is_apart(best) ? is_apart(i) : claims[i] > claims[best])
                best = i;
        }
        claims[best] -= total;
        free_from[operators[best]] = s + NEIGHBOUR_SHARDS + 1;
        shards.push_back(static_cast<std::uint16_t>(best));
    }
    return shards;
}

}  // namespace ashlar
