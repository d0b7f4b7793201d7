// Whatever parses can be judged, by certificate or by key, against any directory.

#include "provenance/model_signature.hpp"
#include "provenance/statement.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace ashlar;
    const auto bytes = std::as_bytes(std::span{data, size});
    const Directory empty;
    if (const auto signature = ModelSignature::parse(bytes))
    {
        const auto report = verify_model_signature(*signature, empty, {});
        ASHLAR_ASSERT(report.verdict != SignatureVerdict::trusted);
        ASHLAR_ASSERT(report.mismatches.size() == signature->files.size());
    }
    else
        ASHLAR_ASSERT(signature.error().kind == ErrorKind::invalid_input);

    const auto statement = open_statement(bytes, empty);
    ASHLAR_ASSERT(statement || statement.error().kind == ErrorKind::invalid_input ||
                  statement.error().kind == ErrorKind::proof_invalid);
    if (const auto json = parse_signed_json(bytes))
    {
        if (const auto text = to_canonical_json(*json))
        {
            const auto again = parse_signed_json(as_byte_view(*text));
            ASHLAR_ASSERT(again && to_canonical_json(*again).value() == *text);
        }
    }
    static_cast<void>(parse_provenance_file(bytes));
    return 0;
}
