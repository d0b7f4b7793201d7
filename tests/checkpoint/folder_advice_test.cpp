#include "checkpoint/folder_advice.hpp"

#include <gmock/gmock.h>

#include "checkpoint/payload.hpp"
#include "checkpoint/safetensors.hpp"
#include "tests/checkpoint/fixtures.hpp"

namespace ashlar
{
namespace
{

using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string model_of(std::string_view tensor)
{
    return test::safetensors_file(
        fmt::format(R"({{"{}":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}}})", tensor),
        "01234567");
}

/// Two shards with the tensors "a" and "b", and the index that is given.
Result<Payload> publish_with_index(std::string_view index, const PayloadOptions& options = {})
{
    const TemporaryFolder folder;
    folder.write("1.safetensors", model_of("a"));
    folder.write("2.safetensors", model_of("b"));
    folder.write("model.safetensors.index.json", index);
    return Payload::from_folder(folder.path(), options);
}

TEST(folder_advice, consistent_index_gives_none)
{
    const auto payload = publish_with_index(R"({"metadata":{"total_size":16},"weight_map":)"
                                            R"({"a":"1.safetensors","b":"2.safetensors"}})");
    EXPECT_THAT(payload.value().advice(), IsEmpty());
}

TEST(folder_advice, index_that_promises_what_is_not_there_stops_unless_opaque)
{
    for (const auto* map : {R"({"weight_map":{"a":"1.safetensors","c":"2.safetensors"}})",
             R"({"weight_map":{"a":"3.safetensors"}})", R"({"weight_map":{"a":"../1"}})", "{}"})
    {
        const auto stopped = publish_with_index(map);
        ASSERT_FALSE(stopped) << map;
        EXPECT_EQ(stopped.error().kind, ErrorKind::invalid_input);
        EXPECT_THAT(stopped.error().message, HasSubstr("model.safetensors.index.json"));
        EXPECT_TRUE(
            publish_with_index(map, {.opaque = {"model.safetensors.index.json"}, .progress = {}}));
    }
}

TEST(folder_advice, index_that_leaves_something_out_is_told)
{
    const auto payload =
        publish_with_index(R"({"metadata":{"total_size":9},"weight_map":{"b":"2.safetensors"}})");
    EXPECT_THAT(payload.value().advice(), ElementsAre(HasSubstr("total_size is 9")));
}

TEST(folder_advice, opaque_shards_are_taken_on_trust)
{
    const auto payload =
        publish_with_index(R"({"weight_map":{"x":"1.safetensors","b":"2.safetensors"}})",
            {.opaque = {"1.safetensors"}, .progress = {}});
    EXPECT_THAT(payload.value().advice(), IsEmpty());
}

TEST(folder_advice, unfinished_torch_distributed_checkpoint_is_told)
{
    const TemporaryFolder folder;
    // A pickle that would run a command if anything loaded it.
    folder.write("step/__0_0.distcp", "cos\nsystem\n(S'false'\ntR.");
    EXPECT_THAT(Payload::from_folder(folder.path()).value().advice(),
        ElementsAre(HasSubstr("\"step/.metadata\" is not there")));

    folder.write("step/.metadata", "cos\nsystem\n(S'false'\ntR.");
    const auto payload = Payload::from_folder(folder.path()).value();
    EXPECT_THAT(payload.advice(), IsEmpty());
    EXPECT_EQ(payload.directory().files().size(), 2);
    EXPECT_THAT(payload.directory().tensors(), IsEmpty());
}

TEST(folder_advice, headers_past_the_limit_of_the_hub_are_told)
{
    EXPECT_FALSE(advise_header("m", SAFETENSORS_HEADER_BYTES_HUB_MAX));
    EXPECT_TRUE(advise_header("m", SAFETENSORS_HEADER_BYTES_HUB_MAX + 1));

    const TemporaryFolder folder;
    folder.write("m.safetensors",
        test::safetensors_file("{}" + std::string(SAFETENSORS_HEADER_BYTES_HUB_MAX, ' '), ""));
    EXPECT_THAT(Payload::from_folder(folder.path()).value().advice(),
        ElementsAre(HasSubstr("25000002 bytes")));
}

TEST(folder_advice, files_too_large_for_plain_http_are_told)
{
    const auto advice_for = [](std::uint64_t size) {
        const std::vector<SourceFile> sources{{.path = "m.bin",
            .location = {},
            .identity = {.device = 0, .inode = 0, .size = size, .modified_ns = 0}}};
        const std::set<std::string> opaque;
        return advise({.sources = sources, .files = {}, .tensors = {}, .opaque = opaque}).value();
    };
    EXPECT_THAT(advice_for(HUB_HTTP_FILE_BYTES_MAX), IsEmpty());
    EXPECT_THAT(advice_for(HUB_HTTP_FILE_BYTES_MAX + 1), ElementsAre(HasSubstr("m.bin")));
}

}  // namespace
}  // namespace ashlar
