#include "bench/made_checkpoint.hpp"

#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/log.hpp"

namespace ashlar
{
namespace
{

using Json = nlohmann::json;

constexpr std::size_t BYTES_PER_WEIGHT = 2;  // bf16
constexpr std::size_t HEAD_DIM = 16;
constexpr std::size_t HEADS_PER_KEY_HEAD = 4;
constexpr std::size_t HIDDEN_STEP = HEAD_DIM * HEADS_PER_KEY_HEAD;
constexpr std::size_t LAYERS_MAX = 32;
constexpr std::size_t SHARDS_MAX = 999;

/// Dimensions of the made Llama.
struct Dimensions
{
    std::size_t hidden = HIDDEN_STEP;
    std::size_t layers = LAYERS_MAX;
    std::size_t vocabulary = 0;

    [[nodiscard]] std::size_t intermediate() const { return hidden * 7 / 2; }
    [[nodiscard]] std::size_t key_width() const { return hidden / HEADS_PER_KEY_HEAD; }

    /// Weights of all layers.
    [[nodiscard]] std::size_t layer_weights() const
    {
        const auto attention = 2 * hidden * hidden + 2 * hidden * key_width();
        return layers * (attention + 3 * hidden * intermediate() + 2 * hidden);
    }
};

/// Layers take up to three quarters of the weights, as few as must be and as wide as fits; the
/// vocabulary takes the rest.
Dimensions dimensions_for(std::uint64_t bytes)
{
    const std::size_t weights = bytes / BYTES_PER_WEIGHT;
    const auto layers_max = weights - weights / 4;
    Dimensions made;
    while (made.layers > 1 && made.layer_weights() > layers_max)
        made.layers /= 2;
    for (auto wider = made; wider.layer_weights() <= layers_max; wider.hidden += HIDDEN_STEP)
        made = wider;
    made.vocabulary = (weights - made.layer_weights() - made.hidden) / (2 * made.hidden);
    return made;
}

struct MadeTensor
{
    std::string name;
    std::vector<std::size_t> shape;

