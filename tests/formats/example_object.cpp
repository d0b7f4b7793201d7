#include "tests/formats/example_object.hpp"

#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "commitments/codeword.hpp"
#include "tests/formats/example.hpp"

namespace ashlar::test
{
namespace
{

namespace fs = std::filesystem;

struct WorkFolder
{
    WorkFolder()
    {
        auto name = (fs::temp_directory_path() / "ashlar-formats-XXXXXX").string();
        ASHLAR_ASSERT(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~WorkFolder()
    {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    fs::path path;
};

std::vector<BlsSecretKey> make_keys()
{
    std::vector<BlsSecretKey> out;
    for (unsigned char number = 1; number <= 5; ++number)
    {
        Bytes32 secret{};
        secret.back() = std::byte{number};
        out.push_back(BlsSecretKey::parse(secret).value());
    }
    return out;
}

Committee make_committee()
{
    constexpr std::array<int, 5> OPERATORS{0, 1, 2, 3, 0};
    constexpr std::array<std::uint64_t, 5> WEIGHTS{10, 10, 5, 20, 7};
    Committee::Parts parts{};
    for (std::size_t i = 0; i < WEIGHTS.size(); ++i)
    {
        const auto& secret = example_key(i);
        parts.members.push_back({.key = secret.public_key(),
            .possession_proof = secret.prove_possession().bytes(),
            .operator_id = sha256(as_byte_view(fmt::format("operator {}", OPERATORS[i]))),
            .weight = WEIGHTS[i]});
    }
    return Committee::make(std::move(parts)).value();
}

Payload make_payload()
{
    const auto example = Example::named("object-files");
    const auto folder = work_folder() / "checkpoint";
    for (const auto* number : {"0", "1", "2"})
    {
        const auto path = folder / example.text(fmt::format("path_{}", number));
        ASHLAR_ASSERT(make_folders(path.parent_path()));
        const auto contents = example.bytes(fmt::format("contents_{}", number));
        ASHLAR_ASSERT(write_file_atomically(path, contents));
    }
    return Payload::from_folder(folder).value();
}

}  // namespace

const fs::path& work_folder()
{
    static const WorkFolder folder;
    return folder.path;
}

const BlsSecretKey& example_key(std::size_t member)
{
    static const auto keys = make_keys();
    return keys.at(member);
}

const Committee& example_committee()
{
    static const auto committee = make_committee();
    return committee;
}

const Payload& example_payload()
{
    static const auto payload = make_payload();
    return payload;
}

const EncodedObject& example_object()
{
    static const auto object = [] {
        EncodeOptions options;
        options.copies = 1;
        options.scratch_folder = work_folder();
        return EncodedObject::make(example_payload(), example_committee(), options, no_progress())
            .value();
    }();
    return object;
}

const std::vector<Commitment>& example_codeword()
{
    static const auto codeword = [] {
        const auto& shape = example_object().header().shape();
        const auto known = parse_commitments(example_object().metadata().commitments).value();
        return extend_commitments(shape, std::span{known}.first(shape.data_blobs()));
    }();
    return codeword;
}

Bytes example_blob(std::uint64_t index)
{
    Bytes out(BYTES_PER_BLOB);
    ASHLAR_ASSERT(example_object().read_piece(index, BlobBuffer{out.data(), BYTES_PER_BLOB}));
    return out;
}

ObjectHeader example_header_with_copies(std::uint64_t copies)
{
    auto fields = example_object().header().fields();
    fields.copies = copies;
    return ObjectHeader::make(fields).value();
}

}  // namespace ashlar::test
