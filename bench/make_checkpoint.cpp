/// `make-checkpoint`: a made model on disk, for ./demo, tests and benches.

#include <cstdio>

#include <CLI/CLI.hpp>

#include "base/size_text.hpp"
#include "bench/made_checkpoint.hpp"

int main(int argc, char** argv)
{
    constexpr int UNUSABLE_INPUT = 2;
    CLI::App app{"Writes a made Llama-like checkpoint of bf16 weights."};
    std::string folder;
    std::string bytes = "64MiB";
    ashlar::MadeCheckpoint settings;
    app.add_option("--out", folder, "Folder to write; must be empty or not exist")->required();
    app.add_option("--bytes", bytes, "Bytes of weights, about: 64MiB, 2GB, ...");
    app.add_option("--seed", settings.seed, "The same seed gives the same bytes");
    app.add_option("--shards", settings.shards, "safetensors files");
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& error)
    {
        return app.exit(error) == 0 ? 0 : UNUSABLE_INPUT;
    }
    const auto made = [&]() -> ashlar::Result<void> {
        ASHLAR_TRY(settings.bytes, ashlar::parse_size(bytes));
        return ashlar::make_checkpoint(folder, settings);
    }();
    if (!made)
    {
        fmt::print(stderr, "make-checkpoint: {}\n", made.error().message);
        return UNUSABLE_INPUT;
    }
    return 0;
}
