#pragma once

/// Follows what a ModelRegistry anchors, and samples each model on arrival and again on a schedule.

#include <functional>

#include "sampling-client/watch_state.hpp"

namespace ashlar
{

struct WatchOptions
{
    std::uint64_t confirmations = 12;  ///< Blocks on top of one before it is taken in.
    std::uint64_t first_block = 0;  ///< Where to begin, also after a chain of which no mark holds.
    std::chrono::seconds sample_every{3600};

    /// Blocks in one question to the Ethereum node.
    std::uint64_t blocks_per_query = 1000;
};

/// One thread at a time.
class Watcher
{
public:
    /// @return  not_found if every member answered and none knows the root.
    using Sampler = std::function<Result<SampleReport>(const Bytes32& object_root)>;

    /// Tells somebody of a verdict other than AVAILABLE. A version is told of again until this
    /// succeeds.
    using Alarm = std::function<Result<void>(const WatchedVersion&)>;

    /// Makes the state outlive this process.
    using Saver = std::function<Result<void>(const WatchState&)>;

    struct Parts
    {
        JsonRpcClient node;
        Sampler sample;
        Alarm alarm;
        Saver save;
        const Clock& clock;
    };

    Watcher(Parts parts, WatchOptions options, WatchState state);

    /// Takes in blocks that are deep enough by now, one question's worth; where the chain was
    /// reorganised deeper than that, forgets what its former blocks said.
    ///
    /// @return  whether there are more to take in, as 1 or 0; an error of the node, after which the
    ///          state is as before, or of saving.
    [[nodiscard]] Result<std::size_t> follow();

    /// Samples the model that is due the longest, if any is, and tells of what has to be told.
    /// @return  how many were sampled; an error of sampling's options or of saving.
    [[nodiscard]] Result<std::size_t> sample_one();

    [[nodiscard]] const WatchState& state() const noexcept { return state_; }

private:
    [[nodiscard]] Result<void> rewind_to_chain();
    [[nodiscard]] Result<void> take_in(std::uint64_t last);
    void add_events(std::span<const AnchoredEvent> events);
    void forget_superseded();
    [[nodiscard]] std::optional<std::size_t> most_due() const;
    void note(WatchedVersion& version, const Result<SampleReport>& report) const;
    void tell(WatchedVersion& version) const;

    Parts parts_;
    WatchOptions options_;
    WatchState state_;
};

}  // namespace ashlar
