/// make-fixtures FOLDER: encodes small checkpoints as the publisher does and writes inputs and
/// results as JSON, for the second implementation to recompute.

#include <cstdlib>
#include <filesystem>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/hash.hpp"
#include "commitments/fold.hpp"
#include "commitments/opening.hpp"
#include "object/certificate.hpp"
#include "object/placement.hpp"
#include "publisher/encoded_object.hpp"
#include "publisher/payload_blobs.hpp"
#include "publisher/publisher_key.hpp"
#include "tests/reference/fixture_cases.hpp"

namespace ashlar::test
{
namespace
{

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t EXPIRY_UNIX_SECONDS = 1'893'456'000;
constexpr std::string_view PUBLISHER_SEED =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Where a fixture's files lie; removed with everything in it.
class WorkFolder
{
public:
    [[nodiscard]] static Result<WorkFolder> make()
    {
        auto name = (fs::temp_directory_path() / "ashlar-fixtures-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            return fail(ErrorKind::unavailable, "cannot make a folder like {}", name);
        return WorkFolder{name};
    }
    WorkFolder(WorkFolder&& other) noexcept : path_{std::exchange(other.path_, {})} {}
    WorkFolder& operator=(WorkFolder&&) = delete;
    ~WorkFolder()
    {
        std::error_code ignored;
        if (!path_.empty())
            fs::remove_all(path_, ignored);
    }

    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

private:
    explicit WorkFolder(fs::path path) : path_{std::move(path)} {}

    fs::path path_;
};

Result<void> write_file(const fs::path& folder, const FileCase& file)
{
    const auto path = folder / file.path;
    ASHLAR_CHECK(make_folders(path.parent_path()));
    ASHLAR_TRY(const auto out, File::create(path, false));
    ASHLAR_CHECK(out.truncate(file.size));
    for (const auto& piece : file.pieces)
        ASHLAR_CHECK(out.write_at(piece.at, piece.bytes));
    return {};
}

Json describe(const FileCase& file)
{
    auto pieces = Json::array();
    for (const auto& piece : file.pieces)
        pieces.push_back({{"at", piece.at}, {"bytes", to_hex(piece.bytes)}});
    return {{"path", to_hex(as_byte_view(file.path))}, {"size", file.size}, {"pieces", pieces},
        {"opaque", file.opaque}};
}

Json describe(const CommitteeCase& committee)
{
    auto members = Json::array();
    for (const auto& member : committee.members)
        members.push_back({{"secret", to_hex(member.secret)},
            {"operator", to_hex(member.operator_id)}, {"weight", fmt::to_string(member.weight)}});
    auto records = Json::array();
    for (const auto& [member, record] : committee.records)
        records.push_back({{"member", member}, {"sequence", record.sequence},
            {"endpoint", record.endpoint}, {"certificate", record.tls_certificate}});
    return {{"chain_id", fmt::to_string(committee.binding.chain_id)},
        {"registry", to_hex(committee.binding.registry)}, {"members", members},
        {"records", records}};
}

Result<Committee> make_committee(const CommitteeCase& spec)
{
    Committee::Parts parts{.binding = spec.binding, .members = {}, .shards = {}, .records = {}};
    for (const auto& member : spec.members)
    {
        ASHLAR_TRY(const auto secret, BlsSecretKey::parse(member.secret));
        parts.members.push_back({.key = secret.public_key(),
            .possession_proof = secret.prove_possession().bytes(),
            .operator_id = member.operator_id,
            .weight = member.weight});
    }
    if (!spec.records.empty())
        parts.records.resize(spec.members.size());
    for (const auto& [member, record] : spec.records)
    {
        ASHLAR_TRY(const auto secret, BlsSecretKey::parse(spec.members[member].secret));
        const auto digest = node_record_digest(secret.public_key(), record);
        parts.records[member] = {record, secret.sign(digest).bytes()};
    }
    return Committee::make(std::move(parts));
}

/// The publisher sets neither parent nor provenance, so those of the case are put in afterwards.
Result<ObjectHeader> final_header(const ObjectHeader& encoded, const ObjectCase& object)
{
    auto fields = encoded.fields();
    if (object.parent)
    {
        fields.parent_root = object.parent->object_root;
        fields.placement_seed = object.parent->placement_seed;
    }
    if (object.provenance)
        fields.provenance_root = sha256(as_byte_view(*object.provenance));
    return ObjectHeader::make(fields);
}

Result<void> add_object(Json& results, const Payload& payload, const ObjectHeader& header,
    const ObjectMetadata& metadata)
{
    const auto& fields = header.fields();
    results["payload_bytes"] = fields.payload_bytes;
    results["directory_offset"] = fields.directory_offset;
    results["directory"] = to_hex(payload.directory().encode());
    results["directory_root"] = to_hex(fields.directory_root);
    results["commitments_sha256"] = to_hex(sha256(metadata.commitments));
    results["commitments_root"] = to_hex(fields.commitments_root);
    results["fold_root"] = to_hex(fields.fold_root);
    results["group_parity_hashes"] = to_hex(metadata.group_parity_hashes);
    results["header"] = to_hex(header.bytes());
    results["object_root"] = to_hex(header.root());

    ASHLAR_TRY(const auto parsed, parse_commitments(metadata.commitments));
    const auto data = std::span{parsed}.first(fields.data_blobs);
    const auto codeword = extend_commitments(header.shape(), data);
    const auto record = make_fold_record(header.shape(), fields.commitments_root, codeword);
    Bytes record_bytes;
    for (const auto& root : record.roots)
        append(record_bytes, root);
    for (const auto& point : record.final_points)
        append(record_bytes, point);
    results["fold_record"] = to_hex(record_bytes);

    auto challenges = Json::array();
    for (std::size_t layer = 0; layer < FoldGeometry::of(header.shape()).final_layer; ++layer)
        challenges.push_back(
            to_hex(fold_challenge(header.shape(), fields.commitments_root, record.roots, layer)
                       .to_bytes()));
    results["fold_challenges"] = challenges;
    return {};
}

void add_placement(Json& results, const ObjectHeader& header, const Committee& committee)
{
    const Placement placement{header, committee};
    auto holders = Json::array();
    for (std::uint64_t piece = 0; piece < piece_count(header.shape()); ++piece)
        holders.push_back(placement.holders(piece));
    results["holders"] = holders;
    results["committee_root"] = to_hex(committee.root());
    results["committee_file"] = committee.to_json();
}

Result<void> add_certificate(
    Json& results, const ObjectHeader& header, const ObjectCase& object, const Committee& committee)
{
    const auto digest = certificate_digest(committee, header.root(), EXPIRY_UNIX_SECONDS);
    std::vector<MemberSignature> signatures;
    for (const auto member : object.signers)
    {
        ASHLAR_TRY(const auto secret, BlsSecretKey::parse(object.committee.members[member].secret));
        signatures.push_back({.member = member, .signature = secret.sign(digest)});
    }
    ASHLAR_TRY(const auto certificate,
        make_certificate(committee, header.root(), EXPIRY_UNIX_SECONDS, signatures));
    const auto tolerance = tolerance_at(header, committee, object.signers, TARGET_FAULT_SHARE);
    results["certificate_digest"] = to_hex(digest);
    results["certificate"] = to_hex(certificate.encode());
    results["surviving_positions_min"] = tolerance.surviving_positions_min;
    return {};
}

Result<void> add_reservation(
    Json& results, const ObjectHeader& header, const Committee& committee, const fs::path& folder)
{
    const auto key_path = folder / "publisher.key";
    ASHLAR_CHECK(write_file_atomically(key_path, as_byte_view(PUBLISHER_SEED), true));
    ASHLAR_TRY(const auto key, PublisherKey::load_or_create(key_path));
    const auto digest = reservation_digest(committee.root(), header.root(), EXPIRY_UNIX_SECONDS);
    results["reservation_digest"] = to_hex(digest);
    results["publisher_key"] = to_hex(key.public_key());
    results["reservation_signature"] = to_hex(key.sign(digest));
    return {};
}

/// The precompile input for the element that holds a payload byte.
Result<void> add_opening(Json& results, const Payload& payload, std::uint64_t payload_byte)
{
    const std::uint64_t blob_index = payload_byte / PAYLOAD_BYTES_PER_BLOB;
    const std::size_t element = payload_byte % PAYLOAD_BYTES_PER_BLOB / PAYLOAD_BYTES_PER_ELEMENT;
    Bytes blob(BYTES_PER_BLOB);
    const auto view = BlobBuffer{blob.data(), BYTES_PER_BLOB};
    ASHLAR_CHECK(PayloadBlobs{payload}.read_blob(blob_index, view));
    ASHLAR_TRY(const auto commitment, blob_to_kzg_commitment(view));
    const auto z = blob_domain().point(element).to_bytes();
    ASHLAR_TRY(const auto opening, compute_kzg_proof(view, z));

    auto versioned_hash = sha256(commitment.bytes());
    versioned_hash[0] = std::byte{1};
    Bytes input;
    for (const ByteView part : {ByteView{versioned_hash}, ByteView{z}})
        append(input, part);
    append(input, opening.value.to_bytes());
    append(input, commitment.bytes());
    append(input, opening.proof.bytes());
    results["opening"] = to_hex(input);
    return {};
}

Result<Json> make_fixture(const ObjectCase& object)
{
    ASHLAR_TRY(const auto work, WorkFolder::make());
    const auto checkpoint = work.path() / "checkpoint";
    ASHLAR_CHECK(make_folders(checkpoint));
    PayloadOptions payload_options;
    auto files = Json::array();
    for (const auto& file : object.files)
    {
        ASHLAR_CHECK(write_file(checkpoint, file));
        if (file.opaque)
            payload_options.opaque.insert(file.path);
        files.push_back(describe(file));
    }
    ASHLAR_TRY(const auto payload, Payload::from_folder(checkpoint, payload_options));
    ASHLAR_TRY(const auto committee, make_committee(object.committee));
    EncodeOptions options;
    options.group_parities = object.group_parities;
    options.parity_blobs = object.parity_blobs;
    options.copies = object.copies;
    options.scratch_folder = work.path();
    ASHLAR_TRY(const auto encoded, EncodedObject::make(payload, committee, options, no_progress()));
    ASHLAR_TRY(const auto header, final_header(encoded.header(), object));

    Json inputs{{"files", files}, {"parity_blobs", nullptr},
        {"group_parities", object.group_parities}, {"copies", header.fields().copies},
        {"parent", nullptr}, {"provenance", nullptr}, {"committee", describe(object.committee)},
        {"signers", object.signers}, {"expiry", EXPIRY_UNIX_SECONDS},
        {"publisher_seed", PUBLISHER_SEED}, {"opened_payload_byte", nullptr}};
    if (object.parity_blobs)
        inputs["parity_blobs"] = *object.parity_blobs;
    if (object.parent)
        inputs["parent"] = {{"object_root", to_hex(object.parent->object_root)},
            {"placement_seed", to_hex(object.parent->placement_seed)}};
    if (object.provenance)
        inputs["provenance"] = *object.provenance;

    Json results;
    ASHLAR_CHECK(add_object(results, payload, header, encoded.metadata()));
    add_placement(results, header, committee);
    ASHLAR_CHECK(add_certificate(results, header, object, committee));
    ASHLAR_CHECK(add_reservation(results, header, committee, work.path()));
    if (object.opened_payload_byte)
    {
        inputs["opened_payload_byte"] = *object.opened_payload_byte;
        ASHLAR_CHECK(add_opening(results, payload, *object.opened_payload_byte));
    }
    return Json{{"inputs", inputs}, {"results", results}};
}

Result<void> make_all(const fs::path& folder)
{
    ASHLAR_CHECK(make_folders(folder));
    for (const auto& object : object_cases())
    {
        auto fixture = make_fixture(object);
        if (!fixture)
            return within(object.name, std::move(fixture).error());
        const auto text = fixture->dump(1);
        ASHLAR_CHECK(write_file_atomically(folder / (object.name + ".json"), as_byte_view(text)));
    }
    return {};
}

}  // namespace
}  // namespace ashlar::test

int main(int argc, char** argv)
{
    if (argc != 2)
    {
        fmt::print(stderr, "usage: make-fixtures FOLDER\n");
        return 2;
    }
    if (const auto made = ashlar::test::make_all(argv[1]); !made)
    {
        fmt::print(stderr, "make-fixtures: {}\n", made.error().message);
        return 1;
    }
    return 0;
}
