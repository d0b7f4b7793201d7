#include "commitments/blob.hpp"

namespace ashlar
{

Result<BlobElements> BlobElements::parse(BlobView blob)
{
    std::vector<Fr> values(ELEMENTS_PER_BLOB);
    for (std::size_t e = 0; e < values.size(); ++e)
    {
        const auto bytes = blob.subspan(e * BYTES_PER_ELEMENT).first<BYTES_PER_ELEMENT>();
        if (!Fr::parse_into(bytes, values[e]))
            return fail(ErrorKind::invalid_input, "blob element {} is not below the modulus", e);
    }
    return BlobElements{std::move(values)};
}

const FftDomain& blob_domain()
{
    static const FftDomain domain{ELEMENTS_PER_BLOB};
    return domain;
}

}  // namespace ashlar
