#pragma once

/// Spreading an encoded object over a committee and collecting its certificate.

#include <chrono>

#include "publisher/encoded_object.hpp"
#include "publisher/publisher_key.hpp"

namespace ashlar
{

struct SpreadOptions
{
    std::uint64_t expiry_unix_seconds = 0;  ///< Until when nodes are asked to keep the object.
    unsigned attempts_max = 3;              ///< Per node, with jittered pauses between.

    std::uint64_t memory_bytes = 1ULL << 30;  ///< See UploadPace.

    /// How long slow nodes are still sent to once the signatures of others are enough.
    std::chrono::milliseconds straggler_patience{600'000};

    /// Keeps signatures as they come, and gives those that it has: their nodes are not asked again.
    /// May be null. Outlives the call.
    PublishJournal* journal = nullptr;
};

/// What became of one member's share.
struct MemberOutcome
{
    std::uint64_t pieces = 0;       ///< Placed on the member.
    std::uint64_t pieces_sent = 0;  ///< Sent now; the others it already had.
    std::uint64_t bytes_sent = 0;   ///< Of these, as they travelled.
    bool certified = false;         ///< Its signature is in the certificate.
    std::string error;              ///< Why not; empty if it is.
};

struct Published
{
    Certificate certificate;
    std::vector<std::size_t> signers;
    std::optional<unsigned> tolerated_percent;  ///< See tolerated_percent().
    std::vector<MemberOutcome> members;         ///< In member order.
    std::uint64_t bytes_sent = 0;               ///< Of pieces, as they travelled.
};

/// Uploads to all members at once; each one's trouble is its own. Nodes say what they have, so a
/// repeated call sends only what is missing. Atomic for readers: the certificate is handed out
/// only when it holds at TARGET_FAULT_SHARE. From then on the object is published; nodes that are
/// slower are served for straggler_patience, and a certificate with their signatures too follows.
///
/// @return  insufficient, naming the members that did not sign and why, if the signatures do not
///          make the object recoverable at TARGET_FAULT_SHARE.
[[nodiscard]] Result<Published> spread(const EncodedObject& object, const Committee& committee,
    CommitteeNodes nodes, const PublisherKey& key, const SpreadOptions& options,
    ProgressListener& progress);

}  // namespace ashlar
