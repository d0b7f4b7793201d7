#include "sampling-client/evidence_judge.hpp"

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "sampling-client/object_source.hpp"
#include "sampling-client/sample_query.hpp"

namespace ashlar
{
namespace
{

/// Greatest object whose commitments are read: its tree takes two gigabytes.
constexpr std::uint64_t COMMITMENTS_BYTES_MAX = 48ULL << 25;

/// Evidence's fields, each looked at before it is used.
class Fields
{
public:
    static Result<Fields> parse(std::string_view text)
    {
        auto json = nlohmann::json::parse(text, nullptr, false);
        if (!json.is_object())
            return fail(ErrorKind::invalid_input, "not a JSON object");
        return Fields{std::move(json)};
    }

    [[nodiscard]] Result<std::string> text(const char* key) const
    {
        const auto at = json_.find(key);
        if (at == json_.end() || !at->is_string())
            return fail(ErrorKind::invalid_input, "field {} is missing or no text", key);
        return at->get<std::string>();
    }
    [[nodiscard]] Result<std::uint64_t> number(const char* key, std::uint64_t below) const
    {
        const auto at = json_.find(key);
        if (at == json_.end() || !at->is_number_unsigned() || at->get<std::uint64_t>() >= below)
            return fail(ErrorKind::invalid_input, "field {} is no number below {}", key, below);
        return at->get<std::uint64_t>();
    }
    [[nodiscard]] Result<Bytes> bytes(const char* key) const
    {
        ASHLAR_TRY(const auto hex, text(key));
        auto bytes = from_hex(hex);
        if (!bytes)
            return within(key, std::move(bytes).error());
        return bytes;
    }
    template <std::size_t N>
    [[nodiscard]] Result<ByteArray<N>> array(const char* key) const
    {
        ASHLAR_TRY(const auto hex, text(key));
        auto bytes = array_from_hex<N>(hex);
        if (!bytes)
            return within(key, std::move(bytes).error());
        return bytes;
    }
    [[nodiscard]] Result<std::vector<Bytes32>> path(const char* key) const
    {
        const auto at = json_.find(key);
        if (at == json_.end() || !at->is_array() || at->size() > 64)
            return fail(ErrorKind::invalid_input, "field {} is no path", key);
        std::vector<Bytes32> out;
        for (const auto& sibling : *at)
        {
            if (!sibling.is_string())
                return fail(ErrorKind::invalid_input, "field {} is no path", key);
            ASHLAR_TRY(const auto bytes, array_from_hex<32>(sibling.get<std::string>()));
            out.push_back(bytes);
        }
        return out;
    }
    [[nodiscard]] bool has(const char* key) const { return json_.contains(key); }

private:
    // Braces would make an array of it.
    explicit Fields(nlohmann::json json) : json_(std::move(json)) {}
    nlohmann::json json_;
};

Result<ObjectHeader> parse_header(const Fields& fields)
{
    ASHLAR_TRY(const auto root, fields.array<32>("object_root"));
    ASHLAR_TRY(const auto bytes, fields.array<BYTES_PER_HEADER>("header"));
    auto header = ObjectHeader::parse_for(root, bytes);
    if (!header)
        return fail(ErrorKind::invalid_input, "the header is not the object root's: {}",
            header.error().message);
    return header;
}

/// The record that the header binds. Without it nothing can be said about a walk.
Result<FoldRecord> parse_record(const Fields& fields, const ObjectHeader& header)
{
    ASHLAR_TRY(const auto bytes, fields.bytes("fold_record"));
    auto record = FoldRecord::parse_for(header.shape(), header.fields().fold_root, bytes);
    if (!record)
        return fail(ErrorKind::invalid_input, "{}", record.error().message);
    return record;
}

Judgement verdict(Accused accused, const ObjectHeader& header, bool is_shown, std::string_view text)
{
    return {.accused = accused,
        .is_shown = is_shown,
        .object_root = header.root(),
        .text = printable(text)};
}

/// The commitment that the evidence names, bound to the header.
Result<Commitment> bound_commitment(
    const Fields& fields, const ObjectHeader& header, std::uint64_t position)
{
    ASHLAR_TRY(const auto bytes, fields.array<48>("commitment"));
    ASHLAR_TRY(const auto path, fields.path("commitment_path"));
    const auto depth = static_cast<std::size_t>(std::bit_width(header.shape().domain()));
    if (!verify_merkle_path(
            header.fields().commitments_root, commitment_leaf(bytes), position, depth, path))
        return fail(ErrorKind::invalid_input, "the commitment is not the object's at position {}",
            position);
    return Commitment::parse(bytes);
}

Result<Judgement> judge_sample(const Fields& fields, const ObjectHeader& header)
{
    const auto& shape = header.shape();
    ASHLAR_TRY(const auto stored, fields.number("stored", shape.stored_count()));
    ASHLAR_TRY(const auto commitment, bound_commitment(fields, header, shape.position_of(stored)));
    Draw draw{};
    draw.stored = stored;
    NodeAnswer answer;
    const auto mode = fields.has("cell") ? SampleMode::cell : SampleMode::blob;
    if (mode == SampleMode::cell)
    {
        ASHLAR_TRY(draw.cell_index, fields.number("cell_index", CELLS_PER_EXT_BLOB));
        ASHLAR_TRY(answer.bytes, fields.bytes("cell"));
        ASHLAR_TRY(answer.proof, fields.array<48>("proof"));
    }
    else
    {
        ASHLAR_TRY(answer.bytes, fields.bytes("blob"));
    }
    if (answer.bytes.size() != (mode == SampleMode::cell ? BYTES_PER_CELL : BYTES_PER_BLOB))
        return fail(ErrorKind::invalid_input, "the sample has {} bytes", answer.bytes.size());
    const SampleClaim claim{draw, answer, commitment};
    const auto fault = check_claims({&claim, 1}, mode).front();
    return verdict(Accused::member, header, fault.has_value(),
        fault ? fmt::format("the sample of stored blob {} does not match its commitment: {}",
                    stored, *fault)
              : fmt::format("the sample of stored blob {} matches its commitment", stored));
}

Result<Judgement> judge_false_walk(const Fields& fields, const ObjectHeader& header)
{
    ASHLAR_TRY(const auto record, parse_record(fields, header));
    ASHLAR_TRY(const auto position, fields.number("position", header.shape().position_count()));
    ASHLAR_TRY(const auto bytes, fields.bytes("walk"));
    const auto walk = parse_walk(fold_binding(header), record, position, bytes);
    return verdict(Accused::member, header, !walk,
        walk ? fmt::format("the walk from {} leads to the object's roots", position)
             : walk.error().message);
}

Result<Judgement> judge_invalid_record(const Fields& fields, const ObjectHeader& header)
{
    ASHLAR_TRY(const auto record, parse_record(fields, header));
    const auto checker = WalkChecker::make(fold_binding(header), record);
    return verdict(Accused::publisher, header, !checker,
        checker ? "the fold record passes its checks" : checker.error().message);
}

Result<Judgement> judge_invalid_walk(const Fields& fields, const ObjectHeader& header)
{
    ASHLAR_TRY(const auto record, parse_record(fields, header));
    const auto checker = WalkChecker::make(fold_binding(header), record);
    if (!checker)
        return verdict(Accused::publisher, header, true, checker.error().message);
    ASHLAR_TRY(const auto position, fields.number("position", header.shape().position_count()));
    ASHLAR_TRY(const auto bytes, fields.bytes("walk"));
    const auto walk = parse_walk(fold_binding(header), record, position, bytes);
    if (!walk)
        return fail(ErrorKind::invalid_input, "{}", walk.error().message);
    const auto checked = checker->check({&*walk, 1});
    return verdict(Accused::publisher, header, !checked[0],
        checked[0] ? fmt::format("the walk from {} passes", position) : checked[0].error().message);
}

Result<Judgement> judge_invalid_object(
    const Fields& fields, const ObjectHeader& header, const std::filesystem::path& folder)
{
    ASHLAR_TRY(const auto name, fields.text("commitments_file"));
    const std::filesystem::path relative{name};
    if (relative.has_parent_path() || !relative.has_filename() || name.find('\0') != name.npos)
        return fail(ErrorKind::invalid_input, "the commitments are not beside the evidence");
    ASHLAR_TRY(auto bytes, read_file(folder / relative, COMMITMENTS_BYTES_MAX));
    const auto& shape = header.shape();
    if (bytes.size() != MetadataSizes::of(shape).commitments ||
        commitments_root(shape, bytes) != header.fields().commitments_root)
        return fail(ErrorKind::invalid_input, "the commitments are not those of the header");
    const auto codeword =
        check_codeword(shape, {.commitments = std::move(bytes), .group_parity_hashes = {}});
    return verdict(Accused::publisher, header, !codeword,
        codeword ? "the commitments pass the full check" : codeword.error().message);
}

}  // namespace

Result<Judgement> judge_evidence(std::string_view json, const std::filesystem::path& folder)
{
    ASHLAR_TRY(const auto fields, Fields::parse(json));
    ASHLAR_TRY(const auto format, fields.text("format"));
    if (format != EVIDENCE_FORMAT)
        return fail(ErrorKind::invalid_input, "not evidence of format {}", EVIDENCE_FORMAT);
    ASHLAR_TRY(const auto kind, fields.text("kind"));
    ASHLAR_TRY(const auto header, parse_header(fields));
    if (kind == "false_sample")
        return judge_sample(fields, header);
    if (kind == "false_walk")
        return judge_false_walk(fields, header);
    if (kind == "invalid_walk")
        return judge_invalid_walk(fields, header);
    if (kind == "invalid_record")
        return judge_invalid_record(fields, header);
    if (kind == "invalid_object")
        return judge_invalid_object(fields, header, folder);
    return fail(ErrorKind::invalid_input, "evidence of unknown kind {}", printable(kind));
}

}  // namespace ashlar
