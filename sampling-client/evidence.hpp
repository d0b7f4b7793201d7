#pragma once

/// Evidence of what was false, as JSON files that another program can check.

#include <filesystem>

#include "commitments/walk.hpp"
#include "sampling-client/draws.hpp"
#include "sampling-client/schedule.hpp"

namespace ashlar
{

/// Files that one run writes at most: a node that only lies must not fill the disk.
inline constexpr std::size_t EVIDENCE_FILES_MAX = 16;

/// First field of every file.
inline constexpr std::string_view EVIDENCE_FORMAT = "ashlar/evidence/v1";

/// What a node gave for one question. Untrusted.
struct NodeAnswer
{
    std::uint16_t member = 0;
    Bytes bytes{};        ///< A cell's 2,048 bytes, a blob's 131,072, or a walk.
    Bytes48 proof{};      ///< Of a cell; zero otherwise.
    std::string fault{};  ///< Why it does not hold, where that is known already.
};

/// A sample that does not hold, and the commitment that it should match.
struct FalseSample
{
    SampleMode mode;
    const Draw& draw;
    const NodeAnswer& answer;
    const Commitment& commitment;
    std::span<const Bytes32> commitment_path;
    std::string_view why;
};

/// A walk, and the record that it was checked with.
struct WalkEvidence
{
    const FoldRecord& record;
    std::uint64_t position;
    ByteView walk;
    std::string_view why;
};

/// Where evidence goes; without a folder nothing is kept. For one thread.
class EvidenceFolder
{
public:
    /// Makes the folder. An empty path means none.
    [[nodiscard]] static Result<EvidenceFolder> open(const std::filesystem::path& folder);

    /// Object root, member key, stored index, cell index, commitment with its Merkle path, and
    /// what the member gave.
    void keep_false_sample(
        const ObjectHeader& header, const Member& member, const FalseSample& sample);

    /// A walk that a member gave, whose length or paths are not the header's.
    void keep_false_walk(
        const ObjectHeader& header, const Member& member, const WalkEvidence& walk);

    /// A walk that fails under good paths: the object is INVALID.
    void keep_invalid_walk(const ObjectHeader& header, const WalkEvidence& walk);

    /// A record that the header binds and that fails its checks: the object is INVALID.
    void keep_invalid_record(
        const ObjectHeader& header, const FoldRecord& record, std::string_view why);

    /// The header and why it is INVALID, with all commitments beside it in a file of their own
    /// (48 bytes each; positions 0 … K−1, then D … 2D−1).
    void keep_invalid_object(
        const ObjectHeader& header, ByteView commitments, std::string_view why);

    /// What was written. A file that could not be written is only logged: the verdict stands
    /// without it.
    [[nodiscard]] const std::vector<std::filesystem::path>& files() const noexcept
    {
        return files_;
    }

private:
    explicit EvidenceFolder(std::filesystem::path folder) : folder_{std::move(folder)} {}

    [[nodiscard]] bool is_full() const noexcept
    {
        return folder_.empty() || files_.size() >= EVIDENCE_FILES_MAX;
    }
    void write(const std::string& name, ByteView bytes);

    std::filesystem::path folder_;
    std::vector<std::filesystem::path> files_;
};

}  // namespace ashlar
