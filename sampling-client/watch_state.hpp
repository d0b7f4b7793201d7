#pragma once

/// What `watch` remembers between runs: how far it followed the chain, what it found anchored, and
/// what sampling said.

#include <filesystem>

#include "chain/model_registry.hpp"
#include "sampling-client/sampler.hpp"

namespace ashlar
{

/// Blocks remembered to find where a reorganised chain goes its own way.
inline constexpr std::size_t BLOCK_MARKS_MAX = 64;

/// Versions remembered; further events are counted and left.
inline constexpr std::size_t WATCHED_VERSIONS_MAX = 65'536;

inline constexpr std::uint64_t WATCH_FILE_BYTES_MAX = 128ULL << 20;

/// A block that was taken in.
struct BlockMark
{
    std::uint64_t number = 0;
    Bytes32 hash{};

    friend bool operator==(const BlockMark&, const BlockMark&) = default;
};

/// A version of a model, as its event says, and what sampling last said of it.
struct WatchedVersion
{
    AnchoredEvent event{};
    std::optional<Verdict> verdict{};  ///< Nothing before the first sample.
    std::string reason{};
    std::uint64_t sampled_at = 0;  ///< Unix seconds; 0 before the first sample.
    std::uint64_t samplings = 0;
    bool alert_is_due = false;  ///< The verdict has not reached the hook yet.
};

struct WatchState
{
    std::uint64_t chain_id = 0;
    Address registry{};
    std::uint64_t next_block = 0;
    std::uint64_t reorganisations = 0;
    std::uint64_t events_left = 0;  ///< Beyond WATCHED_VERSIONS_MAX.
    std::vector<BlockMark> marks{};
    std::vector<WatchedVersion> versions{};  ///< In the order of their events.

    /// The newest version of each model, as indices into versions, in their order.
    [[nodiscard]] std::vector<std::size_t> current() const;
};

/// {"verdict": …}: a version as it stands in the file and in the status.
[[nodiscard]] std::string to_json(const WatchedVersion& version);

/// The file, one JSON object.
[[nodiscard]] std::string to_json(const WatchState& state);

/// What is shown of a run: models as they stand, and how the Ethereum node is.
/// @param chain_error  Of the last question to it; empty if it answered.
[[nodiscard]] std::string status_json(const WatchState& state, std::string_view chain_error);

/// The same in Prometheus' text format.
[[nodiscard]] std::string metrics_text(const WatchState& state, bool chain_answers);

/// @return  corrupted unless to_json() could have written it.
[[nodiscard]] Result<WatchState> parse_watch_state(std::string_view text);

/// @return  a new state if there is no such file; invalid_input if the file is of another chain or
///          registry; corrupted if it is damaged.
[[nodiscard]] Result<WatchState> load_watch_state(const std::filesystem::path& file,
    std::uint64_t chain_id, const Address& registry, std::uint64_t first_block);

}  // namespace ashlar
