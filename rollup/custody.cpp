#include "rollup/custody.hpp"

namespace ashlar
{

Result<CustodyClaim> make_custody_claim(const LightObject& object, const Committee& committee,
    std::uint64_t stored, std::optional<std::size_t> member)
{
    const auto& header = object.header();
    if (stored >= header.shape().stored_count())
        return fail(ErrorKind::invalid_input, "the object has stored blobs 0 to {}",
            header.shape().stored_count() - 1);
    if (!object.binding().certificate)
        return fail(ErrorKind::not_found,
            "no certificate of the object was found: nobody signed that it keeps a blob");
    const Placement placement{header, committee};
    for (const auto holder : placement.holders(stored))
    {
        if (member && *member != holder)
            continue;
        if (std::ranges::find(object.signers(), holder) == object.signers().end())
            continue;
        return CustodyClaim{.header = header.bytes(),
            .member = holder,
            .stored = stored,
            .signers = object.binding().certificate->signers,
            .table = committee.encoded_shards(),
            .members_root = committee.members_root()};
    }
    if (member)
        return fail(ErrorKind::not_found,
            "member {} did not sign for stored blob {}, or holds no copy of it", *member, stored);
    return fail(ErrorKind::not_found, "no holder of stored blob {} signed", stored);
}

Result<CustodyAnswer> answer_challenge(
    LightObject& object, std::uint64_t position, std::uint64_t element)
{
    if (element >= ELEMENTS_PER_BLOB || position >= object.header().shape().position_count())
        return fail(
            ErrorKind::invalid_input, "there is no element {} at position {}", element, position);
    ASHLAR_TRY(auto bound, object.bind({&position, 1}));
    ASHLAR_TRY(const auto blobs, object.blobs(bound));
    ASHLAR_TRY(
        const auto elements, BlobElements::parse(ByteView{blobs[0]}.first<BYTES_PER_BLOB>()));
    const auto z = blob_domain().point(static_cast<std::size_t>(element));
    const auto opening = open_at(elements.values(), z);
    ASHLAR_TRY(const auto commitment, check_path(object.header(), bound[0]));
    ASHLAR_CHECK(verify_opening(commitment, z, opening.value, opening.proof));
    return CustodyAnswer{.header = object.header().bytes(),
        .blob = std::move(bound[0]),
        .element = element,
        .opening = {.value = opening.value.to_bytes(), .proof = opening.proof.bytes()}};
}

}  // namespace ashlar
