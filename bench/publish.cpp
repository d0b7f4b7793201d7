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
#include "publisher/stored_forms.hpp"

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

struct PublishedBytes
{
    std::uint64_t payload = 0;
    std::uint64_t data_raw = 0;   ///< Of all copies of data blobs,
    std::uint64_t data_sent = 0;  ///< and as they travelled and lie on disk.
};

/// As `ashlar publish` does it.
PublishedBytes publish(const LocalNodes& nodes, StageClock& clock)
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
    const auto& shape = object.header().shape();
    const auto copies = object.header().fields().copies;
    const auto parity =
        (shape.parity_blobs() + shape.local_parity_count()) * copies * BYTES_PER_BLOB;
    return {.payload = payload.payload_bytes(),
        .data_raw = shape.data_blobs() * copies * BYTES_PER_BLOB,
        .data_sent = published.bytes_sent - parity};
}

/// CPU time of making the stored forms of all data blobs once, reading them included.
double form_cpu(const LocalNodes& nodes)
{
    const auto payload = must(Payload::from_folder(nodes.model()));
    const auto begin = ProcessTime::now();
    must(sample_forms(payload, ObjectShape::data_blobs_for(payload.payload_bytes())));
    return (ProcessTime::now() - begin).cpu();
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

void print_forms(const PublishedBytes& bytes, double form_seconds, double total_cpu, bool json)
{
    const FigurePrinter printer{json};
    printer.print({.metric = "stored_ratio",
        .value = static_cast<double>(bytes.data_sent) / static_cast<double>(bytes.data_raw),
        .unit = "of raw"});
    printer.print(
        {.metric = "publish_form_share", .value = form_seconds / total_cpu, .unit = "of CPU"});
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
    const auto total = ProcessTime::now() - begin;
    print(clock, total, static_cast<double>(bytes.payload), arguments.json);
    print_forms(bytes, form_cpu(*nodes), total.cpu(), arguments.json);
    return 0;
}

}  // namespace
}  // namespace ashlar

int main(int argc, char** argv)
{
    return ashlar::run(argc, argv);
}
