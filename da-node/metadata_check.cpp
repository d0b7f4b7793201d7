#include "da-node/metadata_check.hpp"

namespace ashlar
{

Result<Fold> check_metadata(const ObjectHeader& header, const ObjectMetadata& metadata)
{
    ASHLAR_CHECK(check_metadata_roots(header, metadata));
    const auto& shape = header.shape();
    ASHLAR_TRY(const auto codeword, check_codeword(shape, metadata));
    auto fold = Fold::make(shape, header.fields().commitments_root, codeword);
    if (fold.record.root() != header.fields().fold_root)
        return fail(ErrorKind::proof_invalid, "the fold record is not that of the header");
    return fold;
}

}  // namespace ashlar
