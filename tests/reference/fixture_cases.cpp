#include "tests/reference/fixture_cases.hpp"

#include <numeric>

#include "base/hash.hpp"
#include "base/shape.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::uint64_t BLOB = PAYLOAD_BYTES_PER_BLOB;

/// pattern(start, size) of docs/formats/README.md.
Bytes pattern(std::size_t start, std::size_t size)
{
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<std::byte>((start + 7 * i + i / 256) % 256);
    return out;
}

Bytes text(std::string_view characters)
{
    const auto bytes = as_byte_view(characters);
    return {bytes.begin(), bytes.end()};
}

FileCase file(std::string path, Bytes contents)
{
    const auto size = contents.size();
    return {.path = std::move(path), .size = size, .pieces = {{0, std::move(contents)}}};
}

/// Fills `blobs` blobs; every seventh has some bytes, across the border to its neighbour.
FileCase sparse_file(std::string path, std::uint64_t blobs)
{
    FileCase out{.path = std::move(path), .size = blobs * BLOB - 5, .pieces = {}};
    for (std::uint64_t i = 1; i < blobs; i += 7)
        out.pieces.push_back({i * BLOB - 9, pattern(i, 40)});
    return out;
}

FileCase safetensors_file(std::string path)
{
    const auto header = text(
        R"({"__metadata__":{"format":"pt"},"w.b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
        R"("a":{"dtype":"BF16","shape":[2,3],"data_offsets":[8,20]},)"
        R"("scalar":{"dtype":"I64","shape":[],"data_offsets":[20,28]}})");
    Bytes contents;
    append(contents, little_endian(std::uint64_t{header.size()}));
    append(contents, header);
    append(contents, pattern(9, 28));
    return file(std::move(path), std::move(contents));
}

void append_gguf_string(Bytes& out, std::string_view string)
{
    append(out, little_endian(std::uint64_t{string.size()}));
    append(out, as_byte_view(string));
}

void append_gguf_tensor(Bytes& out, std::string_view name, std::vector<std::uint64_t> shape,
    std::uint32_t type, std::uint64_t offset)
{
    append_gguf_string(out, name);
    append(out, little_endian(static_cast<std::uint32_t>(shape.size())));
    for (const auto dimension : shape)
        append(out, little_endian(dimension));
    append(out, little_endian(type));
    append(out, little_endian(offset));
}

/// Alignment 64, an array and a string among the metadata, one quantised tensor.
FileCase gguf_file(std::string path)
{
    constexpr std::uint32_t UINT32 = 4;
    constexpr std::uint32_t STRING = 8;
    constexpr std::uint32_t ARRAY = 9;
    Bytes out = text("GGUF");
    append(out, little_endian(std::uint32_t{3}));
    append(out, little_endian(std::uint64_t{2}));  // tensors
    append(out, little_endian(std::uint64_t{3}));  // metadata
    append_gguf_string(out, "general.alignment");
    append(out, little_endian(UINT32));
    append(out, little_endian(std::uint32_t{64}));
    append_gguf_string(out, "general.architecture");
    append(out, little_endian(STRING));
    append_gguf_string(out, "llama");
    append_gguf_string(out, "tokenizer.ggml.tokens");
    append(out, little_endian(ARRAY));
    append(out, little_endian(STRING));
    append(out, little_endian(std::uint64_t{2}));
    append_gguf_string(out, "<s>");
    append_gguf_string(out, "");
    append_gguf_tensor(out, "blk.0.attn_q", {32, 2}, 2, 0);  // Q4_0: 2 · 18 bytes
    append_gguf_tensor(out, "bias", {3}, 0, 64);             // F32
    out.resize((out.size() + 63) / 64 * 64);
    auto data = pattern(3, 36);
    data.resize(64);
    append(data, pattern(77, 12));
    append(out, data);
    return file(std::move(path), std::move(out));
}

Bytes32 secret_key(std::uint64_t number)
{
    Bytes32 out{};
    const auto low = big_endian(number);
    std::ranges::copy(low, out.end() - low.size());
    return out;
}

/// One member an operator number; secret keys 1, 2, 3, ….
CommitteeCase committee_of(
    std::span<const std::uint64_t> operators, std::span<const std::uint64_t> weights)
{
    CommitteeCase out;
    for (std::size_t i = 0; i < operators.size(); ++i)
        out.members.push_back({.secret = secret_key(i + 1),
            .operator_id = sha256(as_byte_view(fmt::format("operator {}", operators[i]))),
            .weight = weights[i]});
    return out;
}

/// The committee of docs/formats.
CommitteeCase five_members()
{
    return committee_of(std::array<std::uint64_t, 5>{0, 1, 2, 3, 0},
        std::array<std::uint64_t, 5>{10, 10, 5, 20, 7});
}

CommitteeCase lone_member()
{
    return committee_of(std::array<std::uint64_t, 1>{0}, std::array<std::uint64_t, 1>{1});
}

/// Few operators for many members, weights whose sum is the largest allowed, on a chain.
CommitteeCase twelve_members_on_a_chain()
{
    std::vector<std::uint64_t> operators;
    std::vector<std::uint64_t> weights;
    std::uint64_t rest = (std::uint64_t{1} << 63) - 1;
    for (std::uint64_t i = 0; i < 12; ++i)
    {
        operators.push_back(i % 3);
        weights.push_back(i == 11 ? rest : rest / (7 + i));
        rest -= weights.back();
    }
    auto out = committee_of(operators, weights);
    out.binding.chain_id = ~std::uint64_t{0};
    for (std::size_t i = 0; i < out.binding.registry.size(); ++i)
        out.binding.registry[i] = static_cast<std::byte>(i);
    out.records = {{0, {.sequence = 1,
                           .endpoint = "node0.example.org:7400",
                           .tls_certificate = "-----BEGIN CERTIFICATE-----\nAA==\n"
                                              "-----END CERTIFICATE-----\n"}},
        {7, {.sequence = 900, .endpoint = "[2001:db8::1]:7400", .tls_certificate = "\"\\\t/"}}};
    return out;
}

