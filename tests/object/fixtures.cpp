#include "tests/object/fixtures.hpp"

#include <map>
#include <numeric>

#include "base/hash.hpp"

namespace ashlar::test
{
namespace
{

struct Keys
{
    BlsPublicKey key;
    Bytes96 possession_proof;
};

const Keys& keys_of(std::size_t index)
{
    static std::map<std::size_t, Keys> known;
    if (const auto found = known.find(index); found != known.end())
        return found->second;
    const auto secret = secret_key(index + 1);
    return known.emplace(index, Keys{secret.public_key(), secret.prove_possession().bytes()})
        .first->second;
}

Bytes32 hash_of(std::string_view text)
{
    return array_from_hex<32>(text).value();
}

}  // namespace

BlsSecretKey secret_key(std::uint64_t number)
{
    Bytes32 bytes{};
    std::ranges::copy(big_endian(number), bytes.begin() + 24);
    return BlsSecretKey::parse(bytes).value();
}

Bytes32 operator_named(std::size_t number)
{
    return sha256(as_byte_view(fmt::format("operator {}", number)));
}

Member member(std::size_t index, MemberSpec spec)
{
    const auto& [key, possession_proof] = keys_of(index);
    return {key, possession_proof, operator_named(spec.operator_number), spec.weight};
}

std::vector<Member> members(std::span<const MemberSpec> specs)
{
    std::vector<Member> out;
    for (std::size_t i = 0; i < specs.size(); ++i)
        out.push_back(member(i, specs[i]));
    return out;
}

std::vector<Member> members_of_one_key(std::span<const MemberSpec> specs)
{
    std::vector<Member> out;
    for (const auto& spec : specs)
        out.push_back(member(0, spec));
    return out;
}

Committee committee(std::span<const MemberSpec> specs)
{
    return Committee::make({.binding = {}, .members = members(specs), .shards = {}, .records = {}})
        .value();
}

Committee equal_committee(std::size_t count)
{
    std::vector<MemberSpec> specs;
    for (std::size_t i = 0; i < count; ++i)
        specs.push_back({.operator_number = i, .weight = 1});
    return committee(specs);
}

SignedNodeRecord signed_record(std::size_t member, NodeRecord record)
{
    const auto signature =
        secret_key(member + 1).sign(node_record_digest(keys_of(member).key, record));
    return {.record = std::move(record), .signature = signature.bytes()};
}

Committee example_committee()
{
    constexpr std::array<MemberSpec, 5> SPECS{{{0, 10}, {1, 10}, {2, 5}, {3, 20}, {0, 7}}};
    return committee(SPECS);
}

HeaderFields example_fields()
{
    HeaderFields fields;
    fields.payload_bytes = 254'333;
    fields.directory_offset = 253'952;
    fields.data_blobs = 3;
    fields.parity_blobs = 16;
    fields.group_parities = 2;
    fields.copies = 1;
    fields.commitments_root =
        hash_of("13b38c2e42a60816f0bdbaca280ab13a6ba49bc5d52e1c72ca286bcd54f16ecb");
    fields.fold_root = hash_of("3eae639148ec3b127bef8eff7a49fdf032a17bb6fe690e4b4fe80c84630252c5");
    fields.directory_root =
        hash_of("662f94ac648ee8b3b8f47649389fd5239d544fc5a5f1cf0d01e8d5a134e1fbac");
    fields.group_parity_root =
        hash_of("98683b9cba309ed4fede2f7a254a161b37c6c10f08f23229245034a84b9aeea8");
    fields.placement_seed =
        hash_of("7debc22b180ed3adbd0897e6a46cc93b8f4db3c67af7dd4f507955075e407178");
    return fields;
}

HeaderFields fields_of(const ObjectSpec& spec)
{
    HeaderFields fields;
    fields.payload_bytes = spec.data_blobs * PAYLOAD_BYTES_PER_BLOB;
    fields.data_blobs = spec.data_blobs;
    fields.parity_blobs = spec.parity_blobs;
    fields.group_parities = spec.group_parities;
    fields.copies = spec.copies;
    fields.commitments_root = sha256(big_endian(spec.seed));
    fields.placement_seed = default_placement_seed(fields.commitments_root);
    return fields;
}

ObjectHeader header_of(const ObjectSpec& spec)
{
    return ObjectHeader::make(fields_of(spec)).value();
}

std::vector<std::uint16_t> naive_holders(
    const Committee& committee, std::size_t shard, std::uint64_t copies)
{
    const auto& table = committee.shards();
    const auto operator_of = [&](std::uint16_t m) { return committee.members()[m].operator_id; };
    std::vector<std::uint16_t> out{table[shard]};
    const auto next_where = [&](const auto& is_wanted) -> std::optional<std::uint16_t> {
        for (std::size_t step = 1; step < SHARD_COUNT; ++step)
        {
            const auto candidate = table[(shard + step) % SHARD_COUNT];
            if (std::ranges::none_of(out, [&](auto m) { return !is_wanted(candidate, m); }))
                return candidate;
        }
        return std::nullopt;
    };
    while (out.size() < copies)
    {
        auto next = next_where([&](auto a, auto b) { return operator_of(a) != operator_of(b); });
        if (!next)
            next = next_where([](auto a, auto b) { return a != b; });
        if (!next)
            break;
        out.push_back(*next);
    }
    return out;
}

std::size_t naive_shard(const ObjectHeader& header, std::uint64_t stripe, std::uint64_t run)
{
    Bytes preimage;
    append(preimage, as_byte_view("ashlar/placement/v1"));
    append(preimage, header.fields().placement_seed);
    const auto digest = sha256(preimage);
    const auto offset =
        256 * std::to_integer<std::uint64_t>(digest[0]) + std::to_integer<std::uint64_t>(digest[1]);
    const auto drift = stripe * 40503 / 65536;
    return (offset + (8 + header.fields().group_parities) * stripe + drift + run) % 4096;
}

std::vector<std::size_t> first_indices(std::size_t count)
{
    std::vector<std::size_t> out(count);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

}  // namespace ashlar::test
