#include "retrieval/directory_search.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "tests/support/published_model.hpp"

namespace ashlar::test
{
namespace
{

TEST(directory_search, tensors_are_those_of_the_whole_directory)
{
    for (auto* const model : {&PublishedModel::small(), &PublishedModel::layered()})
    {
        auto object = model->open().value();
        auto search = DirectorySearch::open(object).value();
        for (const auto& tensor : model->directory().tensors())
            EXPECT_EQ(search.tensor(tensor.name).value(), tensor);
        for (const auto* absent : {"", "a", "row", "rowss", "rowz", "zeros ", "\xff"})
            EXPECT_EQ(search.tensor(absent).error().kind, ErrorKind::not_found) << absent;
    }
}

/// A safetensors file of tensors without bytes.
std::string empty_tensors(const std::vector<std::string>& names)
{
    std::string header;
    for (const auto& name : names)
        header += fmt::format(R"({}"{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
            header.empty() ? "{" : ",", name);
    header += "}";
    const auto length = little_endian(std::uint64_t{header.size()});
    return std::string{as_text(length)} + header;
}

// Names short, long and of one stem, and some that hold what an entry begins with; a directory of
// several blobs, so that cells are guessed at.
TEST(directory_search, every_name_is_found_among_thousands)
{
    SeededRandom random{7};
    std::vector<std::string> names;
    for (int i = 0; i < 2'000; ++i)
        names.push_back(fmt::format("model.layers.{}.weight", i));
    for (int i = 0; i < 100; ++i)
        names.push_back(fmt::format("long.{}{}", i, std::string(random.below(1'000), 'x')));
    for (int i = 0; i < 100; ++i)
        names.push_back(fmt::format(
            "mo{}\\u001d\\u0000\\u0000\\u0000abcde\\u0030\\u0000\\u0000\\u0000zzzzzzzzzzzzzzzzz",
            i));
    const TemporaryFolder folder;
    folder.write("a.safetensors", empty_tensors(names));
    folder.write("b.safetensors", empty_tensors({"long.5", "model.layers.77.weight", "zz"}));
    LocalNetwork network{2};
    const auto published = publish_folder(network, folder.path()).value();
    const auto& directory = published->payload->directory();
    auto object =
        LightObject::open(published->root(), network.committee(), network.nodes()).value();
    auto search = DirectorySearch::open(object).value();

    for (std::size_t i = 0; i < directory.tensors().size(); i += 61)
    {
        const auto& tensor = directory.tensors()[i];
        const auto& path = directory.files()[tensor.file_index].path;
        EXPECT_EQ(search.tensor(tensor.name, path).value(), tensor) << i;
        EXPECT_EQ(search.tensor(tensor.name + '\x01').error().kind, ErrorKind::not_found) << i;
    }
    const auto both = directory.find_tensors("model.layers.77.weight");
    ASSERT_EQ(both.size(), 2u);
    EXPECT_EQ(search.tensor(both[0].name).error().kind, ErrorKind::invalid_input);
    EXPECT_EQ(search.tensor(both[0].name, "a.safetensors").value(), both[0]);
    EXPECT_EQ(search.tensor(both[1].name, "b.safetensors").value(), both[1]);
    EXPECT_EQ(search.tensor("zz").value(), directory.find_tensors("zz").front());
    EXPECT_EQ(search.tensor("").error().kind, ErrorKind::not_found);
    EXPECT_EQ(search.tensor("zzz").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace ashlar::test
