// The consensus-spec vectors for EIP-4844 and EIP-7594. Every case is run and counted; one that
// cannot be read is a failure, and so is a suite that this file does not know.

#include <functional>
#include <iostream>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "base/hash.hpp"
#include "commitments/cells.hpp"
#include "tests/oracle/vectors.hpp"

namespace ashlar
{
namespace
{

/// The hexadecimal strings of an output, flattened; none for a verifier.
using Answer = std::vector<std::string>;
using Suite = std::function<Result<Answer>(const YAML::Node& input)>;

/// Bytes of a hexadecimal scalar. Bad digits throw: then the case itself is broken.
Bytes raw_bytes(const YAML::Node& node)
{
    return from_hex(node.as<std::string>()).value();
}

/// invalid_input for a wrong length, where the typed interface cannot even be called.
template <std::size_t N>
Result<ByteArray<N>> sized(const YAML::Node& node)
{
    const auto bytes = raw_bytes(node);
    if (bytes.size() != N)
        return fail(ErrorKind::invalid_input, "{} bytes instead of {}", bytes.size(), N);
    return to_array(ByteView{bytes}.first<N>());
}

template <std::size_t N>
Result<std::vector<ByteArray<N>>> sized_list(const YAML::Node& nodes)
{
    std::vector<ByteArray<N>> out;
    for (const auto& node : nodes)
    {
        ASHLAR_TRY(const auto bytes, sized<N>(node));
        out.push_back(bytes);
    }
    return out;
}

std::string hex(ByteView bytes)
{
    return "0x" + to_hex(bytes);
}

template <typename Range>
void append_hex(Answer& out, const Range& items)
{
    for (const auto& item : items)
        out.push_back(hex(item));
}

Result<Answer> answer_of(Result<void> verdict)
{
    ASHLAR_CHECK(std::move(verdict));
    return Answer{};
}

// EIP-4844.

Result<Answer> blob_to_commitment(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto commitment, blob_to_kzg_commitment(blob));
    return Answer{hex(commitment.bytes())};
}

Result<Answer> compute_proof(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto z, sized<32>(input["z"]));
    ASHLAR_TRY(const auto opening, compute_kzg_proof(blob, z));
    return Answer{hex(opening.proof.bytes()), hex(opening.value.to_bytes())};
}

Result<Answer> verify_proof(const YAML::Node& input)
{
    ASHLAR_TRY(const auto commitment, sized<48>(input["commitment"]));
    ASHLAR_TRY(const auto z, sized<32>(input["z"]));
    ASHLAR_TRY(const auto y, sized<32>(input["y"]));
    ASHLAR_TRY(const auto proof, sized<48>(input["proof"]));
    return answer_of(verify_kzg_proof(commitment, z, y, proof));
}

// The blob proofs of EIP-4844 are an opening at a hashed point. Ashlar opens at other points, but
// these suites exercise open_at() and verify_opening() all the same.

Fr blob_challenge(BlobView blob, const Bytes48& commitment)
{
    Hasher hasher{DigestKind::sha256};
    hasher.update(as_byte_view("FSBLOBVERIFY_V1_"));
    hasher.update(big_endian(std::uint64_t{0}));
    hasher.update(big_endian(std::uint64_t{ELEMENTS_PER_BLOB}));
    hasher.update(blob);
    hasher.update(commitment);
    return Fr::reduce(std::span<const std::byte, 32>{hasher.finish<32>()});
}

Result<void> verify_blob_proof(BlobView blob, const Bytes48& commitment, const Bytes48& proof)
{
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
    ASHLAR_TRY(const auto parsed_commitment, Commitment::parse(commitment));
    ASHLAR_TRY(const auto parsed_proof, Proof::parse(proof));
    const auto z = blob_challenge(blob, commitment);
    return verify_opening(parsed_commitment, z, evaluate(elements.values(), z), parsed_proof);
}

Result<Answer> compute_blob_challenge(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto commitment, sized<48>(input["commitment"]));
    return Answer{hex(blob_challenge(blob, commitment).to_bytes())};
}

Result<Answer> compute_blob_proof(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto commitment, sized<48>(input["commitment"]));
    ASHLAR_TRY(const auto elements, BlobElements::parse(blob));
    ASHLAR_CHECK(Commitment::parse(commitment));
    const auto opening = open_at(elements.values(), blob_challenge(blob, commitment));
    return Answer{hex(opening.proof.bytes())};
}

Result<Answer> verify_one_blob_proof(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto commitment, sized<48>(input["commitment"]));
    ASHLAR_TRY(const auto proof, sized<48>(input["proof"]));
    return answer_of(verify_blob_proof(blob, commitment, proof));
}

Result<Answer> verify_many_blob_proofs(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blobs, sized_list<BYTES_PER_BLOB>(input["blobs"]));
    ASHLAR_TRY(const auto commitments, sized_list<48>(input["commitments"]));
    ASHLAR_TRY(const auto proofs, sized_list<48>(input["proofs"]));
    if (commitments.size() != blobs.size() || proofs.size() != blobs.size())
        return fail(ErrorKind::invalid_input, "lists of different lengths");
    Result<void> verdict;
    for (std::size_t i = 0; i < blobs.size(); ++i)
    {
        auto one = verify_blob_proof(blobs[i], commitments[i], proofs[i]);
        // A malformed item fails the call, whatever a false one before it says.
        if (!one && (verdict || one.error().kind == ErrorKind::invalid_input))
            verdict = std::move(one);
    }
    return answer_of(std::move(verdict));
}

