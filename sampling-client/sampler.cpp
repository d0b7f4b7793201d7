#include "sampling-client/sampler.hpp"

#include <atomic>
#include <numeric>
#include <thread>

#include "sampling-client/object_source.hpp"
#include "sampling-client/sample_query.hpp"
#include "sampling-client/verdict_text.hpp"

namespace ashlar
{
namespace
{

/// Draws whose answers are held in memory at once: half a megabyte of cells, 4 MiB of blobs.
constexpr std::size_t CELLS_IN_MEMORY_MAX = 256;
constexpr std::size_t BLOBS_IN_MEMORY_MAX = 32;

/// One call of sample().
class SampleRun
{
public:
    SampleRun(const Bytes32& object_root, const Committee& committee,
        std::span<NodeApi* const> nodes, RandomSource& random, const SampleOptions& options,
        EvidenceFolder evidence, ProgressListener& progress)
      : committee_{committee},
        random_{random},
        options_{options},
        evidence_{std::move(evidence)},
        progress_{progress},
        book_{nodes, *options.clock},
        start_{options.clock->monotonic()}
    {
        report_.object_root = object_root;
        report_.mode = options.mode;
        report_.error_asked = options.error;
    }

    [[nodiscard]] Result<SampleReport> run()
    {
        ASHLAR_CHECK(find_and_draw());
        const auto elapsed = options_.clock->monotonic() - start_;
        report_.seconds = std::chrono::duration<double>{elapsed}.count();
        report_.members = book_.tallies();
        report_.evidence = evidence_.files();
        return std::move(report_);
    }

private:
    [[nodiscard]] std::chrono::nanoseconds deadline() const { return start_ + options_.deadline; }

    /// @return  not_found if nobody knows the object; every other end is in the report.
    Result<void> find_and_draw();
    void draw_until_verdict(const ObjectHeader& header, std::span<const Commitment> codeword);

    /// Makes draws until there are `target`. @return  whether there was time for all of them.
    [[nodiscard]] bool draw_to(std::uint64_t target, DrawSource& source, const ObjectHeader& header,
        std::span<const Commitment> codeword);

    /// Answers to the first draws that there was time to ask for: all, or fewer.
    [[nodiscard]] std::vector<std::optional<SampleAnswer>> ask_all(std::span<const Draw> draws);

    /// Checks and counts the draws that were asked for.
    void count(std::span<const Draw> draws, std::span<const std::optional<SampleAnswer>> answers,
        const ObjectHeader& header, std::span<const Commitment> codeword);

    void conclude_unconfirmed(std::string_view why_stopped)
    {
        report_.verdict = Verdict::unconfirmed;
        report_.members = book_.tallies();
        report_.reason = reason_unconfirmed(report_, why_stopped);
    }

