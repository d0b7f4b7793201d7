#pragma once

/// Folds of known discrete logarithm, honest or not: an attacker chooses the word, and what each
/// next layer says, before its root goes into the next challenge.

#include <functional>

#include "commitments/walk.hpp"
#include "tests/support/scalar_codeword.hpp"

namespace ashlar::test
{

/// ⟨weights, fiber⟩ for all fibers of a layer.
inline std::vector<Fr> folded_scalars(std::span<const Fr> layer, const Fr& alpha)
{
    std::vector<Fr> out;
    for (std::size_t m = 0; m < layer.size() / FOLD_FIBER; ++m)
    {
        const auto weights = fold_weights(layer.size(), m, alpha);
        Fr sum;
        for (std::size_t i = 0; i < FOLD_FIBER; ++i)
            sum += weights.at(i) * layer[FOLD_FIBER * m + i];
        out.push_back(sum);
    }
    return out;
}

/// Changes layer j (1 … J) after it was folded with `alpha`, honestly, from the layer before.
using LayerTamper =
    std::function<void(std::size_t layer, const Fr& alpha, std::vector<Fr>& values)>;

/// Layers of another word, the one that the attacker claims: what is true of `word` is forgotten.
inline LayerTamper layers_of_word(std::vector<Fr> word)
{
    return
        [shadow = std::move(word)](std::size_t, const Fr& alpha, std::vector<Fr>& values) mutable {
            shadow = folded_scalars(shadow, alpha);
            values = shadow;
        };
}

/// Whether commitments are points or, where thousands of folds are made and nothing but their
/// scalars is looked at, other 48 bytes that bind as well.
enum class Commit : std::uint8_t
{
    by_points,
    by_bytes,
};

/// What an attacker publishes: real points, real trees, and layers of his choice.
class ScalarFold
{
public:
    ScalarFold(const ObjectShape& shape, std::vector<Fr> word, const LayerTamper& tamper = {},
        Commit commit = Commit::by_points)
      : shape_{shape}, commit_{commit}
    {
        const auto geometry = FoldGeometry::of(shape);
        codeword_ = points_of(word);
        commitments_root_ = tree_of(0, codeword_, geometry);
        layers_.push_back(std::move(word));
        for (std::size_t j = 0; j < geometry.final_layer; ++j)
        {
            const auto alpha = fold_challenge(shape, commitments_root_, fold_.record.roots, j);
            auto next = folded_scalars(layers_.back(), alpha);
            if (tamper)
                tamper(j + 1, alpha, next);
            auto points = points_of(next);
            layers_.push_back(std::move(next));
            if (j + 1 < geometry.final_layer)
            {
                fold_.record.roots.push_back(tree_of(j + 1, points, geometry));
                fold_.layers.push_back(std::move(points));
            }
            else
                fold_.record.final_points = std::move(points);
        }
        if (geometry.final_layer == 0)
            fold_.record.final_points = codeword_;
    }

    [[nodiscard]] const Fold& fold() const { return fold_; }
    [[nodiscard]] std::span<const Bytes48> codeword() const { return codeword_; }
    [[nodiscard]] const std::vector<Fr>& layer(std::size_t j) const { return layers_[j]; }
    [[nodiscard]] FoldBinding binding() const
    {
        return {.shape = shape_,
            .commitments_root = commitments_root_,
            .fold_root = fold_.record.root()};
    }

    [[nodiscard]] Bytes walk_bytes(std::uint64_t n) const
    {
        return fold_.walk(n, std::span{codeword_}.subspan(n / 8 * 8).first<FOLD_FIBER>());
    }
    [[nodiscard]] Walk walk(std::uint64_t n) const
    {
        return parse_walk(binding(), fold_.record, n, walk_bytes(n)).value();
    }

    /// Does the walk from n pass? By the layers' scalars, without any point.
    [[nodiscard]] bool passes_on_scalars(std::uint64_t n) const
    {
        for (std::size_t j = 0; j + 1 < layers_.size(); ++j, n /= FOLD_FIBER)
        {
            const auto fiber =
                std::span{layers_[j]}.subspan(n / FOLD_FIBER * FOLD_FIBER, FOLD_FIBER);
            const auto empty = EmptyPositions::of(shape_, j);
            for (std::size_t i = 0; i < FOLD_FIBER; ++i)
            {
                if (empty.contains(n / FOLD_FIBER * FOLD_FIBER + i) && !fiber[i].is_zero())
                    return false;
            }
            const auto roots = std::span{fold_.record.roots}.first(j);
            const auto alpha = fold_challenge(shape_, commitments_root_, roots, j);
            const auto weights = fold_weights(layers_[j].size(), n / FOLD_FIBER, alpha);
            Fr sum;
            for (std::size_t i = 0; i < FOLD_FIBER; ++i)
                sum += weights.at(i) * fiber[i];
            if (!(sum == layers_[j + 1][n / FOLD_FIBER]))
                return false;
        }
        return true;
    }

    /// Does the final layer pass its checks?
    [[nodiscard]] bool record_passes_on_scalars() const
    {
        auto coefficients = layers_.back();
        const auto empty = EmptyPositions::of(shape_, layers_.size() - 1);
        for (auto q = empty.begin; q < empty.end; ++q)
        {
            if (!coefficients[q].is_zero())
                return false;
        }
        const auto count = coefficients.size();
        inverse_fft_unscaled(Elements<Fr>{coefficients}, FftDomain{count});
        return std::all_of(coefficients.begin() + static_cast<std::ptrdiff_t>(count / 2),
            coefficients.end(), [](const Fr& value) { return value.is_zero(); });
    }

private:
    [[nodiscard]] std::vector<Bytes48> points_of(std::span<const Fr> scalars) const
    {
        if (commit_ == Commit::by_bytes)
        {
            std::vector<Bytes48> bytes(scalars.size());
            for (std::size_t i = 0; i < scalars.size(); ++i)
                std::ranges::copy(scalars[i].to_bytes(), bytes[i].begin());
            return bytes;
        }
        std::vector<G1> points;
        for (const auto& scalar : scalars)
            points.push_back(G1::generator() * scalar);
        std::vector<Bytes48> out;
        for (const auto& point : to_affine(points))
            out.push_back(point.compress());
        return out;
    }

    /// Keeps the tree where walks need it. @return  the root.
    Bytes32 tree_of(
        std::size_t layer, std::span<const Bytes48> points, const FoldGeometry& geometry)
    {
        std::vector<Bytes32> leaves;
        for (std::size_t at = 0; at < points.size(); at += FOLD_FIBER)
            leaves.push_back(fiber_leaf(layer, points.subspan(at).first<FOLD_FIBER>()));
        auto tree = MerkleTree::make(std::move(leaves));
        const auto root = tree.root();
        if (layer < geometry.final_layer)
            fold_.trees.push_back(std::move(tree));
        return root;
    }

    ObjectShape shape_;
    Commit commit_;
    std::vector<std::vector<Fr>> layers_;
    std::vector<Bytes48> codeword_;
    Bytes32 commitments_root_{};
    Fold fold_;
};

}  // namespace ashlar::test
