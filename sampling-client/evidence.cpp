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

constexpr std::string_view FORMAT = "ashlar/evidence/v1";

std::string prefixed_hex(ByteView bytes)
{
    return "0x" + to_hex(bytes);
}

Json path_of(std::span<const Commitment> codeword, std::uint64_t position)
{
    // Evidence is rare, so the tree is built again rather than kept for it.
    Json siblings = Json::array();
    for (const auto& sibling : commitment_tree(codeword).path(position))
        siblings.push_back(prefixed_hex(sibling));
    return siblings;
}

/// File names begin with the object they are about.
std::string name_prefix(const ObjectHeader& header)
{
    return to_hex(ByteView{header.root()}.first(8));
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

void EvidenceFolder::keep_false_sample(const ObjectHeader& header, const Member& member,
    std::span<const Commitment> codeword, const FalseSample& sample)
{
    if (is_full())
        return;
    const auto position = header.shape().position_of(sample.draw.stored);
    Json json{{"format", FORMAT}, {"kind", "false_sample"},
        {"object_root", prefixed_hex(header.root())}, {"header", prefixed_hex(header.bytes())},
        {"member_key", prefixed_hex(member.key.bytes())}, {"reason", sample.why},
        {"stored", sample.draw.stored}, {"position", position},
        {"commitment", prefixed_hex(codeword[position].bytes())},
        {"commitment_path", path_of(codeword, position)}};
    if (sample.mode == SampleMode::cell)
    {
        json["cell_index"] = sample.draw.cell_index;
        json["cell"] = prefixed_hex(sample.answer.bytes);
        json["proof"] = prefixed_hex(sample.answer.proof);
    }
    else
        json["blob"] = prefixed_hex(sample.answer.bytes);
    const auto name = fmt::format("{}-member-{}-stored-{}-cell-{}.json", name_prefix(header),
        sample.answer.member, sample.draw.stored, sample.draw.cell_index);
    write(name, as_byte_view(to_text(json)));
}

void EvidenceFolder::keep_invalid_object(
    const ObjectHeader& header, ByteView commitments, std::string_view why)
{
    if (is_full())
        return;
    const auto commitments_name = name_prefix(header) + "-commitments.bin";
    const Json json{{"format", FORMAT}, {"kind", "invalid_object"},
        {"object_root", prefixed_hex(header.root())}, {"header", prefixed_hex(header.bytes())},
        {"reason", why}, {"commitments_file", commitments_name},
        {"commitments_sha256", prefixed_hex(sha256(commitments))}};
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
