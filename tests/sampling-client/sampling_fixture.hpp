#pragma once

/// Eight members that hold a small object, any of which a test may stop or replace.

#include <gtest/gtest.h>

#include "tests/sampling-client/sparse_object.hpp"

namespace ashlar::test
{

inline constexpr std::size_t MEMBERS = 8;

/// 8 data and 8 parity blobs: member m holds 2 of the 16, and with copies others hold them too.
class SamplingNetwork
{
public:
    explicit SamplingNetwork(const SparseObjectCounts& counts = {8, 8}, bool is_codeword = true)
      : object_{counts, is_codeword}
    {
        for (std::size_t m = 0; m < MEMBERS; ++m)
        {
            nodes_.push_back(std::make_unique<SparseNode>(object_, &asked_));
            pointers_.push_back(nodes_.back().get());
        }
    }

    /// Samples with a fixed seed. Errors fail the test.
    [[nodiscard]] SampleReport sample(
        const SampleOptions& options = {}, std::uint64_t seed = 1) const
    {
        SeededRandom random{seed};
        return ashlar::sample(object_.root(), committee_, nodes(), random, options, no_progress())
            .value();
    }

    void stop(std::size_t count)
    {
        for (std::size_t m = 0; m < count; ++m)
            nodes_[m]->stop();
    }
    void replace(std::size_t member, LightNodeApi* node) { pointers_[member] = node; }

    [[nodiscard]] const SparseObject& object() const { return object_; }
    [[nodiscard]] const Committee& committee() const { return committee_; }
    [[nodiscard]] std::span<LightNodeApi* const> nodes() const { return pointers_; }
    [[nodiscard]] std::vector<AskedCell> asked() const { return asked_.all(); }
    [[nodiscard]] std::vector<std::uint64_t> asked_walks() const { return asked_.walks(); }

private:
    SparseObject object_;
    Committee committee_ = make_committee(MEMBERS);
    AskedCells asked_;
    std::vector<std::unique_ptr<SparseNode>> nodes_;
    std::vector<LightNodeApi*> pointers_;
};

}  // namespace ashlar::test
