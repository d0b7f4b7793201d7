// What a publish costs beside its commitments: the publisher alone on one core, end to end from a
// folder to a certificate, with its journal, over gRPC and TLS to released nodes with RocksDB.

#include <map>

#include <CLI/CLI.hpp>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/mutex.hpp"
#include "base/parallel.hpp"
#include "base/size_text.hpp"
#include "bench/local_nodes.hpp"
#include "bench/measure.hpp"

namespace ashlar
{
namespace
{

constexpr std::uint64_t KEEP_SECONDS = 30ULL * 86'400;

/// Time by stage. A report says what was done until then, so the time since the report before is
/// its stage's.
class StageClock final : public ProgressListener
{
public:
    void advance(std::string_view stage, ProgressUnit, std::uint64_t, std::uint64_t) override
    {
        const MutexLock lock{mutex_};
        const auto now = ProcessTime::now();
        stages_[std::string{stage}] += now - last_;
        last_ = now;
    }

    [[nodiscard]] ProcessTime of(std::initializer_list<const char*> stages) const
    {
        const MutexLock lock{mutex_};
        ProcessTime sum;
        for (const auto* const stage : stages)
        {
            if (const auto found = stages_.find(stage); found != stages_.end())
                sum += found->second;
        }
        return sum;
    }

private:
    mutable Mutex mutex_;
    ProcessTime last_ ASHLAR_GUARDED_BY(mutex_) = ProcessTime::now();
    std::map<std::string, ProcessTime> stages_ ASHLAR_GUARDED_BY(mutex_);
};

/// As `ashlar publish` does it.
std::uint64_t publish(const LocalNodes& nodes, StageClock& clock)
{
    const auto connection = must(nodes.connect());
    const auto journal = must(PublishJournal::open({.folder = nodes.folder() / "journals",
        .parity_folder = {},
        .key = sha256(as_byte_view("bench"))}));
    PayloadOptions how;
    how.progress = [&](std::uint64_t done, std::uint64_t total) {
        clock.advance("hash", ProgressUnit::bytes, done, total);
    };
    how.hashed = [&](const SourceFile& file, const FileDigests& digests) {
        return journal->note_file(file, digests);
    };
    const auto payload = must(Payload::from_folder(nodes.model(), how));
    EncodeOptions options;
    options.journal = journal.get();
    options.scratch_folder = journal->folder();
    const auto object = must(EncodedObject::make(payload, connection.committee(), options, clock));
    const auto published =
        must(spread(object, connection.committee(), connection.nodes(), PublisherKey::generate(),
            {.expiry_unix_seconds = system_clock().unix_seconds() + KEEP_SECONDS,
                .journal = journal.get()},
            clock));
    if (published.signers.size() != LOCAL_NODES)
        must<int>(fail(ErrorKind::unavailable, "{} signed", published.signers.size()));
    must(journal->remove());
    clock.advance("upload", ProgressUnit::bytes, 1, 1);
    return payload.payload_bytes();
}

void print(const StageClock& clock, const ProcessTime& total, double bytes, bool json)
{
    const FigurePrinter printer{json};
    const auto share = [&](std::string metric, double cpu) {
        printer.print({.metric = std::move(metric), .value = cpu / total.cpu(), .unit = "of CPU"});
    };
    printer.print({.metric = "publish_rate", .value = bytes / total.wall * 1e-6, .unit = "MB/s"});
    printer.print(
        {.metric = "publish_core_rate", .value = bytes / total.cpu() * 1e-6, .unit = "MB/s CPU"});
    // Of data and of parity, and the fold over them.
    const auto commitment = clock.of({"commit", "fold"}).cpu();
    share("publish_commitment_share", commitment);
    share("publish_code_share", clock.of({"encode", "group parity"}).user);
    share("publish_hash_share", clock.of({"hash"}).user);
    share("publish_network_share", clock.of({"upload"}).cpu());
    // The kernel's time: files read, parity written and synced.
    share("publish_disk_share", clock.of({"hash", "encode", "group parity"}).system);
    printer.print({.metric = "publish_upload_wall",
        .value = clock.of({"upload"}).wall / total.wall,
        .unit = "of wall"});
    share("publish_other_share", total.cpu() - commitment);
}

int run(int argc, char** argv)
{
    CLI::App app{"A publish end to end, and what of it is not commitments", "bench publish"};
    LocalBenchArguments arguments{.bytes = "64MiB", .scratch = "build/bench-publish"};
    add_arguments(app, arguments);
    if (const auto ended = parse_arguments(app, argc, argv))
        return *ended;
    const auto nodes = must(LocalNodes::start(
        arguments.scratch, must(parse_size(arguments.bytes)), NodeCores::all_but_last));
    take_last_core();
    set_thread_count(1);
    // The tables of the setup are made once a process, and not counted.
    const Bytes blob(BYTES_PER_BLOB, std::byte{1});
    must(blob_to_kzg_commitment(BlobView{blob}));

    StageClock clock;
    const auto begin = ProcessTime::now();
    const auto bytes = publish(*nodes, clock);
    print(clock, ProcessTime::now() - begin, static_cast<double>(bytes), arguments.json);
    return 0;
}

}  // namespace
}  // namespace ashlar

int main(int argc, char** argv)
{
    return ashlar::run(argc, argv);
}
