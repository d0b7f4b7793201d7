#pragma once

/// A publisher's signed statement about a checkpoint: its files, licence, parent and training data.
/// docs/formats/provenance.md.
///
/// The statement's SHA-256 is the header's provenance_root; the statement itself travels in the
/// object, as the file STATEMENT_FILE.

#include <functional>
#include <optional>

#include "checkpoint/directory.hpp"
#include "provenance/dsse.hpp"

namespace ashlar
{

inline constexpr std::string_view STATEMENT_FILE = "ashlar.intoto.json";
inline constexpr std::string_view STATEMENT_PREDICATE_TYPE = "https://ashlar/provenance/v1";
inline constexpr std::size_t DATASETS_MAX = 4096;

/// Some 60,000 files. Its base64 in an envelope is still read back.
inline constexpr std::size_t STATEMENT_BYTES_MAX = SIGNED_JSON_BYTES_MAX / 2;

struct Dataset
{
    std::string name;
    std::string uri;  ///< May be empty.
    Bytes32 sha256;

    friend bool operator==(const Dataset&, const Dataset&) = default;
};

/// What the publisher says beside the list of files.
struct ProvenanceClaims
{
    std::string license;    ///< An SPDX expression; may be empty.
    Bytes32 parent_root{};  ///< The object that this one was made from, or zero.
    std::vector<Dataset> datasets;

    friend bool operator==(const ProvenanceClaims&, const ProvenanceClaims&) = default;
};

/// Reads a publisher's own file: {"license": "Apache-2.0", "datasets": [{"name": "…", "uri": "…",
/// "sha256": "…"}]}. All members may be missing but a dataset's name and sha256.
///
/// @return  invalid_input for other members or values: a misspelt licence must not be dropped.
[[nodiscard]] Result<ProvenanceClaims> parse_provenance_file(ByteView text);

/// The canonical JSON of an in-toto statement about a directory's files: all but STATEMENT_FILE
/// itself and MODEL_SIGNATURE_FILE, which may sign this one.
///
/// @return  invalid_input if a claim is not UTF-8, there are more than DATASETS_MAX datasets, or
/// the
///          statement passes STATEMENT_BYTES_MAX.
[[nodiscard]] Result<Bytes> make_statement(
    const Directory& directory, const ProvenanceClaims& claims);

/// SHA-256 of the statement: what the object's header holds.
[[nodiscard]] Bytes32 provenance_root_of(ByteView statement);

/// Signs with an Ed25519 key that the caller keeps.
struct StatementSigner
{
    Bytes32 public_key;
    std::function<Bytes64(ByteView message)> sign;
};

/// The contents of STATEMENT_FILE.
/// @pre  the statement came from make_statement()
[[nodiscard]] Bytes sign_statement(ByteView statement, const StatementSigner& signer);

/// A statement whose signature holds.
struct SignedStatement
{
    Bytes32 public_key;  ///< Ed25519; whose it is the reader must know.
    Bytes statement;
    ProvenanceClaims claims;

    /// Files that are not as stated, not stated, or not there; a sentence each.
    std::vector<std::string> mismatches;

    [[nodiscard]] Bytes32 provenance_root() const { return provenance_root_of(statement); }
};

/// Opens the contents of STATEMENT_FILE and compares the statement with the directory it lies in.
///
/// @return  invalid_input if it is no envelope of a statement in canonical form; proof_invalid if
///          its signature does not hold.
[[nodiscard]] Result<SignedStatement> open_statement(ByteView file, const Directory& directory);

}  // namespace ashlar
