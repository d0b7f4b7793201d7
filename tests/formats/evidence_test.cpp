/// Example of docs/formats/evidence.md: written as a client writes it, judged as anybody may.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "sampling-client/evidence.hpp"
#include "sampling-client/evidence_judge.hpp"
#include "tests/formats/example.hpp"
#include "tests/formats/example_object.hpp"

namespace ashlar::test
{
namespace
{

using Json = nlohmann::json;

/// The file that a client keeps when a member gives `blob` for a stored blob.
Json kept_evidence(const Draw& draw, std::uint16_t member, const Bytes& blob)
{
    const auto& codeword = example_codeword();
    const auto n = static_cast<std::size_t>(draw.position);
    const auto path = commitment_tree(codeword).path(n);
    const auto folder_path = work_folder() / "evidence";
    auto folder = EvidenceFolder::open(folder_path).value();
    const NodeAnswer answer{.member = member, .bytes = blob};
    folder.keep_false_sample(example_object().header(), example_committee().members()[member],
        {.mode = SampleMode::blob,
            .draw = draw,
            .answer = answer,
            .commitment = codeword[n],
            .commitment_path = path,
            .why = "blob 1: the blob does not match its commitment"});
    return Json::parse(as_text(read_file(folder.files().at(0), EVIDENCE_BYTES_MAX).value()));
}

Bytes bytes_of_field(const Json& json, const char* field)
{
    return from_hex(json.at(field).get<std::string>()).value();
}

}  // namespace

TEST(example, object_evidence)
{
    const auto example = Example::current();
    const auto& header = example_object().header();
    const auto member = static_cast<std::uint16_t>(example.integer("member"));
    Draw draw{};
    draw.stored = example.integer("stored");
    draw.position = header.shape().position_of(*draw.stored);
    auto given = example_blob(*draw.stored);
    const auto honest = given;
    given.at(example.integer("changed_byte")) = example.bytes("given_byte").at(0);
    EXPECT_EQ(Placement(header, example_committee()).holders(*draw.stored)[0], member);

    auto json = kept_evidence(draw, member, given);
    EXPECT_EQ(json.at("format"), EVIDENCE_FORMAT);
    example.expect_text("kind", json.at("kind").get<std::string>());
    EXPECT_TRUE(equal(bytes_of_field(json, "header"), header.bytes()));
    example.expect("object_root", bytes_of_field(json, "object_root"));
    example.expect("member_key", bytes_of_field(json, "member_key"));
    example.expect("position", json.at("position").get<std::uint64_t>());
    EXPECT_EQ(json.at("stored"), *draw.stored);
    example.expect("commitment", bytes_of_field(json, "commitment"));
    std::vector<Bytes> path;
    for (const auto& sibling : json.at("commitment_path"))
        path.push_back(from_hex(sibling.get<std::string>()).value());
    example.expect_list("commitment_path", path);
    EXPECT_EQ(bytes_of_field(json, "blob"), given);
    example.expect("given_sha256", sha256(given));
    example.expect("given_commitment", blob_to_kzg_commitment(BlobView{given}).value().bytes());

    const auto shown = judge_evidence(json.dump(), {}).value();
    EXPECT_TRUE(shown.is_shown);
    EXPECT_EQ(shown.accused, Accused::member);
    EXPECT_EQ(shown.object_root, header.root());
    json["blob"] = to_hex(honest);
    EXPECT_FALSE(judge_evidence(json.dump(), {}).value().is_shown);
}

}  // namespace ashlar::test
