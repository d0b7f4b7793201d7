#include "sampling-client/ashlar_sampling.h"
#include "sampling-client/sample_command.hpp"

namespace
{

using namespace ashlar;  // NOLINT(google-build-using-namespace): the C names are outside

static_assert(ASHLAR_HEADER_BYTES == BYTES_PER_HEADER);
static_assert(ASHLAR_FOLD_RECORD_BYTES_MAX == FOLD_RECORD_BYTES_MAX);
static_assert(ASHLAR_WALK_BYTES_MAX == WALK_BYTES_MAX);
static_assert(ASHLAR_CELL_BYTES == BYTES_PER_CELL);
static_assert(ASHLAR_PROOF_BYTES == BYTES_PER_G1);

/// Text into a C string of limited size, cut where it must be.
void copy_text(std::string_view text, char* out, std::size_t size)
{
    if (out == nullptr || size == 0)
        return;
    const auto count = std::min(text.size(), size - 1);
    std::copy_n(text.begin(), count, out);
    out[count] = '\0';
}

Result<void> check_answer(int answer)
{
    if (answer == ASHLAR_ANSWERED)
        return {};
    if (answer == ASHLAR_NOT_FOUND)
        return fail(ErrorKind::not_found, "the node does not have it");
    return fail(ErrorKind::unavailable, "no answer");
}

const std::uint8_t* raw(const Bytes32& bytes)
{
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

std::uint8_t* raw(std::span<std::byte> bytes)
{
    return reinterpret_cast<std::uint8_t*>(bytes.data());
}

/// A member behind the caller's callbacks.
class CallbackNode final : public LightNodeApi
{
public:
    CallbackNode(const ashlar_callbacks& callbacks, std::uint16_t member)
      : callbacks_{callbacks}, member_{member}
    {}

    Result<ObjectInfo> object(const Bytes32& root) override
    {
        ASHLAR_TRY(const auto bytes, read(BYTES_PER_HEADER, [&](auto* out, auto size, auto* got) {
            return callbacks_.header(callbacks_.context, member_, raw(root), out, size, got);
        }));
        if (bytes.size() != BYTES_PER_HEADER)
            return fail(ErrorKind::proof_invalid, "the header has {} bytes", bytes.size());
        return ObjectInfo{.header = to_array(ByteView{bytes}.first<BYTES_PER_HEADER>()),
            .certificate = std::nullopt};
    }
    Result<Bytes> fold_record(const Bytes32& root) override
    {
        return read(FOLD_RECORD_BYTES_MAX, [&](auto* out, auto size, auto* got) {
            return callbacks_.fold_record(callbacks_.context, member_, raw(root), out, size, got);
        });
    }
    Result<Bytes> get_walk(const Bytes32& root, std::uint64_t position) override
    {
        return read(WALK_BYTES_MAX, [&](auto* out, auto size, auto* got) {
            return callbacks_.walk(
                callbacks_.context, member_, raw(root), position, out, size, got);
        });
    }
    Result<CellAnswer> get_cell(
        const Bytes32& root, std::uint64_t stored, std::uint64_t cell_index) override
    {
        CellAnswer answer{};
        ASHLAR_CHECK(check_answer(callbacks_.cell(callbacks_.context, member_, raw(root), stored,
            cell_index, raw(answer.cell), raw(answer.proof))));
        return answer;
    }
    Result<ObjectMetadata> metadata(const Bytes32&) override { return nothing(); }
    Result<void> get_pieces(
        const Bytes32&, std::span<const std::uint64_t>, const PieceSink&) override
    {
        return nothing();
    }

private:
    static tl::unexpected<Error> nothing()
    {
        return fail(ErrorKind::not_found, "callbacks do not serve this");
    }

    template <typename Call>
    [[nodiscard]] static Result<Bytes> read(std::size_t capacity, Call&& call)
    {
        Bytes bytes(capacity);
        std::size_t size = 0;
        ASHLAR_CHECK(check_answer(call(raw(bytes), capacity, &size)));
        if (size > capacity)
            return fail(ErrorKind::proof_invalid, "the callback claims {} bytes", size);
        bytes.resize(size);
        return bytes;
    }

    const ashlar_callbacks callbacks_;
    const std::uint16_t member_;
};

bool is_complete(const ashlar_callbacks& callbacks)
{
    return callbacks.header != nullptr && callbacks.fold_record != nullptr &&
           callbacks.walk != nullptr && callbacks.cell != nullptr;
}

SampleOptions options_of(const ashlar_options* given)
{
    SampleOptions options;
    if (given == nullptr)
        return options;
    if (given->error != 0)
        options.error = given->error;
    if (given->deadline_ms != 0)
        options.deadline = std::chrono::milliseconds{given->deadline_ms};
    if (given->parallel != 0)
        options.parallel = given->parallel;
    if (given->evidence_dir != nullptr)
        options.evidence_folder = given->evidence_dir;
    return options;
}

std::int32_t kind_of(Verdict verdict)
{
    switch (verdict)
    {
        case Verdict::available:
            return ASHLAR_AVAILABLE;
        case Verdict::unavailable:
            return ASHLAR_UNAVAILABLE;
        case Verdict::unconfirmed:
            return ASHLAR_UNCONFIRMED;
        case Verdict::invalid:
            return ASHLAR_INVALID;
    }
    ASHLAR_ASSERT(false);
}

void write_verdict(const SampleReport& report, ashlar_verdict& out)
{
    out = {};
    out.kind = kind_of(report.verdict);
    out.error_achieved = report.error_achieved.value_or(1);
    out.walks = report.walks;
    out.walk_failures = report.walk_failures;
    out.samples = report.samples;
    out.failures = report.failures;
    out.bytes_received = report.bytes_received;
    copy_text(report.reason, out.reason, sizeof(out.reason));
}

}  // namespace

struct ashlar_sampler
{
    ashlar::Committee committee;
    std::vector<std::unique_ptr<ashlar::LightNodeApi>> owned{};
    std::vector<ashlar::LightNodeApi*> nodes{};
};

int ashlar_sampler_open(const char* committee_json, size_t committee_size,
    const ashlar_callbacks* callbacks, ashlar_sampler** out, char* message, size_t message_size)
{
    if (out == nullptr)
        return ASHLAR_INVALID_INPUT;
    *out = nullptr;
    if (committee_json == nullptr || (callbacks != nullptr && !is_complete(*callbacks)))
    {
        copy_text("a pointer is null", message, message_size);
        return ASHLAR_INVALID_INPUT;
    }
    auto committee = Committee::parse_json({committee_json, committee_size});
    if (!committee)
    {
        copy_text(committee.error().message, message, message_size);
        return ASHLAR_INVALID_INPUT;
    }
    auto sampler = std::make_unique<ashlar_sampler>(ashlar_sampler{std::move(*committee)});
    for (std::size_t m = 0; m < sampler->committee.size(); ++m)
    {
        if (callbacks != nullptr)
            sampler->owned.push_back(
                std::make_unique<CallbackNode>(*callbacks, static_cast<std::uint16_t>(m)));
        else
            sampler->owned.push_back(
                connect_member(sampler->committee, m, sampling_client_options()));
        sampler->nodes.push_back(sampler->owned.back().get());
    }
    *out = sampler.release();
    return ASHLAR_OK;
}

int ashlar_sample(const ashlar_sampler* sampler, const uint8_t root[32],
    const ashlar_options* options, ashlar_verdict* verdict, char* message, size_t message_size)
{
    if (sampler == nullptr || root == nullptr || verdict == nullptr)
    {
        copy_text("a pointer is null", message, message_size);
        return ASHLAR_INVALID_INPUT;
    }
    const auto report = sample(to_array(std::as_bytes(std::span<const uint8_t, 32>{root, 32})),
        sampler->committee, std::span<LightNodeApi* const>{sampler->nodes}, system_random(),
        options_of(options), no_progress());
    if (!report)
    {
        copy_text(report.error().message, message, message_size);
        return report.error().kind == ErrorKind::not_found ? ASHLAR_UNKNOWN_OBJECT
                                                           : ASHLAR_INVALID_INPUT;
    }
    write_verdict(*report, *verdict);
    return ASHLAR_OK;
}

void ashlar_sampler_close(ashlar_sampler* sampler)
{
    const std::unique_ptr<ashlar_sampler> owned{sampler};
}
