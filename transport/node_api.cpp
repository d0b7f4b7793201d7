#include "transport/node_api.hpp"

#include "base/hash.hpp"

namespace ashlar
{

Bytes32 reservation_digest(
    const Bytes32& committee_root, const Bytes32& object_root, std::uint64_t expiry_unix_seconds)
{
    return sha256({as_byte_view("ashlar/reserve/v1"), committee_root, object_root,
        big_endian(expiry_unix_seconds)});
}

}  // namespace ashlar
