/// `ashlar verify-evidence` on what `sample --evidence` keeps, and on files that somebody changed.

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "tests/sampling-client/sparse_object.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

using testing::HasSubstr;
using Json = nlohmann::json;

/// Gives cells with one bit changed.
class CellLiar final : public SparseNode
{
public:
    using SparseNode::SparseNode;
    Result<CellAnswer> get_cell(
        const Bytes32& root, std::uint64_t stored, std::uint64_t cell_index) override
    {
        auto answer = SparseNode::get_cell(root, stored, cell_index);
        if (answer)
            answer->cell[2047] ^= std::byte{1};
        return answer;
    }
};

class verify_evidence : public testing::Test
{
protected:
    /// What a client keeps of an object whose only member lies, in a file of this test's folder.
    [[nodiscard]] std::filesystem::path false_sample() const
    {
        // Sampling takes a while.
        static const std::string text = [] {
            const TemporaryFolder folder;
            return contents_of(sample_for_evidence(folder, true));
        }();
        return folder_.write("evidence.json", text);
    }

    /// Samples an object whose only member lies, or whose commitments are no codeword.
    static std::filesystem::path sample_for_evidence(
        const TemporaryFolder& folder, bool is_codeword)
    {
        const SparseObject object{{40, 40}, is_codeword};
        CellLiar liar{object};
        const std::array<NodeApi*, 1> nodes{&liar};
        SeededRandom random{1};
        const auto report = sample(object.root(), make_committee(1), nodes, random,
            {.error = 1e-3,
                .full_commitments = !is_codeword,
                .deadline = std::chrono::minutes{30},
                .evidence_folder = folder.path()},
            no_progress())
                                .value();
        EXPECT_EQ(report.verdict, is_codeword ? Verdict::unavailable : Verdict::invalid);
        return report.evidence.back();
    }

    /// @return  the exit code; what was printed is in out_ and err_.
    ExitCode run(const std::filesystem::path& file, bool json = false)
    {
        std::vector<const char*> words{"ashlar", "verify-evidence", file.c_str()};
        if (json)
            words.push_back("--json");
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const auto code = run_ashlar(static_cast<int>(words.size()), words.data());
        err_ = testing::internal::GetCapturedStderr();
        out_ = testing::internal::GetCapturedStdout();
        return code;
    }

    /// The evidence with one field changed, in a file beside it.
    std::filesystem::path with(
        const std::filesystem::path& file, const char* key, const Json& value)
    {
        auto json = Json::parse(contents_of(file));
        json[key] = value;
        return folder_.write("changed.json", json.dump());
    }

    TemporaryFolder folder_;
    std::string out_;
    std::string err_;
};

TEST_F(verify_evidence, false_answer_is_shown_and_needs_the_word_of_its_keeper)
{
    const auto file = false_sample();
    EXPECT_EQ(run(file), ExitCode::done) << err_;
    EXPECT_THAT(out_, testing::StartsWith("FALSE ANSWER  0x"));
    EXPECT_THAT(out_, HasSubstr("the word of whoever kept the file"));

    EXPECT_EQ(run(file, true), ExitCode::done);
    const auto summary = Json::parse(out_.substr(out_.rfind("{\"message_type\"")));
    EXPECT_EQ(summary.at("accused"), "member");
    EXPECT_EQ(summary.at("shown"), true);
    EXPECT_EQ(summary.at("object_root"), Json::parse(contents_of(file)).at("object_root"));
}

TEST_F(verify_evidence, true_answer_put_in_its_place_shows_nothing)
{
    const auto file = false_sample();
    auto cell = Json::parse(contents_of(file)).at("cell").get<std::string>();
    const auto last = std::stoul(cell.substr(cell.size() - 2), nullptr, 16) ^ 1U;
    cell.replace(cell.size() - 2, 2, fmt::format("{:02x}", last));
    EXPECT_EQ(run(with(file, "cell", cell)), ExitCode::answer_is_no) << err_;
    EXPECT_THAT(out_, testing::StartsWith("NOT SHOWN  0x"));
}

TEST_F(verify_evidence, bytes_of_another_object_or_none_are_unusable)
{
    const auto file = false_sample();
    for (const auto& [key, value] :
        std::initializer_list<std::pair<const char*, Json>>{{"object_root", std::string(64, '0')},
            {"header", std::string(1024, '0')}, {"stored", 41}, {"commitment_path", Json::array()},
            {"cell", "00"}, {"format", "ashlar/evidence/v2"}, {"kind", "false_hope"}})
    {
        EXPECT_EQ(run(with(file, key, value)), ExitCode::unusable) << key;
        EXPECT_EQ(out_, "") << key;
        EXPECT_EQ(std::ranges::count(err_, '\n'), 1) << key << err_;
    }
    EXPECT_EQ(run(folder_.path() / "missing.json"), ExitCode::unusable);
    EXPECT_EQ(
        run(folder_.write("huge.json", std::string((1u << 20) + 1, ' '))), ExitCode::unusable);
}

TEST_F(verify_evidence, invalid_object_is_shown_by_the_commitments_beside_the_file)
{
    const auto file = sample_for_evidence(folder_, false);
    EXPECT_EQ(run(file), ExitCode::done) << err_;
    EXPECT_THAT(out_, testing::StartsWith("INVALID OBJECT  0x"));
    EXPECT_THAT(out_, testing::Not(HasSubstr("the word of")));

    const auto name = Json::parse(contents_of(file)).at("commitments_file").get<std::string>();
    auto commitments = contents_of(folder_.path() / name);
    commitments.back() = static_cast<char>(commitments.back() ^ 1);
    folder_.write(name, commitments);
    EXPECT_EQ(run(file), ExitCode::unusable) << "they are no longer the header's";
}

}  // namespace
}  // namespace ashlar::test
