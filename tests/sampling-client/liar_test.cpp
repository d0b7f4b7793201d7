#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/merkle.hpp"
#include "sampling-client/evidence.hpp"
#include "tests/sampling-client/sampling_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ashlar::test
{
namespace
{

using testing::HasSubstr;

/// Gives other cells than it was asked for.
class CellLiar final : public SparseNode
{
public:
    using Lie = std::function<Result<CellAnswer>(
        const SparseObject&, std::uint64_t stored, std::uint64_t cell_index)>;

    CellLiar(const SparseObject& object, Lie lie) : SparseNode{object}, lie_{std::move(lie)} {}

    Result<CellAnswer> get_cell(
        const Bytes32&, std::uint64_t stored, std::uint64_t cell_index) override
    {
        return lie_(content(), stored, cell_index);
    }

private:
    Lie lie_;
};

/// Gives other blobs than it was asked for.
class BlobLiar final : public SparseNode
{
public:
    using Lie =
        std::function<Result<void>(const SparseObject&, std::uint64_t piece, const PieceSink&)>;

    BlobLiar(const SparseObject& object, Lie lie) : SparseNode{object}, lie_{std::move(lie)} {}

    Result<void> get_pieces(
        const Bytes32&, std::span<const std::uint64_t> pieces, const PieceSink& sink) override
    {
        return lie_(content(), pieces.front(), sink);
    }

private:
    Lie lie_;
};

constexpr std::size_t LIAR = 2;

/// Enough samples to meet a liar who holds an eighth, and fewer than the default takes.
constexpr double CELL_ERROR = 1e-3;
constexpr double BLOB_ERROR = 1e-5;

/// Samples with a liar among eight, who must be named and must do no other harm.
void expect_named(SamplingNetwork& network, LightNodeApi& liar, SampleMode mode = SampleMode::cell)
{
    network.replace(LIAR, &liar);
    const auto report =
        network.sample({.error = mode == SampleMode::cell ? CELL_ERROR : BLOB_ERROR, .mode = mode});
    EXPECT_EQ(report.verdict, Verdict::available) << report.reason;
    EXPECT_GT(report.failures, 0);
    for (std::size_t m = 0; m < MEMBERS; ++m)
    {
        const auto& member = report.members[m];
        EXPECT_EQ(member.false_answers, m == LIAR ? report.failures : 0) << m;
        EXPECT_EQ(member.asked, member.answered + member.failed + member.false_answers);
    }
}

void expect_cell_liar_named(CellLiar::Lie lie)
{
    SamplingNetwork network;
    CellLiar liar{network.object(), std::move(lie)};
    expect_named(network, liar);
}

TEST(liar, false_cell_is_named_and_counts_as_failed)
{
    expect_cell_liar_named([](const auto& object, auto stored, auto index) {
        auto answer = object.cell(stored, index);
        answer.cell[BYTES_PER_CELL - 1] ^= std::byte{1};
        return answer;
    });
}

TEST(liar, false_proof_is_named_and_counts_as_failed)
{
    expect_cell_liar_named([](const auto& object, auto stored, auto index) {
        auto answer = object.cell(stored, index);
        answer.proof = G1::generator().compress();
        return answer;
    });
}

TEST(liar, valid_answer_for_another_cell_is_named)
{
    expect_cell_liar_named([](const auto& object, auto stored, auto index) {
        return object.cell(stored, (index + 1) % CELLS_PER_EXT_BLOB);
    });
}

TEST(liar, valid_answer_for_another_blob_is_named)
{
    expect_cell_liar_named([](const auto& object, auto stored, auto index) {
        return object.cell((stored + 1) % 16, index);
    });
}

TEST(liar, infinity_as_proof_is_named)
{
    expect_cell_liar_named([](const auto& object, auto stored, auto index) {
        auto answer = object.cell(stored, index);
        answer.proof = Commitment{}.bytes();
        return answer;
    });
}

TEST(liar, zero_cell_with_infinity_as_proof_is_named)
{
    expect_cell_liar_named([](const auto&, auto, auto) {
        return CellAnswer{.cell = {}, .proof = Commitment{}.bytes()};
    });
}

TEST(liar, bytes_that_are_no_point_or_no_element_are_named)
{
    expect_cell_liar_named([](const auto& object, auto stored, auto index) {
        auto answer = object.cell(stored, index);
        answer.proof = {};
        return answer;
    });
    expect_cell_liar_named([](const auto& object, auto stored, auto index) {
        auto answer = object.cell(stored, index);
        answer.cell.fill(std::byte{0xff});
        return answer;
    });
}

TEST(liar, reply_that_breaks_the_protocol_is_named)
{
    // What transport makes of an answer of a wrong length.
    expect_cell_liar_named([](const auto&, auto, auto) -> Result<CellAnswer> {
        return fail(ErrorKind::proof_invalid, "cell has 2047 bytes instead of 2048");
    });
}

TEST(liar, false_blob_is_named)
{
    SamplingNetwork network;
    BlobLiar liar{network.object(), [](const auto& object, auto piece, const auto& sink) {
                      auto bytes = object.blob(piece);
                      bytes[BYTES_PER_BLOB - 1] ^= std::byte{1};
                      return sink({.piece = piece, .bytes = BlobView{bytes}});
                  }};
    expect_named(network, liar, SampleMode::blob);
}

TEST(liar, blob_under_another_index_and_blob_sent_twice_are_named)
{
    for (const bool twice : {false, true})
    {
        SamplingNetwork network;
        BlobLiar liar{network.object(),
            [twice](const auto& object, auto piece, const auto& sink) -> Result<void> {
                const auto bytes = object.blob(piece);
                if (twice)
                    ASHLAR_CHECK(sink({.piece = piece, .bytes = BlobView{bytes}}));
                return sink({.piece = twice ? piece : piece + 1, .bytes = BlobView{bytes}});
            }};
        expect_named(network, liar, SampleMode::blob);
    }
}

TEST(liar, blobs_that_never_come_count_as_failed)
{
    SamplingNetwork network;
    BlobLiar silent{
        network.object(), [](const auto&, auto, const auto&) { return Result<void>{}; }};
    network.replace(LIAR, &silent);
    const auto report = network.sample({.error = BLOB_ERROR, .mode = SampleMode::blob});
    EXPECT_GT(report.failures, 0);
    EXPECT_EQ(report.members[LIAR].failed, report.failures);
    EXPECT_THAT(report.members[LIAR].last_error, HasSubstr("does not have piece"));
}

TEST(liar, all_that_send_nothing_are_unavailable)
{
    SamplingNetwork network;
    BlobLiar silent{
        network.object(), [](const auto&, auto, const auto&) { return Result<void>{}; }};
    for (std::size_t m = 0; m < MEMBERS; ++m)
        network.replace(m, &silent);
    const auto report = network.sample({.error = BLOB_ERROR, .mode = SampleMode::blob});
    EXPECT_EQ(report.verdict, Verdict::unavailable) << report.reason;
    EXPECT_EQ(report.failures, report.samples);
}

TEST(liar, five_of_eight_that_lie_are_as_good_as_down)
{
    SamplingNetwork network;
    CellLiar liar{network.object(), [](const auto& object, auto stored, auto index) {
                      return object.cell(stored, index ^ 1U);
                  }};
    for (std::size_t m = 0; m < 5; ++m)
        network.replace(m, &liar);
    const auto report = network.sample({.error = CELL_ERROR});
    EXPECT_EQ(report.verdict, Verdict::unavailable);
    EXPECT_THAT(report.reason, HasSubstr("nodes with false answers: 0, 1, 2, 3, 4"));
}

TEST(liar, evidence_lets_another_program_check_the_lie)
{
    SamplingNetwork network;
    const TemporaryFolder folder;
    CellLiar liar{network.object(), [](const auto& object, auto stored, auto index) {
                      return object.cell(stored, index ^ 1U);
                  }};
    network.replace(LIAR, &liar);
    const auto report =
        network.sample({.error = CELL_ERROR, .evidence_folder = folder.path() / "made" / "here"});
    ASSERT_FALSE(report.evidence.empty());
    EXPECT_LE(report.evidence.size(), EVIDENCE_FILES_MAX);

    const auto json = nlohmann::json::parse(contents_of(report.evidence.front()));
    const auto bytes = [&](const char* key) {
        return from_hex(json.at(key).get<std::string>()).value();
    };
    const auto& object = network.object();
    EXPECT_TRUE(equal(bytes("object_root"), object.root()));
    EXPECT_TRUE(equal(bytes("member_key"), network.committee().members()[LIAR].key.bytes()));

    std::vector<Bytes32> path;
    for (const auto& sibling : json.at("commitment_path"))
        path.push_back(array_from_hex<32>(sibling.get<std::string>()).value());
    const auto commitment = array_from_hex<48>(json.at("commitment").get<std::string>()).value();
    const auto position = json.at("position").get<std::uint64_t>();
    EXPECT_EQ(
        position, object.header().shape().position_of(json.at("stored").get<std::uint64_t>()));
    EXPECT_TRUE(verify_merkle_path(object.header().fields().commitments_root,
        commitment_leaf(commitment), position, path.size(), path));

    const auto cell = bytes("cell");
    const auto index = json.at("cell_index").get<std::uint64_t>();
    const auto proof = Proof::parse(std::span<const std::byte, 48>{bytes("proof")}).value();
    const auto parsed = Commitment::parse(commitment).value();
    const CellClaim told{parsed, index, CellView{cell}, proof};
    EXPECT_FALSE(verify_cells({&told, 1}));
    const CellClaim truth_elsewhere{parsed, index ^ 1U, CellView{cell}, proof};
    EXPECT_TRUE(verify_cells({&truth_elsewhere, 1}));
}

/// Lies about what everybody must know before sampling.
class MetadataLiar final : public SparseNode
{
public:
    enum class Kind : std::uint8_t
    {
        header,
        short_commitments,
        other_commitments,
    };
    MetadataLiar(const SparseObject& object, Kind kind) : SparseNode{object}, kind_{kind} {}

    Result<ObjectInfo> object(const Bytes32& root) override
    {
        ASHLAR_TRY(auto info, SparseNode::object(root));
        if (kind_ == Kind::header)
            info.header[8] ^= std::byte{1};
        return info;
    }
    Result<ObjectMetadata> metadata(const Bytes32& root) override
    {
        ASHLAR_TRY(auto metadata, SparseNode::metadata(root));
        if (kind_ == Kind::short_commitments)
            metadata.commitments.pop_back();
        if (kind_ == Kind::other_commitments)
            std::swap_ranges(metadata.commitments.begin(), metadata.commitments.begin() + 48,
                metadata.commitments.begin() + 48);
        return metadata;
    }

private:
    Kind kind_;
};

TEST(liar, seven_false_headers_or_commitments_do_no_harm)
{
    using Kind = MetadataLiar::Kind;
    for (const auto kind : {Kind::header, Kind::short_commitments, Kind::other_commitments})
    {
        SamplingNetwork network;
        MetadataLiar liar{network.object(), kind};
        for (std::size_t m = 0; m + 1 < MEMBERS; ++m)
            network.replace(m, &liar);
        const auto report = network.sample({.error = CELL_ERROR, .full_commitments = true});
        EXPECT_EQ(report.verdict, Verdict::available) << report.reason;
        std::uint64_t false_answers = 0;
        for (const auto& member : report.members)
            false_answers += member.false_answers;
        EXPECT_GT(false_answers, 0);
        EXPECT_EQ(report.members[MEMBERS - 1].false_answers, 0);
    }
}

TEST(liar, commitments_false_everywhere_are_unconfirmed_and_never_invalid)
{
    SamplingNetwork network;
    MetadataLiar liar{network.object(), MetadataLiar::Kind::other_commitments};
    for (std::size_t m = 0; m < MEMBERS; ++m)
        network.replace(m, &liar);
    const auto report = network.sample({.error = CELL_ERROR, .full_commitments = true});
    EXPECT_EQ(report.verdict, Verdict::unconfirmed);
    EXPECT_THAT(report.reason, HasSubstr("no node gave commitments with the header's root"));
    EXPECT_THAT(report.reason, HasSubstr("nodes with false answers: 0"));
}

}  // namespace
}  // namespace ashlar::test
