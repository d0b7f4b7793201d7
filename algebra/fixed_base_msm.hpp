#pragma once

/// Multi-scalar multiplication over bases that never change, such as a trusted setup.
///
/// The table holds 2^(step·k)·B of every base B for every k, so the digits of all weights meet in
/// one set of buckets and nothing is ever doubled. Digits are signed and start at any multiple of
/// `step`, past zeros: the windowed non-adjacent form if step is 1. Buckets are summed as trees,
/// so one into which many equal scalars fall costs no more than many small ones.
/// docs/performance.md has the measured choices.

#include <functional>
#include <string>

#include "algebra/g1.hpp"
#include "algebra/point_groups.hpp"
#include "base/mutex.hpp"

namespace ashlar
{

/// Bases with their table. Threads may share it.
class FixedBaseMsm
{
public:
    struct Options
    {
        /// Bases of one sum: several sums over bases of their own can share a table.
        std::size_t bases_per_sum;
        unsigned step_bits = 2;
        /// Width of a digit, a multiple of step_bits; a sum has 2^(window_bits − 1) buckets.
        unsigned window_bits = 14;
        const LaneKernels* kernels = &lane_kernels();
        /// Of the table in the cache (base/cache.hpp), naming its bases; empty for none.
        std::string cache_name = {};
    };

    /// Builds the table on the caller's thread, 128·(⌊255/step_bits⌋ + 1) bytes a base, or maps it
    /// from the cache: then it is copied into memory of its own once there have been some sums.
    /// @pre bases.size() is a multiple of bases_per_sum; all are in G1, infinity included.
    FixedBaseMsm(std::span<const G1Affine> bases, const Options& options);

    using MakeBases = std::function<std::vector<G1Affine>()>;

    /// As above; the bases are made only if their table is not in the cache.
    FixedBaseMsm(std::size_t base_count, const MakeBases& make_bases, const Options& options);
    ~FixedBaseMsm();
    FixedBaseMsm(const FixedBaseMsm&) = delete;
    FixedBaseMsm& operator=(const FixedBaseMsm&) = delete;

    /// Σ scalarᵢ·baseᵢ of one sum after another, from `first_sum` on: the scalars are of the bases
    /// from first_sum·bases_per_sum on, and those that the last sum lacks are zero. Any base and
    /// any scalar below 2²⁵⁵ is right. Runs on the caller's thread; sums asked for together share
    /// inversions.
    [[nodiscard]] std::vector<G1> sums(
        std::span<const blst_scalar> scalars, std::size_t first_sum = 0) const;

    /// The first sum.
    /// @pre scalars.size() <= bases_per_sum
    [[nodiscard]] G1 sum(std::span<const blst_scalar> scalars) const;
    [[nodiscard]] G1 sum(std::span<const Fr> scalars) const;

    /// Additions in all sums so far: for measurements.
    [[nodiscard]] std::uint64_t additions() const ASHLAR_EXCLUDES(mutex_);

    [[nodiscard]] std::size_t table_bytes() const noexcept;

private:
    /// Working memory of one call: kept for the next, since fresh pages cost much of a sum.
    struct Workspace;

    [[nodiscard]] std::unique_ptr<Workspace> take_workspace() const ASHLAR_EXCLUDES(mutex_);
    void give_back(std::unique_ptr<Workspace> workspace, std::uint64_t additions) const
        ASHLAR_EXCLUDES(mutex_);

    /// Row k: 2^(step·k)·B of all bases.
    class Table;

    [[nodiscard]] std::size_t row_count() const noexcept;
    [[nodiscard]] std::string cache_file() const;
    [[nodiscard]] std::shared_ptr<const Table> load_table() const;
    [[nodiscard]] bool is_column_of_multiples(const LanePoint* table, std::size_t base) const;
    [[nodiscard]] LaneArray build_table(std::span<const G1Affine> bases) const;
    [[nodiscard]] std::shared_ptr<const Table> table_for_sums() const ASHLAR_EXCLUDES(mutex_);
    void fill_buckets(Workspace& work, const LanePoint* table, std::span<const blst_scalar> scalars,
        std::size_t first_base) const;
    void append_digits(Workspace& work, const blst_scalar& scalar, std::size_t base,
        std::size_t first_bucket) const;

    Options options_;
    std::size_t base_count_;
    mutable Mutex mutex_;
    mutable std::shared_ptr<const Table> table_ ASHLAR_GUARDED_BY(mutex_);
    mutable std::uint64_t sums_begun_ ASHLAR_GUARDED_BY(mutex_) = 0;
    mutable std::vector<std::unique_ptr<Workspace>> idle_ ASHLAR_GUARDED_BY(mutex_);
    mutable std::uint64_t additions_ ASHLAR_GUARDED_BY(mutex_) = 0;
};

}  // namespace ashlar