    const Committee& committee_;
    RandomSource& random_;
    const SampleOptions& options_;
    EvidenceFolder evidence_;
    ProgressListener& progress_;
    MemberBook book_;
    std::chrono::nanoseconds start_;
    SampleReport report_;
};

Result<void> SampleRun::find_and_draw()
{
    std::vector<std::uint16_t> order(committee_.size());
    std::iota(order.begin(), order.end(), std::uint16_t{0});
    shuffle(order, random_);
    const Search search{.object_root = report_.object_root,
        .book = book_,
        .order = order,
        .deadline = deadline(),
        .clock = *options_.clock};

    const auto header = search_header(search, report_.bytes_received);
    if (!header)
    {
        if (header.error().kind == ErrorKind::not_found)
            return tl::unexpected<Error>{header.error()};
        conclude_unconfirmed(header.error().message);
        return {};
    }
    report_.shape = header->shape();

    progress_.advance("commitments", ProgressUnit::items, 0, header->shape().position_count());
    const auto codeword = search_commitments(search, *header, evidence_, report_.bytes_received);
    if (codeword)
        draw_until_verdict(*header, *codeword);
    else if (codeword.error().kind == ErrorKind::proof_invalid)
    {
        report_.verdict = Verdict::invalid;
        report_.reason = codeword.error().message;
    }
    else
        conclude_unconfirmed(codeword.error().message);
    return {};
}

void SampleRun::draw_until_verdict(const ObjectHeader& header, std::span<const Commitment> codeword)
{
    DrawSource source{header, committee_, random_};
    const AcceptSchedule accept{hidden_share(header.shape(), options_.mode), options_.error};
    const RefuseSchedule refuse{lost_share(header.shape()), options_.error};
    const auto& samples = report_.samples;
    const auto& failures = report_.failures;
    while (const auto refuse_look = refuse.next_look(samples))
    {
        // Looks with fewer failures allowed than there have been already would refuse anyway.
        const auto accept_look = accept.draws_for(failures).value_or(SAMPLES_MAX);
        const bool in_time = draw_to(std::min(*refuse_look, accept_look), source, header, codeword);
        report_.error_achieved = accept.achieved_error(samples, failures);
        if (!in_time)
        {
            conclude_unconfirmed(fmt::format("the deadline of {:.3g} s passed",
                std::chrono::duration<double>{options_.deadline}.count()));
            return;
        }
        if (accept.accepts(samples, failures))
        {
            report_.verdict = Verdict::available;
            report_.reason = reason_available(report_);
            return;
        }
        if (refuse.refuses(samples, failures))
        {
            report_.verdict = Verdict::unavailable;
            report_.error_achieved = refuse.achieved_error(samples, failures);
            report_.members = book_.tallies();
            report_.reason = reason_unavailable(report_);
            return;
        }
    }
    conclude_unconfirmed(fmt::format("no verdict after {} samples", SAMPLES_MAX));
}

bool SampleRun::draw_to(std::uint64_t target, DrawSource& source, const ObjectHeader& header,
    std::span<const Commitment> codeword)
{
    const auto at_once =
        options_.mode == SampleMode::cell ? CELLS_IN_MEMORY_MAX : BLOBS_IN_MEMORY_MAX;
    while (report_.samples < target)
    {
        std::vector<Draw> draws;
        const auto wanted = std::min<std::uint64_t>(at_once, target - report_.samples);
        while (draws.size() < wanted)
            draws.push_back(source.next());
        const auto answers = ask_all(draws);
        count(draws, answers, header, codeword);
        progress_.advance("sample", ProgressUnit::items, report_.samples, target);
        if (answers.size() < draws.size())
            return false;
    }
    return true;
}

std::vector<std::optional<SampleAnswer>> SampleRun::ask_all(std::span<const Draw> draws)
{
    std::vector<std::optional<SampleAnswer>> answers(draws.size());
    std::atomic<std::size_t> next{0};
    const auto ask_some = [&] {
        while (options_.clock->monotonic() < deadline())
        {
            const auto i = next.fetch_add(1);
            if (i >= draws.size())
                return;
            answers[i] = ask_holders(book_, report_.object_root, draws[i], options_.mode);
        }
    };
    {
        // Threads of their own: they wait for the network, not for a core.
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < std::min(options_.parallel, draws.size()); ++t)
            threads.emplace_back(ask_some);
    }
    // What a thread took it has finished, and they took from the front: a complete prefix.
    answers.resize(std::min(next.load(), draws.size()));
    return answers;
}

void SampleRun::count(std::span<const Draw> draws,
    std::span<const std::optional<SampleAnswer>> answers, const ObjectHeader& header,
    std::span<const Commitment> codeword)
{
    std::vector<SampleClaim> claims;
    for (std::size_t i = 0; i < answers.size(); ++i)
    {
        if (!answers[i])
            continue;
        const auto position = header.shape().position_of(draws[i].stored);
        claims.push_back({draws[i], *answers[i], codeword[position]});
        report_.bytes_received += answers[i]->bytes.size();
        if (options_.mode == SampleMode::cell)
            report_.bytes_received += answers[i]->proof.size();
    }
    std::uint64_t held = 0;
    const auto faults = check_claims(claims, options_.mode);
    for (std::size_t i = 0; i < claims.size(); ++i)
    {
        const auto& fault = faults[i];
        if (!fault)
        {
            ++held;
            continue;
        }
        const auto& [draw, answer, commitment] = claims[i];
        const auto what = fmt::format("blob {}: {}", draw.stored, *fault);
        book_.retract(answer.member, what);
        evidence_.keep_false_sample(header, committee_.members()[answer.member], codeword,
            {.mode = options_.mode, .draw = draw, .answer = answer, .why = what});
    }
    report_.samples += answers.size();
    report_.failures += answers.size() - held;
}

Result<void> check_options(const SampleOptions& options)
{
    if (!(options.error > 0 && options.error < 1))
        return fail(ErrorKind::invalid_input, "the error {} is not between 0 and 1", options.error);
    if (options.parallel == 0 || options.parallel > PARALLEL_QUESTIONS_MAX)
        return fail(ErrorKind::invalid_input, "{} questions at once; 1 to {} are possible",
            options.parallel, PARALLEL_QUESTIONS_MAX);
    if (options.deadline.count() <= 0)
        return fail(ErrorKind::invalid_input, "the deadline is not in the future");
    return {};
}

}  // namespace

std::string_view to_string(Verdict verdict) noexcept
{
    switch (verdict)
    {
        case Verdict::available:
            return "AVAILABLE";
        case Verdict::unavailable:
            return "UNAVAILABLE";
        case Verdict::unconfirmed:
            return "UNCONFIRMED";
        case Verdict::invalid:
            return "INVALID";
    }
    ASHLAR_ASSERT(false);
}

Result<SampleReport> sample(const Bytes32& object_root, const Committee& committee,
    std::span<NodeApi* const> nodes, RandomSource& random, const SampleOptions& options,
    ProgressListener& progress)
{
    ASHLAR_ASSERT(nodes.size() == committee.size());
    ASHLAR_ASSERT(options.clock != nullptr);
    ASHLAR_CHECK(check_options(options));
    ASHLAR_TRY(auto evidence, EvidenceFolder::open(options.evidence_folder));
    SampleRun run{object_root, committee, nodes, random, options, std::move(evidence), progress};
    return run.run();
}

}  // namespace ashlar
