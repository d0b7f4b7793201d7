// A large checkpoint through the object code with little memory: encoded from a folder of files to
// a scratch file, damaged, decoded to a file of the same SHA-256. bench/large-object runs it with
// memory limited from outside.

#include <chrono>
#include <fstream>
#include <iostream>

#include <sys/resource.h>

#include <CLI/CLI.hpp>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "base/size_text.hpp"
#include "bench/made_checkpoint.hpp"
#include "checkpoint/blob_packing.hpp"
#include "publisher/payload_blobs.hpp"
#include "publisher/scratch_pieces.hpp"

namespace ashlar
{
namespace
{

namespace fs = std::filesystem;

struct Settings
{
    fs::path folder;
    std::uint64_t memory_bytes = 0;
    std::uint64_t seed = 1;
};

/// Bytes that the process read and wrote so far, as system calls and as the disk saw them.
struct Traffic
{
    std::uint64_t calls = 0;
    std::uint64_t disk = 0;

    static Traffic now()
    {
        std::ifstream file{"/proc/self/io"};
        Traffic out;
        std::string key;
        std::uint64_t value = 0;
        while (file >> key >> value)
        {
            if (key == "rchar:" || key == "wchar:")
                out.calls += value;
            if (key == "read_bytes:" || key == "write_bytes:")
                out.disk += value;
        }
        return out;
    }
};

/// Time and traffic of a step, per byte of the object.
class Step
{
public:
    Step(std::string name, std::uint64_t object_bytes)
      : name_{std::move(name)}, object_bytes_{static_cast<double>(object_bytes)}
    {}

    void print() const
    {
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
        const auto end = Traffic::now();
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        fmt::print(
            "{:<8} {:7.1f} s {:7.1f} MB/s on {} threads; I/O {:.2f} x by calls, {:.2f} x at "
            "the disk; peak resident {} MiB\n",
            name_, seconds.count(), object_bytes_ / seconds.count() * 1e-6, thread_count(),
            static_cast<double>(end.calls - before_.calls) / object_bytes_,
            static_cast<double>(end.disk - before_.disk) / object_bytes_, usage.ru_maxrss / 1024);
        std::fflush(stdout);
    }

private:
    std::string name_;
    double object_bytes_;
    Traffic before_ = Traffic::now();
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// What is stored: data from the payload, parity from the scratch file.
class Stored final : public SliceReader
{
public:
    Stored(const PayloadBlobs& data, const ScratchPieces& parity, std::uint64_t data_blobs)
      : data_{data}, parity_{parity}, data_blobs_{data_blobs}
    {}

    [[nodiscard]] Result<void> read(
        std::uint64_t stored, std::size_t element_begin, std::span<std::byte> out) const override
    {
        return stored < data_blobs_ ? data_.read(stored, element_begin, out)
                                    : parity_.read(stored, element_begin, out);
    }

private:
    const PayloadBlobs& data_;
    const ScratchPieces& parity_;
    std::uint64_t data_blobs_;
};

/// Data blobs back to payload bytes.
class PayloadFile final : public SliceWriter
{
public:
    explicit PayloadFile(const File& file) : file_{file} {}

