#include "sampling-client/evidence_judge.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sampling-client/evidence.hpp"
#include "tests/sampling-client/sampling_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

using testing::HasSubstr;
using Json = nlohmann::json;

/// Tells another walk than it was asked for, or cells with one bit changed.
class Liar final : public SparseNode
{
public:
    Liar(const SparseObject& object, bool about_walks) : SparseNode{object}, walks_{about_walks} {}
    Result<Bytes> get_walk(const Bytes32& root, std::uint64_t position) override
    {
        return SparseNode::get_walk(root, walks_ ? position ^ 64 : position);
    }
    Result<CellAnswer> get_cell(
        const Bytes32& root, std::uint64_t stored, std::uint64_t cell_index) override
    {
        auto answer = SparseNode::get_cell(root, stored, cell_index);
        if (answer && !walks_)
            answer->cell[5] ^= std::byte{1};
        return answer;
    }

private:
    bool walks_;
};

/// One file of evidence that a client keeps when member 2 lies.
std::string kept_evidence(bool about_walks, SparseObjectCounts counts = {40, 40})
{
    SamplingNetwork network{counts};
    Liar liar{network.object(), about_walks};
    network.replace(2, &liar);
    const TemporaryFolder folder;
    const auto report = network.sample(
        {.error = 1e-3, .full_commitments = false, .evidence_folder = folder.path()});
    EXPECT_FALSE(report.evidence.empty()) << to_string(report.verdict) << report.reason;
    return report.evidence.empty() ? "" : contents_of(report.evidence.front());
}

Result<Judgement> judge(const std::string& text)
{
    return judge_evidence(text, "/nowhere");
}

TEST(evidence_judge, false_samples_are_shown_with_and_without_walks)
{
    for (const std::uint64_t blobs : {8U, 40U})
    {
        const auto text = kept_evidence(false, {blobs, blobs});
        const auto judged = judge(text);
        ASSERT_TRUE(judged) << judged.error().message;
        EXPECT_TRUE(judged->is_shown);
        EXPECT_EQ(judged->accused, Accused::member);
        EXPECT_THAT(judged->text, HasSubstr("does not match its commitment"));

        auto truth = Json::parse(text);
        auto cell = truth["cell"].get<std::string>();
        const auto byte = std::stoul(cell.substr(12, 2), nullptr, 16) ^ 1U;
        truth["cell"] = cell.replace(12, 2, fmt::format("{:02x}", byte));
        EXPECT_FALSE(judge(truth.dump())->is_shown);

        auto elsewhere = Json::parse(text);
        elsewhere["stored"] = (elsewhere["stored"].get<std::uint64_t>() + 1) % blobs;
        EXPECT_FALSE(judge(elsewhere.dump())) << "the commitment is another position's";
    }
}

TEST(evidence_judge, false_walks_are_shown)
{
    const auto text = kept_evidence(true);
    const auto judged = judge(text);
    ASSERT_TRUE(judged) << judged.error().message;
    EXPECT_TRUE(judged->is_shown);
    EXPECT_EQ(judged->accused, Accused::member);

    auto truth = Json::parse(text);
    truth["position"] = truth["position"].get<std::uint64_t>() ^ 64U;
    EXPECT_FALSE(judge(truth.dump())->is_shown);
}

TEST(evidence_judge, invalid_objects_are_shown)
{
    for (const bool full : {false, true})
    {
        const SamplingNetwork network{{40, 40}, false};
        const TemporaryFolder folder;
        const auto report =
            network.sample({.full_commitments = full, .evidence_folder = folder.path()});
        ASSERT_EQ(report.verdict, Verdict::invalid);
        const auto judged = judge_evidence(contents_of(report.evidence.back()), folder.path());
        ASSERT_TRUE(judged) << judged.error().message;
        EXPECT_TRUE(judged->is_shown);
        EXPECT_EQ(judged->accused, Accused::publisher);
    }
}

TEST(evidence_judge, honest_walks_show_nothing)
{
    const SparseObject object{{40, 40}};
    Json json{{"format", EVIDENCE_FORMAT}, {"kind", "invalid_walk"},
        {"object_root", to_hex(object.root())}, {"header", to_hex(object.header().bytes())},
        {"fold_record", to_hex(object.fold().record.encode())}, {"position", 70},
        {"walk", to_hex(object.walk(70))}};
    EXPECT_FALSE(judge(json.dump())->is_shown);
    json["kind"] = "invalid_record";
    EXPECT_FALSE(judge(json.dump())->is_shown);
    json["kind"] = "false_walk";
    EXPECT_FALSE(judge(json.dump())->is_shown);
    json["walk"] = "00";
    json["kind"] = "invalid_walk";
    EXPECT_FALSE(judge(json.dump())) << "a walk that is not the header's says nothing of it";
}

TEST(evidence_judge, what_is_no_evidence_is_refused)
{
    const auto good = Json::parse(kept_evidence(true));
    for (const auto* const key :
        {"format", "kind", "object_root", "header", "fold_record", "position", "walk"})
    {
        auto missing = good;
        missing.erase(key);
        EXPECT_FALSE(judge(missing.dump())) << key;
        auto wrong = good;
        wrong[key] = Json::array();
        EXPECT_FALSE(judge(wrong.dump())) << key;
    }
    auto other_root = good;
    other_root["object_root"] = std::string(64, '0');
    EXPECT_FALSE(judge(other_root.dump()));
    for (const auto* const text : {"", "[]", "{", "null", R"({"format":"ashlar/evidence/v2"})"})
        EXPECT_FALSE(judge(text));
    auto outside = good;
    outside["kind"] = "invalid_object";
    outside["commitments_file"] = "../commitments.bin";
    EXPECT_FALSE(judge(outside.dump()));
}

}  // namespace
}  // namespace ashlar::test
