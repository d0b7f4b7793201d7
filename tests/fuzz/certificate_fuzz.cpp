// Certificates have one encoding. Those that hold name signers of the committee, and the same
// signature holds for no other object.

#include "object/certificate.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint8_t MEMBERS = 9;

/// Secret keys 1 … 9, one weight, one operator, no records.
Committee make_committee()
{
    std::vector<Member> members;
    for (std::uint8_t i = 1; i <= MEMBERS; ++i)
    {
        Bytes32 number{};
        number.back() = std::byte{i};
        const auto secret = BlsSecretKey::parse(number);
        members.push_back({secret->public_key(), secret->prove_possession().bytes(), {}, 1});
    }
    return *Committee::make(
        {.binding = {}, .members = std::move(members), .shards = {}, .records = {}});
}

void run(ByteView bytes)
{
    static const auto committee = make_committee();
    constexpr Bytes32 OBJECT_ROOT{};
    constexpr Bytes32 OTHER_ROOT{std::byte{1}};
    const auto certificate = Certificate::parse(bytes);
    if (!certificate)
        return;
    ASHLAR_ASSERT(equal(certificate->encode(), bytes));
    const auto signers = verify_certificate(committee, OBJECT_ROOT, *certificate);
    if (!signers)
        return;
    ASHLAR_ASSERT(!signers->empty() && signers->back() < MEMBERS);
    ASHLAR_ASSERT(!verify_certificate(committee, OTHER_ROOT, *certificate));
}

}  // namespace
}  // namespace ashlar

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    ashlar::run(std::as_bytes(std::span{data, size}));
    return 0;
}