    [[nodiscard]] Result<void> write(
        std::uint64_t stored, std::size_t element_begin, ByteView bytes) override
    {
        Bytes payload(bytes.size() / BYTES_PER_ELEMENT * PAYLOAD_BYTES_PER_ELEMENT);
        ASHLAR_CHECK(unpack_elements(bytes, payload));
        return file_.write_at(
            stored * PAYLOAD_BYTES_PER_BLOB + element_begin * PAYLOAD_BYTES_PER_ELEMENT, payload);
    }

private:
    const File& file_;
};

/// SHA-256 of payload bytes, wherever they come from.
Result<Bytes32> hash_payload(std::uint64_t size,
    const std::function<Result<void>(std::uint64_t, std::span<std::byte>)>& read)
{
    Hasher hasher{DigestKind::sha256};
    Bytes buffer(1U << 20);
    for (std::uint64_t at = 0; at < size; at += buffer.size())
    {
        const auto part = std::span{buffer}.first(
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - at)));
        ASHLAR_CHECK(read(at, part));
        hasher.update(part);
    }
    return hasher.finish<32>();
}

/// Stored blobs left when `lost` of them are taken away at random.
std::vector<std::uint8_t> survivors(std::uint64_t stored, std::uint64_t lost, std::uint64_t seed)
{
    SeededRandom random{seed};
    std::vector<std::uint8_t> present(static_cast<std::size_t>(stored), 1);
    while (lost > 0)
    {
        auto& flag = present[random.below(stored)];
        lost -= flag;
        flag = 0;
    }
    return present;
}

Result<void> expect_refused(const ObjectShape& shape, const Stored& stored, std::uint64_t lost,
    SliceWriter& out, const Settings& settings)
{
    const std::vector<std::uint64_t> wanted{0};
    const auto done = decode_object(shape, stored,
        survivors(shape.stored_count(), lost, settings.seed), wanted, out,
        {.memory_bytes = settings.memory_bytes,
            .progress = {},
            .columns = {},
            .scratch_folder = settings.folder});
    if (done || done.error().kind != ErrorKind::insufficient)
        return fail(
            ErrorKind::corrupted, "{} of {} lost were not refused", lost, shape.stored_count());
    fmt::print("refused  {} lost: {}\n", lost, done.error().message);
    return {};
}

Result<void> run(const Settings& settings)
{
    ASHLAR_TRY(const auto payload, Payload::from_folder(settings.folder / "model"));
    const PayloadBlobs blobs{payload};
    const auto count = ObjectShape::data_blobs_for(payload.payload_bytes());
    ASHLAR_TRY(const auto shape, ObjectShape::make({.data_blobs = count,
                                     .parity_blobs = ObjectShape::default_parity_blobs(count),
                                     .group_parities = 0}));
    const CodeOptions options{.memory_bytes = settings.memory_bytes,
        .progress = {},
        .columns = {},
        .scratch_folder = settings.folder};
    fmt::print("object   {} bytes, K = {}, P = {}, D = {}, memory {} MiB\n",
        payload.payload_bytes(), count, shape.parity_blobs(), shape.domain(),
        settings.memory_bytes >> 20);
    ASHLAR_TRY(auto scratch, ScratchPieces::make(settings.folder, shape));
    const Step encoding{"encode", payload.payload_bytes()};
    ASHLAR_CHECK(encode_object(shape, blobs, *scratch, options));
    encoding.print();

    const Stored stored{blobs, *scratch, count};
    ASHLAR_TRY(const auto rebuilt, File::temporary(settings.folder));
    PayloadFile out{rebuilt};
    const auto half = shape.stored_count() / 2;
    ASHLAR_CHECK(expect_refused(shape, stored, half + half * 3 / 100, out, settings));
    ASHLAR_CHECK(expect_refused(shape, stored, shape.parity_blobs() + 1, out, settings));

    const auto present = survivors(shape.stored_count(), shape.parity_blobs(), settings.seed);
    std::vector<std::uint64_t> wanted(static_cast<std::size_t>(count));
    for (std::uint64_t t = 0; t < count; ++t)
        wanted[t] = t;
    const Step decoding{"decode", payload.payload_bytes()};
    ASHLAR_CHECK(decode_object(shape, stored, present, wanted, out, options));
    decoding.print();

    ASHLAR_TRY(const auto before,
        hash_payload(payload.payload_bytes(),
            [&](std::uint64_t at, std::span<std::byte> part) { return payload.read(at, part); }));
    ASHLAR_TRY(const auto after,
        hash_payload(payload.payload_bytes(), [&](std::uint64_t at, std::span<std::byte> part) {
            return rebuilt.read_at(at, part);
        }));
    if (before != after)
        return fail(ErrorKind::corrupted, "decoded bytes differ");
    fmt::print("same SHA-256 {}\n", to_hex(after));
    return {};
}

}  // namespace
}  // namespace ashlar

int main(int argc, char** argv)
{
    using namespace ashlar;
    CLI::App app{"Encodes, damages and decodes a large checkpoint with little memory."};
    Settings settings;
    std::string bytes = "4GiB";
    std::string memory = "384MiB";
    bool make_only = false;
    app.add_option("--folder", settings.folder, "Room for five times the object")->required();
    app.add_option("--bytes", bytes, "Of the checkpoint, which is made if it is not there");
    app.add_option("--memory", memory, "Of the object code");
    app.add_option("--seed", settings.seed, "Of what is lost");
    app.add_flag("--make-only", make_only, "Only make the checkpoint");
    CLI11_PARSE(app, argc, argv);
    const auto done = [&]() -> Result<void> {
        ASHLAR_TRY(settings.memory_bytes, parse_size(memory));
        ASHLAR_TRY(const auto size, parse_size(bytes));
        const auto model = settings.folder / "model";
        if (!std::filesystem::exists(model))
            ASHLAR_CHECK(make_checkpoint(model, {.bytes = size}));
        return make_only ? Result<void>{} : run(settings);
    }();
    if (!done)
    {
        fmt::print(stderr, "large_object: {}\n", done.error().message);
        return 1;
    }
    return 0;
}