// EIP-7594.

Result<Answer> cells(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto computed, compute_cells(blob));
    Answer out;
    append_hex(out, computed);
    return out;
}

Result<Answer> cells_and_proofs(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto computed, compute_cells_and_kzg_proofs(blob));
    Answer out;
    append_hex(out, computed.cells);
    for (const auto& proof : computed.proofs)
        out.push_back(hex(proof.bytes()));
    return out;
}

Result<Answer> verify_cell_batch(const YAML::Node& input)
{
    ASHLAR_TRY(const auto commitments, sized_list<48>(input["commitments"]));
    ASHLAR_TRY(const auto claimed, sized_list<BYTES_PER_CELL>(input["cells"]));
    ASHLAR_TRY(const auto proofs, sized_list<48>(input["proofs"]));
    const auto indices = input["cell_indices"].as<std::vector<std::uint64_t>>();
    return answer_of(verify_cell_kzg_proof_batch(commitments, indices, claimed, proofs));
}

const std::map<std::string, Suite> SUITES = {
    {"blob_to_kzg_commitment", blob_to_commitment},
    {"compute_blob_kzg_proof", compute_blob_proof},
    {"compute_cells", cells},
    {"compute_cells_and_kzg_proofs", cells_and_proofs},
    {"compute_challenge", compute_blob_challenge},
    {"compute_kzg_proof", compute_proof},
    {"verify_blob_kzg_proof", verify_one_blob_proof},
    {"verify_blob_kzg_proof_batch", verify_many_blob_proofs},
    {"verify_cell_kzg_proof_batch", verify_cell_batch},
    {"verify_kzg_proof", verify_proof},
};

/// Suites of functions that Ashlar does not have, and why.
const std::map<std::string, std::string> NOT_EXPOSED = {
    {"compute_verify_cell_kzg_proof_batch_challenge", "weights are local randomness, not hashed"},
    {"recover_cells_and_kzg_proofs", "the code runs down the blobs, not along them"},
};

void flatten(const YAML::Node& node, Answer& out)
{
    if (node.IsScalar())
        out.push_back(node.as<std::string>());
    for (const auto& child : node)
        flatten(child, out);
}

/// Empty if the result is what the vector says, else what is wrong.
std::string judge(const Result<Answer>& result, const YAML::Node& expected)
{
    if (!expected.IsDefined())
        return "the case has no output";
    if (expected.IsNull() || (expected.IsScalar() && expected.as<std::string>() == "false"))
    {
        const auto kind = expected.IsNull() ? ErrorKind::invalid_input : ErrorKind::proof_invalid;
        if (result)
            return fmt::format("succeeded instead of {}", to_string(kind));
        if (result.error().kind != kind)
            return fmt::format("{} instead of {}", to_string(result.error().kind), to_string(kind));
        return {};
    }
    if (!result)
        return fmt::format("failed: {}", result.error().message);
    Answer wanted;
    if (!expected.IsScalar() || expected.as<std::string>() != "true")
        flatten(expected, wanted);
    return *result == wanted ? "" : "another answer";
}

std::string run_case(const Suite& suite, const std::filesystem::path& folder, bool& must_fail)
try
{
    const auto data = YAML::LoadFile(folder / "data.yaml");
    must_fail = data["output"].IsDefined() && data["output"].IsNull();
    return judge(suite(data["input"]), data["output"]);
}
catch (const std::exception& error)
{
    return fmt::format("cannot be read: {}", error.what());
}

void run_suite(const std::filesystem::path& folder, const Suite& suite)
{
    std::size_t count = 0;
    std::size_t passed = 0;
    std::size_t must_fail_count = 0;
    for (const auto& test_case : oracle::sorted_entries(folder))
    {
        bool must_fail = false;
        const auto wrong = run_case(suite, test_case, must_fail);
        ++count;
        passed += wrong.empty() ? 1 : 0;
        must_fail_count += must_fail ? 1 : 0;
        EXPECT_EQ(wrong, "") << test_case;
    }
    EXPECT_GT(count, 0U) << folder << " is empty";
    std::cout << fmt::format("{}: {} passed of {}, {} must-fail\n", folder.filename().native(),
        passed, count, must_fail_count);
}

TEST(kzg_vectors, every_suite_agrees)
{
    const auto folder = oracle::vectors_folder();
    if (!folder)
    {
        std::cout << "official vectors are absent (set ASHLAR_VECTORS); commitments_test still "
                     "compares with c-kzg on random inputs\n";
        return;
    }
    std::set<std::string> seen;
    for (const auto& suite_folder : oracle::sorted_entries(*folder / "kzg"))
    {
        const auto name = suite_folder.filename().native();
        seen.insert(name);
        if (const auto known = SUITES.find(name); known != SUITES.end())
            run_suite(suite_folder, known->second);
        else if (const auto unused = NOT_EXPOSED.find(name); unused != NOT_EXPOSED.end())
            std::cout << fmt::format("{}: not exposed: {}\n", name, unused->second);
        else
            ADD_FAILURE() << "unknown suite " << name;
    }
    for (const auto& [name, suite] : SUITES)
        EXPECT_TRUE(seen.contains(name)) << "missing suite " << name;
}

}  // namespace
}  // namespace ashlar
