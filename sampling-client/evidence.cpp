#include "sampling-client/evidence.hpp"

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"

namespace ashlar
{
namespace
{

using Json = nlohmann::ordered_json;

std::string prefixed_hex(ByteView bytes)
{
    return "0x" + to_hex(bytes);
}

/// File names begin with the object they are about.
std::string name_prefix(const ObjectHeader& header)
{
    return to_hex(ByteView{header.root()}.first(8));
}

/// What every file begins with.
Json evidence_of(std::string_view kind, const ObjectHeader& header, std::string_view why)
{
    return {{"format", EVIDENCE_FORMAT}, {"kind", kind},
        {"object_root", prefixed_hex(header.root())}, {"header", prefixed_hex(header.bytes())},
        {"reason", why}};
}

void add_walk(Json& json, const WalkEvidence& walk)
{
    json["fold_record"] = prefixed_hex(walk.record.encode());
    json["position"] = walk.position;
    json["walk"] = prefixed_hex(walk.walk);
}

std::string to_text(const Json& json)
{
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Result<EvidenceFolder> EvidenceFolder::open(const std::filesystem::path& folder)
{
    if (!folder.empty())
    {
        ASHLAR_CHECK(make_folders(folder));
    }
    return EvidenceFolder{folder};
}

void EvidenceFolder::keep_false_sample(
    const ObjectHeader& header, const Member& member, const FalseSample& sample)
{
    if (is_full())
        return;
    const auto stored = sample.draw.stored.value();
    auto json = evidence_of("false_sample", header, sample.why);
    json["member_key"] = prefixed_hex(member.key.bytes());
    json["stored"] = stored;
    json["position"] = sample.draw.position;
    json["commitment"] = prefixed_hex(sample.commitment.bytes());
    json["commitment_path"] = Json::array();
    for (const auto& sibling : sample.commitment_path)
        json["commitment_path"].push_back(prefixed_hex(sibling));
    if (sample.mode == SampleMode::cell)
    {
        json["cell_index"] = sample.draw.cell_index;
        json["cell"] = prefixed_hex(sample.answer.bytes);
        json["proof"] = prefixed_hex(sample.answer.proof);
    }
    else
        json["blob"] = prefixed_hex(sample.answer.bytes);
    const auto name = fmt::format("{}-member-{}-stored-{}-cell-{}.json", name_prefix(header),
        sample.answer.member, stored, sample.draw.cell_index);
    write(name, as_byte_view(to_text(json)));
}

void EvidenceFolder::keep_false_walk(
    const ObjectHeader& header, const Member& member, const WalkEvidence& walk)
{
    if (is_full())
        return;
    auto json = evidence_of("false_walk", header, walk.why);
    json["member_key"] = prefixed_hex(member.key.bytes());
    add_walk(json, walk);
    write(fmt::format("{}-member-{}-walk-{}.json", name_prefix(header),
              to_hex(ByteView{member.key.bytes()}.first(4)), walk.position),
        as_byte_view(to_text(json)));
}

void EvidenceFolder::keep_invalid_walk(const ObjectHeader& header, const WalkEvidence& walk)
{
    if (is_full())
        return;
    auto json = evidence_of("invalid_walk", header, walk.why);
    add_walk(json, walk);
    write(fmt::format("{}-invalid-walk-{}.json", name_prefix(header), walk.position),
        as_byte_view(to_text(json)));
}

void EvidenceFolder::keep_invalid_record(
    const ObjectHeader& header, const FoldRecord& record, std::string_view why)
{
    if (is_full())
        return;
    auto json = evidence_of("invalid_record", header, why);
    json["fold_record"] = prefixed_hex(record.encode());
    write(name_prefix(header) + "-invalid-record.json", as_byte_view(to_text(json)));
}

void EvidenceFolder::keep_invalid_object(
    const ObjectHeader& header, ByteView commitments, std::string_view why)
{
    if (is_full())
        return;
    const auto commitments_name = name_prefix(header) + "-commitments.bin";
    auto json = evidence_of("invalid_object", header, why);
    json["commitments_file"] = commitments_name;
    json["commitments_sha256"] = prefixed_hex(sha256(commitments));
    write(commitments_name, commitments);
    write(name_prefix(header) + "-invalid.json", as_byte_view(to_text(json)));
}

void EvidenceFolder::write(const std::string& name, ByteView bytes)
{
    auto path = folder_ / name;
    if (auto written = write_file_atomically(path, bytes); !written)
    {
        spdlog::warn("evidence is not kept: {}", written.error().message);
        return;
    }
    files_.push_back(std::move(path));
}

}  // namespace ashlar
