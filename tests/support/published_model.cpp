#include "tests/support/published_model.hpp"

namespace ashlar::test
{
namespace
{

constexpr std::size_t NODES = 8;

std::string safetensors_file()
{
    const std::string header =
        R"({"rows":{"dtype":"BF16","shape":[8,64],"data_offsets":[0,1024]},)"
        R"("zeros":{"dtype":"U8","shape":[4096],"data_offsets":[1024,5120]}})";
    const auto length = little_endian(std::uint64_t{header.size()});
    return std::string{as_text(length)} + header + pattern(1024, 3) + std::string(4096, '\0');
}

}  // namespace

PublishedModel::PublishedModel(std::size_t leading_bytes)
  : PublishedModel{leading_bytes, make_committee(NODES)}
{}

PublishedModel::PublishedModel(
    std::size_t leading_bytes, Committee committee, const EncodeOptions& options)
  : network_{std::move(committee)}
{
    // Mostly zeros: commitments to them are quick.
    auto leading = std::string(leading_bytes, '\0');
    leading.replace(leading_bytes / 2, 60, pattern(60, 9));
    folder_.write("model/leading.bin", leading);
    folder_.write("model/model.safetensors", safetensors_file());
    published_ = publish_folder(network_, folder_.path() / "model", options).value();
}

PublishedModel& PublishedModel::small()
{
    static PublishedModel model{PAYLOAD_BYTES_PER_BLOB + 100};
    return model;
}

PublishedModel& PublishedModel::layered()
{
    static PublishedModel model{33 * PAYLOAD_BYTES_PER_BLOB};
    return model;
}

Result<LightObject> PublishedModel::open()
{
    return LightObject::open(root(), network_.committee(), network_.nodes());
}

Bytes PublishedModel::payload(std::uint64_t offset, std::size_t size) const
{
    Bytes bytes(size);
    const auto read = published_->payload->read(offset, bytes);
    ASHLAR_ASSERT(read);
    return bytes;
}

std::uint64_t PublishedModel::straddling_offset() const
{
    auto offset = rows().offset;
    while (offset % PAYLOAD_BYTES_PER_BLOB % PAYLOAD_BYTES_PER_ELEMENT !=
           PAYLOAD_BYTES_PER_ELEMENT - 1)
        offset += 2;
    return offset;
}

}  // namespace ashlar::test
