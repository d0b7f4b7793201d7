#include "sampling-client/sampler.hpp"

#include <numeric>

#include "sampling-client/object_source.hpp"
#include "sampling-client/questions.hpp"
#include "sampling-client/sample_query.hpp"
#include "sampling-client/verdict_text.hpp"

namespace ashlar
{
namespace
{

/// Draws whose answers are held in memory at once: under two megabytes of walks and cells, 4 MiB
/// of blobs.
constexpr std::size_t DRAWS_IN_MEMORY_MAX = 256;
constexpr std::size_t BLOB_DRAWS_IN_MEMORY_MAX = 32;

/// Share of positions whose walk fails if the commitments are no codeword: the theorem's β ≥ ¼.
constexpr Fraction WALKS_FAILING{1, 4};

/// A draw with what came of it.
struct AskedDraw
{
    Draw draw;
    bool wants_walk = false;
    bool wants_sample = false;
    QuestionOutcome walk{};
    QuestionOutcome sample{};

    [[nodiscard]] bool was_asked() const noexcept
    {
        using State = QuestionOutcome::State;
        return !(wants_walk && walk.state == State::unasked) &&
               !(wants_sample && sample.state == State::unasked);
    }
};

/// A commitment that counts, with its path for evidence.
struct CountedCommitment
{
    Commitment commitment;
    std::vector<Bytes32> path{};
};

/// One call of sample().
class SampleRun
{
public:
    SampleRun(const Bytes32& object_root, const Committee& committee,
        std::span<LightNodeApi* const> nodes, RandomSource& random, const SampleOptions& options,
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
        report_.full_commitments = options.full_commitments;
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

    /// Makes commitments count, or ends with a verdict. @return  whether to go on.
    [[nodiscard]] bool find_commitments(const Search& search);
    void draw_until_verdict();

    /// Draws as many more as the next looks want, within what memory holds.
    [[nodiscard]] std::vector<AskedDraw> next_draws(DrawSource& source) const;
    [[nodiscard]] std::uint64_t walks_wanted() const;
    [[nodiscard]] std::uint64_t samples_wanted() const;

    /// Asks for all walks and samples in their random order.
    void ask(std::span<AskedDraw> draws);
    [[nodiscard]] Question walk_question(const Draw& draw) const;
    [[nodiscard]] Question sample_question(const Draw& draw) const;

    /// Checks and counts the draws that were asked for. @return  false if a walk ended the run.
    [[nodiscard]] bool count(std::span<const AskedDraw> draws);

    /// The commitment of each draw; nothing where its walk did not come.
    /// @return  nothing at all if a walk shows that the object is INVALID.
    [[nodiscard]] std::optional<std::vector<std::optional<CountedCommitment>>> commitments_of(
        std::span<const AskedDraw> draws);
    [[nodiscard]] CountedCommitment known_commitment(std::uint64_t position) const;

    /// @return  for each draw whether its sample holds.
    [[nodiscard]] std::vector<bool> check_samples(std::span<const AskedDraw> draws,
        std::span<const std::optional<CountedCommitment>> commitments);
    void count_sample(bool holds);
    void keep_false_walks(std::span<const AskedDraw> draws);

    /// @return  whether the looks give a verdict, or there is nothing more to look at.
    [[nodiscard]] bool conclude();
    void conclude_invalid(std::string_view why)
    {
        report_.verdict = Verdict::invalid;
        report_.reason = why;
        report_.error_achieved.reset();
    }
    void conclude_unconfirmed(std::string_view why_stopped)
    {
        report_.verdict = Verdict::unconfirmed;
        report_.members = book_.tallies();
        report_.reason = reason_unconfirmed(report_, why_stopped);
    }
    [[nodiscard]] double accept_error() const;

    [[nodiscard]] AcceptSchedule accept_schedule() const
    {
        return {hidden_share(*report_.shape, options_.mode), options_.error};
    }
    [[nodiscard]] AcceptSchedule walk_schedule() const { return {WALKS_FAILING, options_.error}; }
    [[nodiscard]] RefuseSchedule refuse_schedule() const
    {
        return {lost_share(*report_.shape), options_.error};
    }

    const Committee& committee_;
    RandomSource& random_;
    const SampleOptions& options_;
    EvidenceFolder evidence_;
    ProgressListener& progress_;
    MemberBook book_;
    std::chrono::nanoseconds start_;
    SampleReport report_;

    std::optional<ObjectHeader> header_;
    std::optional<CheckedRecord> record_;  ///< By walks …
    std::vector<Commitment> codeword_;     ///< … or all at once; also where J = 0.
    std::optional<MerkleTree> tree_;       ///< Of codeword_.
    bool by_walks_ = false;                ///< Walks have to be asked for.
    bool walks_accepted_ = false;
    bool samples_accepted_ = false;
    bool refused_ = false;
};

Result<void> SampleRun::find_and_draw()
{
    std::vector<std::uint16_t> order(committee_.size());
    std::iota(order.begin(), order.end(), std::uint16_t{0});
    shuffle(order, random_);
    const Search search{.object_root = report_.object_root,
        .committee = committee_,
        .book = book_,
        .order = order,
        .deadline = deadline(),
        .clock = *options_.clock};

    auto header = search_header(search, report_.bytes_received);
    if (!header)
    {
        if (header.error().kind == ErrorKind::not_found)
            return tl::unexpected<Error>{header.error()};
        conclude_unconfirmed(header.error().message);
        return {};
    }
    header_ = std::move(*header);
    report_.shape = header_->shape();
    if (find_commitments(search))
        draw_until_verdict();
    return {};
}

bool SampleRun::find_commitments(const Search& search)
{
    const auto stop = [&](const Error& error) {
        if (error.kind == ErrorKind::proof_invalid)
            conclude_invalid(error.message);
        else
            conclude_unconfirmed(error.message);
        return false;
    };
    if (options_.full_commitments)
    {
        progress_.advance("commitments", ProgressUnit::items, 0, report_.shape->position_count());
        auto codeword = search_commitments(search, *header_, evidence_, report_.bytes_received);
        if (!codeword)
            return stop(codeword.error());
        codeword_ = std::move(*codeword);
        walks_accepted_ = true;
    }
    else
    {
        auto record = search_record(search, *header_, evidence_, report_.bytes_received);
        if (!record)
            return stop(record.error());
        record_ = std::move(*record);
        by_walks_ = FoldGeometry::of(*report_.shape).final_layer > 0;
        if (!by_walks_)
            codeword_ =
                parse_commitments(record_->record.encode()).value_or(std::vector<Commitment>{});
    }
    if (!codeword_.empty())
        tree_ = commitment_tree(codeword_);
    return true;
}

void SampleRun::draw_until_verdict()
{
    const auto space =
        options_.full_commitments ? DrawSpace::stored_blobs : DrawSpace::all_positions;
    DrawSource source{*header_, committee_, space, random_};
    do
    {
        auto draws = next_draws(source);
        ask(draws);
        const auto asked = static_cast<std::size_t>(
            std::ranges::find_if_not(draws, &AskedDraw::was_asked) - draws.begin());
        keep_false_walks(draws);
        if (!count(std::span{draws}.first(asked)))
            return;
        report_.error_achieved = accept_error();
        progress_.advance("sample", ProgressUnit::items, report_.samples + report_.walks,
            samples_wanted() + (walks_accepted_ ? report_.walks : walks_wanted()));
        if (asked < draws.size())
        {
            conclude_unconfirmed(fmt::format("the deadline of {:.3g} s passed",
                std::chrono::duration<double>{options_.deadline}.count()));
            return;
        }
    } while (!conclude());
}

std::uint64_t SampleRun::walks_wanted() const
{
    return walk_schedule().draws_for(report_.walk_failures).value_or(SAMPLES_MAX);
}

std::uint64_t SampleRun::samples_wanted() const
{
    const auto accept_look = accept_schedule().draws_for(report_.failures).value_or(SAMPLES_MAX);
    return std::min(RefuseSchedule::next_look(report_.samples).value_or(SAMPLES_MAX), accept_look);
}

std::vector<AskedDraw> SampleRun::next_draws(DrawSource& source) const
{
    const auto at_once =
        options_.mode == SampleMode::cell ? DRAWS_IN_MEMORY_MAX : BLOB_DRAWS_IN_MEMORY_MAX;
    const auto walks_target = walks_accepted_ ? 0 : walks_wanted();
    const auto samples_target = samples_accepted_ ? 0 : samples_wanted();
    auto walks = report_.walks;
    auto samples = report_.samples;
    std::vector<AskedDraw> draws;
    while (draws.size() < at_once && (walks < walks_target || samples < samples_target))
    {
        AskedDraw asked{.draw = source.next()};
        asked.wants_walk = by_walks_;
        asked.wants_sample = asked.draw.stored && samples < samples_target;
        walks += options_.full_commitments ? 0 : 1;
        samples += asked.wants_sample ? 1 : 0;
        draws.push_back(std::move(asked));
    }
    return draws;
}

Question SampleRun::walk_question(const Draw& draw) const
{
    return {.candidates = draw.walk_servers,
        .ask = [this, &draw](LightNodeApi& node) -> Result<NodeAnswer> {
            NodeAnswer answer;
            ASHLAR_TRY(answer.bytes, node.get_walk(report_.object_root, draw.position));
            const auto walk =
                parse_walk(fold_binding(*header_), record_->record, draw.position, answer.bytes);
            if (!walk)
                answer.fault = walk.error().message;
            return answer;
        },
        .shun_liars = true};
}

Question SampleRun::sample_question(const Draw& draw) const
{
    return {.candidates = draw.holders, .ask = [this, &draw](LightNodeApi& node) {
                return ask_sample(node, report_.object_root, draw, options_.mode);
            }};
}

void SampleRun::ask(std::span<AskedDraw> draws)
{
    struct Planned
    {
        std::uint64_t order;
        AskedDraw* asked;
        bool is_walk;
    };
    std::vector<Planned> plan;
    for (auto& asked : draws)
    {
        if (asked.wants_walk)
            plan.push_back({asked.draw.walk_order, &asked, true});
        if (asked.wants_sample)
            plan.push_back({asked.draw.sample_order, &asked, false});
    }
    std::ranges::sort(plan, {}, &Planned::order);
    std::vector<Question> questions;
    for (const auto& [order, asked, is_walk] : plan)
        questions.push_back(is_walk ? walk_question(asked->draw) : sample_question(asked->draw));
    auto outcomes = ask_questions(book_, *options_.clock, questions,
        {.parallel = options_.parallel,
            .deadline = deadline(),
            .hedge_after = options_.hedge_after});
    for (std::size_t i = 0; i < plan.size(); ++i)
    {
        report_.bytes_received += outcomes[i].answer.bytes.size();
        if (!plan[i].is_walk && options_.mode == SampleMode::cell &&
            !outcomes[i].answer.bytes.empty())
            report_.bytes_received += BYTES_PER_G1;
        (plan[i].is_walk ? plan[i].asked->walk : plan[i].asked->sample) = std::move(outcomes[i]);
    }
}

void SampleRun::keep_false_walks(std::span<const AskedDraw> draws)
{
    for (const auto& [draw, wants_walk, wants_sample, walk, sample] : draws)
    {
        if (!walk.answer.fault.empty())
            evidence_.keep_false_walk(*header_, committee_.members()[walk.answer.member],
                {.record = record_->record,
                    .position = draw.position,
                    .walk = walk.answer.bytes,
                    .why = walk.answer.fault});
    }
}

CountedCommitment SampleRun::known_commitment(std::uint64_t position) const
{
    const auto n = static_cast<std::size_t>(position);
    return {.commitment = codeword_[n], .path = tree_->path(n)};
}

std::optional<std::vector<std::optional<CountedCommitment>>> SampleRun::commitments_of(
    std::span<const AskedDraw> draws)
{
    std::vector<std::optional<CountedCommitment>> out(draws.size());
    std::vector<Walk> walks;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < draws.size(); ++i)
    {
        if (!by_walks_)
            out[i] = known_commitment(draws[i].draw.position);
        else if (draws[i].walk.state == QuestionOutcome::State::answered)
        {
            // Parsed once already, to know whether the member spoke the truth.
            walks.push_back(parse_walk(fold_binding(*header_), record_->record,
                draws[i].draw.position, draws[i].walk.answer.bytes)
                                .value());
            places.push_back(i);
        }
    }
    if (walks.empty())
        return out;
    const auto checked = record_->checker.check(walks);
    for (std::size_t w = 0; w < walks.size(); ++w)
    {
        const auto& bytes = draws[places[w]].walk.answer.bytes;
        if (!checked[w])
        {
            const auto& why = checked[w].error().message;
            evidence_.keep_invalid_walk(*header_,
                {.record = record_->record, .position = walks[w].start, .walk = bytes, .why = why});
            conclude_invalid(fmt::format("a walk that leads to the object's roots fails: {}", why));
            return std::nullopt;
        }
        out[places[w]] = {.commitment = *checked[w],
            .path = commitment_path(fold_binding(*header_), walks[w], bytes)};
    }
    return out;
}

std::vector<bool> SampleRun::check_samples(
    std::span<const AskedDraw> draws, std::span<const std::optional<CountedCommitment>> commitments)
{
    std::vector<SampleClaim> claims;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < draws.size(); ++i)
    {
        if (draws[i].sample.state != QuestionOutcome::State::answered || !commitments[i])
            continue;
        claims.push_back({draws[i].draw, draws[i].sample.answer, commitments[i]->commitment});
        places.push_back(i);
    }
    std::vector<bool> holds(draws.size());
    const auto faults = check_claims(claims, options_.mode);
    for (std::size_t c = 0; c < claims.size(); ++c)
    {
        const auto& [draw, answer, commitment] = claims[c];
        holds[places[c]] = !faults[c];
        if (!faults[c])
            continue;
        const auto what = fmt::format("blob {}: {}", *draw.stored, *faults[c]);
        book_.retract(answer.member, what);
        evidence_.keep_false_sample(*header_, committee_.members()[answer.member],
            {.mode = options_.mode,
                .draw = draw,
                .answer = answer,
                .commitment = commitment,
                .commitment_path = commitments[places[c]]->path,
                .why = what});
    }
    return holds;
}

void SampleRun::count_sample(bool holds)
{
    ++report_.samples;
    report_.failures += holds ? 0 : 1;
    // Refusing looks at exactly so many samples; those that come after them in a round do not
    // count there.
    if (!samples_accepted_ && !refused_ &&
        refuse_schedule().refuses(report_.samples, report_.failures))
    {
        refused_ = true;
        report_.error_achieved =
            refuse_schedule().achieved_error(report_.samples, report_.failures);
    }
}

bool SampleRun::count(std::span<const AskedDraw> draws)
{
    const auto commitments = commitments_of(draws);
    if (!commitments)
        return false;
    const auto holds = check_samples(draws, *commitments);
    for (std::size_t i = 0; i < draws.size() && !refused_; ++i)
    {
        if (!options_.full_commitments)
        {
            ++report_.walks;
            report_.walk_failures += (*commitments)[i] ? 0 : 1;
        }
        if (draws[i].wants_sample)
            count_sample(holds[i]);
    }
    return true;
}

double SampleRun::accept_error() const
{
    if (refused_)
        return *report_.error_achieved;
    const auto of_samples = accept_schedule().achieved_error(report_.samples, report_.failures);
    if (options_.full_commitments)
        return of_samples;
    const auto walks = std::min(report_.walks, SAMPLES_MAX);
    return std::max(of_samples, walk_schedule().achieved_error(walks, report_.walk_failures));
}

bool SampleRun::conclude()
{
    if (refused_)
    {
        report_.verdict = Verdict::unavailable;
        report_.members = book_.tallies();
        report_.reason = reason_unavailable(report_);
        return true;
    }
    samples_accepted_ =
        samples_accepted_ || accept_schedule().accepts(report_.samples, report_.failures);
    walks_accepted_ =
        walks_accepted_ || walk_schedule().accepts(report_.walks, report_.walk_failures);
    if (samples_accepted_ && walks_accepted_)
    {
        report_.verdict = Verdict::available;
        report_.reason = reason_available(report_);
        return true;
    }
    const bool samples_left = samples_accepted_ || report_.samples < SAMPLES_MAX;
    const bool walks_left = walks_accepted_ || report_.walks < SAMPLES_MAX;
    if (samples_left && walks_left)
        return false;
    conclude_unconfirmed(
        fmt::format("no verdict after {} {}", SAMPLES_MAX, samples_left ? "walks" : "samples"));
    return true;
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
    std::span<LightNodeApi* const> nodes, RandomSource& random, const SampleOptions& options,
    ProgressListener& progress)
{
    ASHLAR_ASSERT(nodes.size() == committee.size());
    ASHLAR_ASSERT(options.clock != nullptr);
    ASHLAR_CHECK(check_options(options));
    ASHLAR_TRY(auto evidence, EvidenceFolder::open(options.evidence_folder));
    SampleRun run{object_root, committee, nodes, random, options, std::move(evidence), progress};
    return run.run();
}

Result<SampleReport> sample(const Bytes32& object_root, const Committee& committee,
    std::span<NodeApi* const> nodes, RandomSource& random, const SampleOptions& options,
    ProgressListener& progress)
{
    const std::vector<LightNodeApi*> light_nodes(nodes.begin(), nodes.end());
    return sample(object_root, committee, std::span<LightNodeApi* const>{light_nodes}, random,
        options, progress);
}

}  // namespace ashlar
