#pragma once

/// Evidence of what was false, as JSON files that another program can check.

#include <filesystem>

#include "commitments/codeword.hpp"
#include "sampling-client/draws.hpp"
#include "sampling-client/schedule.hpp"

namespace ashlar
{

/// Files that one run writes at most: a node that only lies must not fill the disk.
inline constexpr std::size_t EVIDENCE_FILES_MAX = 16;

/// What a node gave for a draw. Untrusted.
struct SampleAnswer
{
    std::uint16_t member = 0;
    Bytes bytes;      ///< The cell's 2,048 bytes or the blob's 131,072.
    Bytes48 proof{};  ///< Of a cell; zero for a blob.
};

/// A node's answer that does not hold.
struct FalseSample
{
    SampleMode mode;
    const Draw& draw;
    const SampleAnswer& answer;
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
    void keep_false_sample(const ObjectHeader& header, const Member& member,
        std::span<const Commitment> codeword, const FalseSample& sample);

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