    [[nodiscard]] std::uint64_t bytes() const
    {
        std::uint64_t product = BYTES_PER_WEIGHT;
        for (const auto dimension : shape)
            product *= dimension;
        return product;
    }
};

std::vector<MadeTensor> tensors_of(const Dimensions& model)
{
    const auto hidden = model.hidden;
    const auto wide = model.intermediate();
    std::vector<MadeTensor> tensors{{"model.embed_tokens.weight", {model.vocabulary, hidden}}};
    for (std::size_t i = 0; i < model.layers; ++i)
    {
        const auto add = [&](std::string_view name, std::vector<std::size_t> shape) {
            tensors.push_back(
                {fmt::format("model.layers.{}.{}.weight", i, name), std::move(shape)});
        };
        add("input_layernorm", {hidden});
        add("mlp.down_proj", {hidden, wide});
        add("mlp.gate_proj", {wide, hidden});
        add("mlp.up_proj", {wide, hidden});
        add("post_attention_layernorm", {hidden});
        add("self_attn.k_proj", {model.key_width(), hidden});
        add("self_attn.o_proj", {hidden, hidden});
        add("self_attn.q_proj", {hidden, hidden});
        add("self_attn.v_proj", {model.key_width(), hidden});
    }
    tensors.push_back({"model.norm.weight", {hidden}});
    tensors.push_back({"lm_head.weight", {model.vocabulary, hidden}});
    return tensors;
}

/// Inverse of the normal distribution function by bisection: run once for each table entry.
double normal_quantile(double probability)
{
    double low = -9;
    double high = 9;
    for (int step = 0; step < 50; ++step)
    {
        const double middle = (low + high) / 2;
        (std::erfc(-middle / std::sqrt(2.0)) / 2 < probability ? low : high) = middle;
    }
    return (low + high) / 2;
}

/// Normal bf16 weights: sixteen random bits choose one of 65,536 equally likely quantiles.
class WeightSource
{
public:
    explicit WeightSource(std::uint64_t seed) : state_{seed}
    {
        constexpr double DEVIATION = 0.02;
        for (std::size_t i = 0; i < quantiles_.size(); ++i)
        {
            const double probability = (static_cast<double>(i) + 0.5) / 65536.0;
            const auto value = static_cast<float>(DEVIATION * normal_quantile(probability));
            quantiles_[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
        }
    }

    void fill(std::span<std::byte> out)
    {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i + BYTES_PER_WEIGHT <= out.size(); i += BYTES_PER_WEIGHT)
        {
            bits = i % 8 == 0 ? next() : bits >> 16;
            const unsigned weight = quantiles_[bits & 0xffff];
            out[i] = static_cast<std::byte>(weight);
            out[i + 1] = static_cast<std::byte>(weight >> 8);
        }
    }

private:
    /// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same everywhere.
    std::uint64_t next()
    {
        auto z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    std::uint64_t state_;
    std::array<std::uint16_t, 65536> quantiles_{};
};

Result<void> write_text(const std::filesystem::path& path, std::string_view text)
{
    ASHLAR_TRY(const auto file, File::create(path, false));
    return file.write_at(0, as_byte_view(text));
}

/// u64 length ‖ JSON header, padded to 8 bytes as safetensors' own writer does.
std::string shard_header(std::span<const MadeTensor> tensors)
{
    std::map<std::string_view, const MadeTensor*> by_name;
    for (const auto& tensor : tensors)
        by_name.emplace(tensor.name, &tensor);
    Json header{{"__metadata__", {{"format", "pt"}}}};
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : by_name)
    {
        header[std::string{name}] = {{"dtype", "BF16"}, {"shape", tensor->shape},
            {"data_offsets", {offset, offset + tensor->bytes()}}};
        offset += tensor->bytes();
    }
    auto text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return std::string{as_text(little_endian(std::uint64_t{text.size()}))} + text;
}

Result<void> write_shard(
    const std::filesystem::path& path, std::span<const MadeTensor> tensors, WeightSource& weights)
{
    constexpr std::uint64_t CHUNK_BYTES = 1 << 20;
    const auto header = shard_header(tensors);
    std::uint64_t left = 0;
    for (const auto& tensor : tensors)
        left += tensor.bytes();

    ASHLAR_TRY(const auto file, File::create(path, false));
    ASHLAR_CHECK(file.write_at(0, as_byte_view(header)));
    std::vector<std::byte> chunk(CHUNK_BYTES);
    for (std::uint64_t at = header.size(); left > 0;)
    {
        const auto part = std::span{chunk}.first(std::min(left, CHUNK_BYTES));
        weights.fill(part);
        ASHLAR_CHECK(file.write_at(at, part));
        at += part.size();
        left -= part.size();
    }
    return {};
}

/// Consecutive tensors, about the same number of bytes to each shard.
std::vector<std::vector<MadeTensor>> split(std::vector<MadeTensor> tensors, std::size_t shards)
{
    std::uint64_t total = 0;
    for (const auto& tensor : tensors)
        total += tensor.bytes();
    std::vector<std::vector<MadeTensor>> parts(shards);
    std::uint64_t before = 0;
    for (auto& tensor : tensors)
    {
        const auto middle = before + tensor.bytes() / 2;
        before += tensor.bytes();
        parts[middle * shards / total].push_back(std::move(tensor));
    }
    std::erase_if(parts, [](const auto& part) { return part.empty(); });
    return parts;
}

Json config_of(const Dimensions& model)
{
    return {{"architectures", {"LlamaForCausalLM"}}, {"hidden_act", "silu"},
        {"hidden_size", model.hidden}, {"initializer_range", 0.02},
        {"intermediate_size", model.intermediate()}, {"max_position_embeddings", 8192},
        {"model_type", "llama"}, {"num_attention_heads", model.hidden / HEAD_DIM},
        {"num_hidden_layers", model.layers}, {"num_key_value_heads", model.key_width() / HEAD_DIM},
        {"rms_norm_eps", 1e-5}, {"rope_theta", 500000.0}, {"tie_word_embeddings", false},
        {"torch_dtype", "bfloat16"}, {"vocab_size", model.vocabulary}};
}

Json tokenizer_of(const Dimensions& model)
{
    Json vocabulary;
    for (std::size_t i = 0; i < model.vocabulary; ++i)
        vocabulary[fmt::format("token{}", i)] = i;
    return {{"version", "1.0"}, {"added_tokens", Json::array()},
        {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}};
}

Result<void> write_shards(
    const std::filesystem::path& folder, const Dimensions& model, const MadeCheckpoint& settings)
{
    WeightSource weights{settings.seed};
    Json weight_map;
    std::uint64_t total_size = 0;
    const auto shards = split(tensors_of(model), settings.shards);
    for (std::size_t i = 0; i < shards.size(); ++i)
    {
        const auto name = fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
        ASHLAR_CHECK(write_shard(folder / name, shards[i], weights));
        for (const auto& tensor : shards[i])
        {
            weight_map[tensor.name] = name;
            total_size += tensor.bytes();
        }
    }
    const Json index{{"metadata", {{"total_size", total_size}}}, {"weight_map", weight_map}};
    return write_text(folder / "model.safetensors.index.json", index.dump(2) + "\n");
}

}  // namespace

Result<void> make_checkpoint(const std::filesystem::path& folder, const MadeCheckpoint& settings)
{
    if (settings.bytes < MADE_BYTES_MIN || settings.bytes > MADE_BYTES_MAX)
        return fail(ErrorKind::invalid_input, "a made model has {} to {} bytes, not {}",
            MADE_BYTES_MIN, MADE_BYTES_MAX, settings.bytes);
    if (settings.shards < 1 || settings.shards > SHARDS_MAX)
        return fail(ErrorKind::invalid_input, "a made model has 1 to {} shards, not {}", SHARDS_MAX,
            settings.shards);
    ASHLAR_CHECK(make_folders(folder));
    std::error_code error;
    if (!std::filesystem::is_empty(folder, error) || error)
        return fail(ErrorKind::invalid_input, "{} is not empty: give another folder",
            printable(folder.native()));

    const auto model = dimensions_for(settings.bytes);
    ASHLAR_CHECK(write_shards(folder, model, settings));
    const Json generation{{"bos_token_id", 1}, {"do_sample", true}, {"eos_token_id", 2},
        {"temperature", 0.6}, {"top_p", 0.9}};
    ASHLAR_CHECK(write_text(folder / "config.json", config_of(model).dump(2) + "\n"));
    ASHLAR_CHECK(write_text(folder / "generation_config.json", generation.dump(2) + "\n"));
    return write_text(folder / "tokenizer.json", tokenizer_of(model).dump(2) + "\n");
}

}  // namespace ashlar
