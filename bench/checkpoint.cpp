// Headers, stored forms: what reading a checkpoint's files and compressing its blobs costs.

#include <bit>
#include <cstring>
#include <random>

#include <sys/mman.h>
#include <zstd.h>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "bench/measure.hpp"
#include "checkpoint/safetensors.hpp"
#include "checkpoint/stored_form.hpp"

namespace
{

using namespace ashlar;

constexpr std::size_t TENSORS = 140'000;
constexpr std::size_t ROUNDS = 5;
constexpr std::size_t BLOBS = 64;
constexpr double BYTES_PER_MB = 1e6;

/// A header as of a mixture of experts, in a file in memory.
File make_header(std::uint64_t& size_bytes)
{
    std::string header = "{";
    for (std::size_t i = 0; i < TENSORS; ++i)
        fmt::format_to(std::back_inserter(header),
            R"({}"model.layers.{}.mlp.experts.{}.down_proj.weight":)"
            R"({{"dtype":"BF16","shape":[7168,2048],"data_offsets":[{},{}]}})",
            i == 0 ? "" : ",", i / 400, i % 400, 29'360'128 * i, 29'360'128 * (i + 1));
    header += "}";
    auto file = File::adopt(::memfd_create("bench", MFD_CLOEXEC), "memory");
    size_bytes = 8 + header.size() + 29'360'128 * TENSORS;
    ASHLAR_ASSERT(file.write_at(0, little_endian(std::uint64_t{header.size()})).has_value());
    ASHLAR_ASSERT(file.write_at(8, as_byte_view(header)).has_value());
    ASHLAR_ASSERT(file.truncate(size_bytes).has_value());
    return file;
}

void bench_header(const FigurePrinter& printer)
{
    std::uint64_t size_bytes = 0;
    const auto file = make_header(size_bytes);
    const auto header_bytes = parse_safetensors(file, size_bytes).value().data_begin();
    const auto ms = measure(
        [&] { ASHLAR_ASSERT(parse_safetensors(file, size_bytes)->size() == TENSORS); }, ROUNDS);
    printer.print({.metric = "header_140k_tensors", .value = ms / 1e3, .unit = "s"});
    printer.print({.metric = "header_parse",
        .value = static_cast<double>(header_bytes) / BYTES_PER_MB / (ms / 1e3),
        .unit = "MB/s"});
}

/// bf16 weights of a normal distribution, blob after blob.
std::vector<Bytes> make_weights(float deviation)
{
    std::mt19937_64 source{1};
    std::normal_distribution<float> normal{0, deviation};
    std::vector<Bytes> blobs(BLOBS, Bytes(PAYLOAD_BYTES_PER_BLOB));
    for (auto& blob : blobs)
    {
        for (std::size_t i = 0; i < blob.size(); i += 2)
        {
            const auto bits = std::bit_cast<std::uint32_t>(normal(source));
            std::ranges::copy(little_endian(static_cast<std::uint16_t>(bits >> 16)),
                blob.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    return blobs;
}

PayloadBlob as_blob(const Bytes& bytes)
{
    return PayloadBlob{bytes.data(), PAYLOAD_BYTES_PER_BLOB};
}

constexpr const char* PEER = "zstd -1 of the bytes";

/// The peer: zstd's fastest positive level over the blob as it is.
std::vector<Bytes> compress_whole(const std::vector<Bytes>& blobs)
{
    std::vector<Bytes> out;
    for (const auto& blob : blobs)
    {
        out.emplace_back(ZSTD_compressBound(blob.size()));
        out.back().resize(
            ZSTD_compress(out.back().data(), out.back().size(), blob.data(), blob.size(), 1));
    }
    return out;
}

double total_bytes(const std::vector<Bytes>& blobs)
{
    std::size_t total = 0;
    for (const auto& blob : blobs)
        total += blob.size();
    return static_cast<double>(total);
}

void bench_stored_form(const FigurePrinter& printer)
{
    const auto blobs = make_weights(0.02F);
    const StoredRun words{.bytes = PAYLOAD_BYTES_PER_BLOB, .width = 2, .texture = Texture::weights};
    std::vector<Bytes> forms(BLOBS);
    StoredFormEncoder encoder;
    std::vector<Bytes> whole;
    // Nanoseconds a byte, so that the ratio is above one where ours is faster.
    const double ns_per_byte = 1e6 / total_bytes(blobs);
    const auto encode = contender("ours", [&] {
        for (std::size_t i = 0; i < BLOBS; ++i)
            forms[i] = encoder.encode(as_blob(blobs[i]), {&words, 1});
    });
    const auto compress = contender(PEER, [&] { whole = compress_whole(blobs); });
    const auto in = figure_in_turn("bf16_encode", {encode, compress}, ROUNDS, "ns/B", ns_per_byte);
    StoredFormDecoder decoder;
    Bytes out(PAYLOAD_BYTES_PER_BLOB);
    const auto blob_out = std::span<std::byte, PAYLOAD_BYTES_PER_BLOB>{out.data(), out.size()};
    const auto decode = contender("ours", [&] {
        for (const auto& form : forms)
            ASHLAR_ASSERT(decoder.decode(form, {}, blob_out).has_value());
    });
    const auto decompress = contender(PEER, [&] {
        for (const auto& frame : whole)
            ASHLAR_ASSERT(
                ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size()) == out.size());
    });
    const auto back =
        figure_in_turn("bf16_decode", {decode, decompress}, ROUNDS, "ns/B", ns_per_byte);

    const auto raw = total_bytes(blobs);
    printer.print({.metric = "bf16_share_at_rest",
        .value = total_bytes(forms) / raw,
        .unit = "of raw",
        .peers = {{PEER, total_bytes(whole) / raw}}});
    printer.print(in);
    printer.print(back);
    printer.print({.metric = "bf16_encode_rate", .value = 1e3 / in.value, .unit = "MB/s"});
    printer.print({.metric = "bf16_decode_rate", .value = 1e3 / back.value, .unit = "MB/s"});
}

}  // namespace

int main(int argc, char** argv)
{
    ashlar::set_thread_count(1);
    const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
    const ashlar::FigurePrinter printer{json};
    bench_header(printer);
    bench_stored_form(printer);
    return 0;
}