/// Many equal members, each its own operator: neighbours can always be kept apart.
CommitteeCase twenty_equal_members()
{
    std::vector<std::uint64_t> operators(20);
    std::iota(operators.begin(), operators.end(), 0);
    return committee_of(operators, std::vector<std::uint64_t>(20, 1));
}

ObjectCase small(std::string name, std::vector<FileCase> files)
{
    return {.name = std::move(name),
        .files = std::move(files),
        .committee = five_members(),
        .signers = {0, 1, 3},
        .copies = 1};
}

/// K on both sides of every power of two that matters, and of the first stripes.
void add_sizes(std::vector<ObjectCase>& out)
{
    out.push_back(small("blobs-1-empty-folder", {}));
    out.push_back(small("blobs-1-empty-files", {{.path = "a"}, {.path = "b/c"}}));
    out.push_back(small("blobs-2-one-byte", {file("a", text("x"))}));
    out.push_back(small("blobs-2-whole-blob", {file("dense.bin", pattern(1, BLOB))}));
    out.back().opened_payload_byte = BLOB - 1;
    out.push_back(small("blobs-3-one-byte-more",
        {{.path = "x", .size = BLOB + 1, .pieces = {{BLOB - 1, pattern(85, 2)}}}}));
    for (const std::uint64_t blobs : {15U, 16U, 17U, 33U, 100U, 300U})
        out.push_back(small(fmt::format("blobs-{}", blobs), {sparse_file("big", blobs - 1)}));
    out.back().opened_payload_byte = 7 * BLOB + 33;
}

void add_contents(std::vector<ObjectCase>& out)
{
    out.push_back(small("files-safetensors",
        {file("config.json", text("{}")), safetensors_file("model.safetensors"),
            safetensors_file("other/model.safetensors")}));
    out.back().opened_payload_byte = BLOB + 300;
    out.push_back(small("files-gguf", {gguf_file("model.gguf"), file("z", text("z"))}));
    out.push_back(small("files-opaque",
        {file("broken.safetensors", text("not a header")), safetensors_file("ok.safetensors")}));
    out.back().files[0].opaque = true;
    out.push_back(small(
        "files-order", {file(".hidden", text("1")), file("a/b", text("2")),
                           file("a.b/c", text("3")), file("B", text("4")), file("b", text("5")),
                           file("\xc3\xa9", text("6")), file("\xf0\x9d\x84\x9e", text("7")),
                           file("\xef\xbf\xbd", text("8")), {.path = "empty"}}));
    out.push_back(small("files-many", {}));
    for (std::size_t i = 0; i < 1200; ++i)
        out.back().files.push_back({.path = fmt::format("layer-{:05}/shard.bin", i * 7)});
}

void add_options(std::vector<ObjectCase>& out)
{
    for (const std::uint64_t group_parities : {0U, 1U, 3U, 4U})
    {
        out.push_back(small(fmt::format("group-parities-{}", group_parities),
            {sparse_file("big", 6), file("tail", pattern(8, 100))}));
        out.back().group_parities = group_parities;
    }
    out.push_back(small("parity-least", {sparse_file("big", 20)}));
    out.back().parity_blobs = 1;
    out.push_back(small("parity-most", {sparse_file("big", 20)}));
    out.back().parity_blobs = 32;
    out.push_back(small("copies-more-than-operators", {sparse_file("big", 3)}));
    out.back().copies = 6;
    out.push_back(small("copies-lone-member", {sparse_file("big", 3)}));
    out.back().committee = lone_member();
    out.back().signers = {0};
    out.back().copies = 255;
    out.push_back(small("copies-chosen", {sparse_file("big", 4)}));
    out.back().copies.reset();
    out.back().signers = {0, 1, 2, 3, 4};
}

void add_versions_and_committees(std::vector<ObjectCase>& out)
{
    const ParentCase parent{.object_root = sha256(as_byte_view("parent")),
        .placement_seed = sha256(as_byte_view("seed of the parent"))};
    out.push_back(small("parent", {sparse_file("big", 2)}));
    out.back().parent = parent;
    out.push_back(small("parent-and-provenance", {sparse_file("big", 2)}));
    out.back().parent = parent;
    out.back().provenance = "statement";
    out.back().parity_blobs = 3;
    out.push_back(small("provenance", {sparse_file("big", 2)}));
    out.back().provenance = "";
    out.push_back(small("committee-on-a-chain", {sparse_file("big", 18)}));
    out.back().committee = twelve_members_on_a_chain();
    out.back().signers = {0, 2, 3, 5, 7, 9, 10, 11};
    out.back().copies = 4;
    out.push_back(small("committee-of-equals", {sparse_file("big", 40)}));
    out.back().committee = twenty_equal_members();
    out.back().signers = {0, 1, 2, 4, 8, 9, 10, 16, 18, 19};
    out.back().copies = 2;
}

}  // namespace

std::vector<ObjectCase> object_cases()
{
    std::vector<ObjectCase> out;
    add_sizes(out);
    add_contents(out);
    add_options(out);
    add_versions_and_committees(out);
    return out;
}

}  // namespace ashlar::test
