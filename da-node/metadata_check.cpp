#include "da-node/metadata_check.hpp"

#include "commitments/fold.hpp"

namespace ashlar
{

Result<void> check_metadata(const ObjectHeader& header, const ObjectMetadata& metadata)
{
    ASHLAR_CHECK(check_metadata_roots(header, metadata));
    const auto& shape = header.shape();
    ASHLAR_TRY(const auto codeword, check_codeword(shape, metadata));
    const auto fold = make_fold_record(shape, header.fields().commitments_root, codeword);
    if (fold.root() != header.fields().fold_root)
        return fail(ErrorKind::proof_invalid, "the fold record is not that of the header");
    return {};
}

}  // namespace ashlar
