// The consensus-spec vectors for EIP-4844 and EIP-7594. Every case is run and counted; one that
// cannot be read is a failure, and so is a suite that this file does not know.

#include <functional>
#include <iostream>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "commitments/kzg.hpp"
#include "tests/support/vectors.hpp"

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

Result<Answer> compute_blob_challenge(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto commitment, sized<48>(input["commitment"]));
    return Answer{hex(compute_challenge(blob, commitment).to_bytes())};
}

Result<Answer> compute_blob_proof(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto commitment, sized<48>(input["commitment"]));
    ASHLAR_TRY(const auto proof, compute_blob_kzg_proof(blob, commitment));
    return Answer{hex(proof.bytes())};
}

Result<Answer> verify_blob_proof(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blob, sized<BYTES_PER_BLOB>(input["blob"]));
    ASHLAR_TRY(const auto commitment, sized<48>(input["commitment"]));
    ASHLAR_TRY(const auto proof, sized<48>(input["proof"]));
    return answer_of(verify_blob_kzg_proof(blob, commitment, proof));
}

Result<Answer> verify_blob_proof_batch(const YAML::Node& input)
{
    ASHLAR_TRY(const auto blobs, sized_list<BYTES_PER_BLOB>(input["blobs"]));
    ASHLAR_TRY(const auto commitments, sized_list<48>(input["commitments"]));
    ASHLAR_TRY(const auto proofs, sized_list<48>(input["proofs"]));
    return answer_of(
        verify_blob_kzg_proof_batch(std::as_bytes(std::span{blobs}), commitments, proofs));
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

Result<Answer> cell_batch_challenge(const YAML::Node& input)
{
    ASHLAR_TRY(const auto commitments, sized_list<48>(input["commitments"]));
    ASHLAR_TRY(const auto proofs, sized_list<48>(input["proofs"]));
    // The specification's function takes cells as lists of elements.
    std::vector<Cell> claimed;
    for (const auto& elements : input["cosets_evals"])
    {
        ASHLAR_TRY(const auto values, sized_list<BYTES_PER_ELEMENT>(elements));
        Bytes cell;
        for (const auto& value : values)
            append(cell, value);
        if (cell.size() != BYTES_PER_CELL)
            return fail(ErrorKind::invalid_input, "{} bytes are no cell", cell.size());
        claimed.push_back(to_array(ByteView{cell}.first<BYTES_PER_CELL>()));
    }
    const auto rows = input["commitment_indices"].as<std::vector<std::uint64_t>>();
    const auto columns = input["cell_indices"].as<std::vector<std::uint64_t>>();
    const auto challenge =
        compute_verify_cell_kzg_proof_batch_challenge(commitments, rows, columns, claimed, proofs);
    return Answer{hex(challenge.to_bytes())};
}

Result<Answer> recover(const YAML::Node& input)
{
    const auto indices = input["cell_indices"].as<std::vector<std::uint64_t>>();
    ASHLAR_TRY(const auto known, sized_list<BYTES_PER_CELL>(input["cells"]));
    ASHLAR_TRY(const auto recovered, recover_cells_and_kzg_proofs(indices, known));
    Answer out;
    append_hex(out, recovered.cells);
    for (const auto& proof : recovered.proofs)
        out.push_back(hex(proof.bytes()));
    return out;
}

const std::map<std::string, Suite> SUITES = {
    {"blob_to_kzg_commitment", blob_to_commitment},
    {"compute_blob_kzg_proof", compute_blob_proof},
    {"compute_cells", cells},
    {"compute_cells_and_kzg_proofs", cells_and_proofs},
    {"compute_challenge", compute_blob_challenge},
    {"compute_kzg_proof", compute_proof},
    {"compute_verify_cell_kzg_proof_batch_challenge", cell_batch_challenge},
    {"recover_cells_and_kzg_proofs", recover},
    {"verify_blob_kzg_proof", verify_blob_proof},
    {"verify_blob_kzg_proof_batch", verify_blob_proof_batch},
    {"verify_cell_kzg_proof_batch", verify_cell_batch},
    {"verify_kzg_proof", verify_proof},
};

/// The call itself must fail: not merely say no. Too few cells to recover from are of this kind.
bool is_refusal(ErrorKind kind)
{
    return kind == ErrorKind::invalid_input || kind == ErrorKind::insufficient;
}

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
    if (expected.IsNull())
    {
        if (result)
            return "succeeded where the call must fail";
        return is_refusal(result.error().kind) ? "" : "answered where the call must fail";
    }
    if (expected.IsScalar() && expected.as<std::string>() == "false")
    {
        if (result)
            return "true instead of false";
        return result.error().kind == ErrorKind::proof_invalid ? "" : "failed instead of false";
    }
    if (!result)
        return fmt::format("failed: {}", result.error().message);
    Answer wanted;
    if (!expected.IsScalar() || expected.as<std::string>() != "true")
        flatten(expected, wanted);
    return *result == wanted ? "" : "another answer";
}

/// Cases of a suite by what they expect.
struct Tally
{
    std::size_t count = 0;
    std::size_t passed = 0;
    std::size_t must_fail = 0;
    std::size_t false_claims = 0;
};

std::string run_case(const Suite& suite, const std::filesystem::path& folder, Tally& tally)
try
{
    ++tally.count;
    const auto data = YAML::LoadFile(folder / "data.yaml");
    const auto& expected = data["output"];
    if (expected.IsDefined() && expected.IsNull())
        ++tally.must_fail;
    else if (expected.IsDefined() && expected.IsScalar() && expected.as<std::string>() == "false")
        ++tally.false_claims;
    return judge(suite(data["input"]), expected);
}
catch (const std::exception& error)
{
    return fmt::format("cannot be read: {}", error.what());
}

void run_suite(const std::filesystem::path& folder, const Suite& suite)
{
    Tally tally;
    for (const auto& test_case : test::sorted_entries(folder))
    {
        const auto wrong = run_case(suite, test_case, tally);
        tally.passed += wrong.empty() ? 1 : 0;
        EXPECT_EQ(wrong, "") << test_case;
    }
    EXPECT_GT(tally.count, 0U) << folder << " is empty";
    std::cout << fmt::format("{}: {} passed of {}; {} must fail, {} are false\n",
        folder.filename().native(), tally.passed, tally.count, tally.must_fail, tally.false_claims);
}

TEST(kzg_vectors, every_suite_agrees)
{
    // Without them commitments_test still compares with c-kzg on random inputs.
    const auto folder = test::vectors_folder("kzg");
    if (!folder)
        return;
    std::set<std::string> seen;
    for (const auto& suite_folder : test::sorted_entries(*folder))
    {
        const auto name = suite_folder.filename().native();
        seen.insert(name);
        if (const auto known = SUITES.find(name); known != SUITES.end())
            run_suite(suite_folder, known->second);
        else
            ADD_FAILURE() << "unknown suite " << name;
    }
    for (const auto& [name, suite] : SUITES)
        EXPECT_TRUE(seen.contains(name)) << "missing suite " << name;
}

}  // namespace
}  // namespace ashlar
