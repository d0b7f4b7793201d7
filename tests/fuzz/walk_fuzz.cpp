// Walks and fold records as anybody may send them. A walk with bytes changed, under roots made for
// the changed bytes, must pass the checks exactly if nothing that matters was changed; anything
// else must be refused by the first step, and nothing may crash.

#include "tests/support/scalar_fold.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::uint64_t DATA_BLOBS = 33;

const ScalarFold& honest()
{
    static const auto made = [] {
        SeededRandom random{1};
        const auto shape =
            ObjectShape::make({.data_blobs = DATA_BLOBS, .parity_blobs = 39, .group_parities = 0})
                .value();
        return ScalarFold{shape, scalar_codeword(shape, random)};
    }();
    return made;
}

/// Raw bytes in place of a walk, or of a record.
void parse_raw(ByteView input)
{
    const auto binding = honest().binding();
    const auto walk = parse_walk(binding, honest().fold().record, 70, input);
    ASHLAR_ASSERT(walk.has_value() == equal(input, honest().walk_bytes(70)));
    const auto record = FoldRecord::parse_for(binding.shape, binding.fold_root, input);
    ASHLAR_ASSERT(record.has_value() == equal(input, honest().fold().record.encode()));
}

/// Three bytes a change: point of the codeword, byte of it, mask. The tree is made for what comes.
void check_changed(ByteView input)
{
    std::vector<Bytes48> points(honest().codeword().begin(), honest().codeword().end());
    for (; input.size() >= 3; input = input.subspan(3))
    {
        auto& point = points[std::to_integer<std::size_t>(input[0]) % points.size()];
        point.at(std::to_integer<std::size_t>(input[1]) % point.size()) ^= input[2];
    }
    auto fold = honest().fold();
    std::vector<Bytes32> leaves;
    for (std::size_t at = 0; at < points.size(); at += FOLD_FIBER)
        leaves.push_back(fiber_leaf(0, std::span{points}.subspan(at).first<FOLD_FIBER>()));
    fold.trees[0] = MerkleTree::make(std::move(leaves));
    auto binding = honest().binding();
    // The challenge stays that of the honest root, so that unchanged fibers still fold right.
    const auto checker = WalkChecker::make(binding, fold.record).value();
    binding.commitments_root = fold.trees[0].root();
    std::vector<Walk> walks;
    for (std::uint64_t n = 0; n < points.size(); n += FOLD_FIBER)
    {
        const auto fiber = std::span{points}.subspan(n).first<FOLD_FIBER>();
        walks.push_back(parse_walk(binding, fold.record, n, fold.walk(n, fiber)).value());
    }
    const auto checked = checker.check(walks);
    for (std::size_t f = 0; f < walks.size(); ++f)
    {
        const bool unchanged =
            std::ranges::equal(std::span{points}.subspan(f * FOLD_FIBER, FOLD_FIBER),
                honest().codeword().subspan(f * FOLD_FIBER, FOLD_FIBER));
        ASHLAR_ASSERT(checked[f].has_value() == unchanged);
    }
}

}  // namespace
}  // namespace ashlar::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto input = std::as_bytes(std::span{data, size});
    if (input.empty())
        return 0;
    if (input[0] == std::byte{0})
        ashlar::test::parse_raw(input.subspan(1));
    else
        ashlar::test::check_changed(input.subspan(1));
    return 0;
}
