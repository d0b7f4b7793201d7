#include "rollup/tensor_search.hpp"

#include <gtest/gtest.h>

#include "rollup/weight_prover.hpp"
#include "tests/rollup/published_model.hpp"

namespace ashlar::test
{
namespace
{

TEST(tensor_search, finds_what_the_whole_directory_has_and_nothing_else)
{
    for (auto* const model : {&PublishedModel::small(), &PublishedModel::layered()})
    {
        auto object = model->open().value();
        for (const auto& tensor : model->directory().tensors())
            EXPECT_EQ(search_tensor(object, tensor.name).value(), tensor);
        for (const auto* absent : {"", "a", "row", "rowss", "rowz", "zeros ", "\xff"})
            EXPECT_EQ(search_tensor(object, absent).error().kind, ErrorKind::not_found) << absent;
    }
}

TEST(tensor_search, a_weight_found_so_is_proven_as_bytes)
{
    auto& model = PublishedModel::layered();
    auto object = model.open().value();
    const auto tensor = search_tensor(object, "rows").value();
    const auto proof = prove_bytes(object, {.offset = tensor.offset + 6, .size = 2}).value();
    EXPECT_EQ(
        verify_weight_proof(model.root(), proof).value(), model.payload(tensor.offset + 6, 2));
}

}  // namespace
}  // namespace ashlar::test
