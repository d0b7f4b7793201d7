// A piece of an upload in any form: what is taken is one whole blob, is kept as it came or, if it
// was a difference, in a form that stands alone and says the same blob. The first byte says what
// the rest is: bit 0 a raw piece, else a stored form; bit 1 of a parity blob, else of a data blob;
// bit 2 the node has no parent.

#include "da-node/arrived_pieces.hpp"

#include "checkpoint/stored_blob.hpp"

namespace
{

using namespace ashlar;

const ObjectShape& shape()
{
    static const auto made =
        ObjectShape::make({.data_blobs = 2, .parity_blobs = 2, .group_parities = 1}).value();
    return made;
}

/// A data blob of the parent: every payload byte is 5a.
Result<Bytes> parent_blob(std::uint64_t)
{
    Bytes blob(BYTES_PER_BLOB, std::byte{0x5a});
    for (std::size_t at = 0; at < blob.size(); at += BYTES_PER_ELEMENT)
        blob[at] = std::byte{0};
    return blob;
}

Result<Bytes> no_parent(std::uint64_t)
{
    return fail(ErrorKind::not_found, "no parent");
}

void run(unsigned flags, Bytes bytes)
{
    const auto form = (flags & 1) != 0 ? PieceForm::raw : PieceForm::stored;
    if (form == PieceForm::raw)
        bytes.resize(BYTES_PER_BLOB);
    const CarriedPiece piece{
        .piece = (flags & 2) != 0 ? shape().data_blobs() : 0, .form = form, .bytes = bytes};
    const bool has_parent = (flags & 4) == 0;
    const auto arrived =
        ArrivedPieces::decode({&piece, 1}, shape(), has_parent ? parent_blob : no_parent);
    if (!arrived)
    {
        const auto kind = arrived.error().kind;
        ASHLAR_ASSERT(kind == ErrorKind::invalid_input || kind == ErrorKind::proof_invalid ||
                      (kind == ErrorKind::not_found && !has_parent));
        return;
    }
    ASHLAR_ASSERT(arrived->decoded().size() == 1 && arrived->kept().size() == 1);
    const auto& kept = arrived->kept()[0];
    ASHLAR_ASSERT(kept.form == form && has_carried_length(kept.form, kept.bytes.size()));
    if (form == PieceForm::raw)
    {
        ASHLAR_ASSERT(equal(arrived->decoded()[0].bytes.elements(), bytes));
        return;
    }
    const bool came_as_difference = summarize_stored_form(bytes)->is_difference;
    ASHLAR_ASSERT(came_as_difference || equal(kept.bytes, bytes));
    ASHLAR_ASSERT(!summarize_stored_form(kept.bytes)->is_difference);
    Bytes payload(PAYLOAD_BYTES_PER_BLOB);
    ASHLAR_ASSERT(
        decode_stored_payload(kept.bytes, std::span{payload}.first<PAYLOAD_BYTES_PER_BLOB>()));
    ASHLAR_ASSERT(equal(arrived->decoded()[0].bytes.payload(), payload));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto input = std::as_bytes(std::span{data, size});
    if (!input.empty())
        run(std::to_integer<unsigned>(input[0]), {input.begin() + 1, input.end()});
    return 0;
}
