// pvgame.hpp - libpvgame for C++17: one header over pvgame.h, nothing to link but the library.
//
//   pvgame::context context;
//   pvgame::settings settings(context, "tiny");
//   pvgame::game game(context, settings);
//   game.run();
//   double right = game.report(1).metric("helpful_accuracy");
//
// Objects     Move-only handles. They keep their context alive and may be destroyed in any order. A moved-from handle is
//             empty (false) and may only be assigned to or destroyed. get() is the C handle, still owned by the object.
// Failures    pvgame::error, with the status, the component and the library's sentence. An exception thrown by a callback
//             (player, observer) stops the library's call and comes out of it as it was thrown, type and all.
// Texts       std::string_view in; NUL-terminated names and paths as pvgame::name (a literal or a std::string). What is
//             returned as std::string_view is borrowed until the object it came from changes or is destroyed.
// Left out    What is unstable in C (docs/abi.md); get() gives the C handles for it.
// Threads     As pvgame.h says: a context and its objects belong to one thread at a time; context::cancel to all.
#ifndef PVGAME_HPP
#define PVGAME_HPP

#include <pvgame/pvgame_base.hpp>
#include <pvgame/pvgame_data.hpp>

namespace pvgame {

// ----------------------------------------------------------------------------------------------- host-made players --

// One thing that is asked about. Texts are borrowed until the exchange ends.
class request_item {
  public:
    request_item(const pvg_request *raw, std::size_t index) noexcept : raw_(raw), index_(index) {}
    std::size_t index() const noexcept { return index_; }
    pvgame::role role() const noexcept { return static_cast<pvgame::role>(pvg_request_role(raw_, index_)); }
    std::uint64_t seed() const noexcept { return pvg_request_seed(raw_, index_); }
    std::string_view question() const { return part(pvg_request_question, "this request has no question"); }
    std::string_view solution() const { return part(pvg_request_solution, "this request has no solution"); }
    // The reference answer, where this player may see it: a grader, and a sneaky prover by roles.sneaky_sees_answer.
    std::optional<std::string_view> answer() const noexcept {
        const char *text = nullptr;
        std::size_t length = 0;
        if (pvg_request_answer(raw_, index_, &text, &length) != PVG_OK) return std::nullopt;
        return std::string_view(text, length);
    }
    double temperature() const noexcept { return pvg_request_temperature(raw_); } // 0 asks for the best answer

  private:
    template <class F> std::string_view part(F of, const char *missing) const {
        const char *text = nullptr;
        std::size_t length = 0;
        detail::check_quiet(of(raw_, index_, &text, &length), missing);
        return {text, length};
    }
    const pvg_request *raw_;
    std::size_t index_;
};

namespace detail {
template <class Item, class Raw> class item_iterator {
  public:
    item_iterator(const Raw *raw, std::size_t index) noexcept : raw_(raw), index_(index) {}
    Item operator*() const noexcept { return {raw_, index_}; }
    item_iterator &operator++() noexcept {
        index_++;
        return *this;
    }
    bool operator!=(const item_iterator &other) const noexcept { return index_ != other.index_; }

  private:
    const Raw *raw_;
    std::size_t index_;
};
} // namespace detail

// A batch of items that a player is asked about: for (auto item : request) ...
class request {
  public:
    explicit request(const pvg_request *raw) noexcept : raw_(raw) {}
    request_kind kind() const noexcept { return static_cast<request_kind>(pvg_request_kind_of(raw_)); }
    std::uint64_t id() const noexcept { return pvg_request_id(raw_); }
    double temperature() const noexcept { return pvg_request_temperature(raw_); }
    std::size_t size() const noexcept { return pvg_request_count(raw_); }
    request_item operator[](std::size_t index) const noexcept { return {raw_, index}; }
    detail::item_iterator<request_item, pvg_request> begin() const noexcept { return {raw_, 0}; }
    detail::item_iterator<request_item, pvg_request> end() const noexcept { return {raw_, size()}; }

  private:
    const pvg_request *raw_;
};

// Where the answers go; every item needs one. Texts are copied.
class reply {
  public:
    explicit reply(pvg_reply *raw) noexcept : raw_(raw) {}
    void set(std::size_t item, std::string_view solution) {
        detail::check_quiet(pvg_reply_text(raw_, item, solution.data(), solution.size()),
                            "this item takes no such text");
    }
    void set(std::size_t item, double score) {
        detail::check_quiet(pvg_reply_score(raw_, item, score), "this item takes no such score");
    }
    void set(std::size_t item, verdict said) {
        detail::check_quiet(pvg_reply_verdict(raw_, item, static_cast<pvg_verdict>(said)),
                            "this item takes no such verdict");
    }
    // Gives up the whole request: the library's call fails with PVG_E_CALLBACK and this sentence.
    void give_up(name message) {
        detail::check_quiet(pvg_reply_fail(raw_, message.c_str()), "the reply cannot be given up");
    }

  private:
    pvg_reply *raw_;
};

class feedback_item {
  public:
    feedback_item(const pvg_feedback *raw, std::size_t index) noexcept : raw_(raw), index_(index) {}
    std::size_t index() const noexcept { return index_; }
    double reward() const noexcept { return pvg_feedback_reward(raw_, index_); } // NaN for a verifier
    pvgame::role role() const noexcept { return static_cast<pvgame::role>(pvg_feedback_role(raw_, index_)); }
    pvgame::verdict verdict() const noexcept {
        return static_cast<pvgame::verdict>(pvg_feedback_verdict(raw_, index_));
    }
    std::string_view question() const { return part(pvg_feedback_question); }
    std::string_view solution() const { return part(pvg_feedback_solution); }

  private:
    template <class F> std::string_view part(F of) const {
        const char *text = nullptr;
        std::size_t length = 0;
        detail::check_quiet(of(raw_, index_, &text, &length), "the feedback has no such text");
        return {text, length};
    }
    const pvg_feedback *raw_;
    std::size_t index_;
};

// What came of an earlier request: rewards for a prover, labels for a verifier.
class feedback {
  public:
    explicit feedback(const pvg_feedback *raw) noexcept : raw_(raw) {}
    request_kind kind() const noexcept { return static_cast<request_kind>(pvg_feedback_kind(raw_)); }
    std::uint64_t id() const noexcept { return pvg_feedback_id(raw_); } // 0: labelled solutions that answer no request
    std::size_t size() const noexcept { return pvg_feedback_count(raw_); }
    feedback_item operator[](std::size_t index) const noexcept { return {raw_, index}; }
    detail::item_iterator<feedback_item, pvg_feedback> begin() const noexcept { return {raw_, 0}; }
    detail::item_iterator<feedback_item, pvg_feedback> end() const noexcept { return {raw_, size()}; }

  private:
    const pvg_feedback *raw_;
};

using answer_function = std::function<void(const request &, reply &)>;
using learn_function = std::function<void(const feedback &)>;

namespace detail {

struct seat { // what a host's player holds; `finish` deletes it
    hub_ptr shared;
    answer_function answer;
    learn_function learn;

    static pvg_status on_answer(void *user, const pvg_request *asked, pvg_reply *said) {
        auto *own = static_cast<seat *>(user);
        reply to(said);
        return guarded(*own->shared, [&] { own->answer(request(asked), to); });
    }
    static pvg_status on_learn(void *user, const pvg_feedback *told) {
        auto *own = static_cast<seat *>(user);
        return guarded(*own->shared, [&] { own->learn(feedback(told)); });
    }
    static void on_finish(void *user) { delete static_cast<seat *>(user); }
};

// Hooks that own a seat: handed in once, they are the library's.
inline pvg_hooks hooks_for(const hub_ptr &shared, answer_function answer, learn_function learn) {
    pvg_hooks hooks;
    pvg_hooks_init(&hooks, sizeof hooks);
    if (answer) hooks.answer = seat::on_answer;
    if (learn) hooks.learn = seat::on_learn;
    hooks.finish = seat::on_finish;
    hooks.user = new seat{shared, std::move(answer), std::move(learn)};
    return hooks;
}

// F answers a whole request, void(const request &, reply &), or one item, Answer(const request_item &).
template <class Answer, class F> answer_function answers(F &&given) {
    if constexpr (std::is_invocable_v<F &, const request &, reply &>) {
        return answer_function(std::forward<F>(given));
    } else {
        static_assert(
            std::is_invocable_r_v<Answer, F &, const request_item &>,
            "a player is a function of (const request &, reply &), or of (const request_item &) that gives the answer");
        return [one = std::forward<F>(given)](const request &asked, reply &said) mutable {
            for (request_item item : asked) {
                Answer answer = one(item);
                said.set(item.index(), answer);
            }
        };
    }
}

} // namespace detail

struct pulled_t {};
// In place of a function: the player is asked through game::pending and game::submit.
inline constexpr pulled_t pulled{};

// --------------------------------------------------------------------------------------------------------- players --

class prover : public detail::handle<pvg_prover, pvg_prover_destroy> {
  public:
    using handle::handle;
    // The library's own: a model with an LM head, which is shared.
    prover(const context &context, const model &model, const settings *how = nullptr) : handle(context.shared()) {
        check(pvg_prover_from_model(context.get(), model.get(), detail::get(how), &raw_));
    }
    // The host's: gives a solution (std::string) for each item. `learn` receives rewards.
    template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, pulled_t>>>
    prover(const context &context, name called, F &&answer, learn_function learn = {}) : handle(context.shared()) {
        sit(called, detail::answers<std::string>(std::forward<F>(answer)), std::move(learn));
    }
    prover(const context &context, name called, pulled_t, learn_function learn = {}) : handle(context.shared()) {
        sit(called, {}, std::move(learn));
    }
    // `samples` solutions of every problem, graded where it has a gold answer.
    report generate(const dataset &data, role role, int samples, double temperature, std::uint64_t seed) {
        pvg_report *raw = nullptr;
        check(pvg_prover_generate(raw_, data.get(), static_cast<pvg_role>(role), samples, temperature, seed, &raw));
        return report(hub_, raw);
    }

  private:
    void sit(name called, answer_function answer, learn_function learn) {
        pvg_hooks hooks = detail::hooks_for(hub_, std::move(answer), std::move(learn));
        check(pvg_prover_from_hooks(hub_->context, called.c_str(), &hooks, &raw_));
    }
};

class verifier : public detail::handle<pvg_verifier, pvg_verifier_destroy> {
  public:
    using handle::handle;
    // The library's own: a model with a scalar head, which is shared.
    verifier(const context &context, const model &model, const settings *how = nullptr) : handle(context.shared()) {
        check(pvg_verifier_from_model(context.get(), model.get(), detail::get(how), &raw_));
    }
    // The host's: gives a score (double) for each item, higher for more convincing. `learn` receives labelled solutions.
    template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, pulled_t>>>
    verifier(const context &context, name called, F &&answer, learn_function learn = {}) : handle(context.shared()) {
        sit(called, detail::answers<double>(std::forward<F>(answer)), std::move(learn));
    }
    verifier(const context &context, name called, pulled_t, learn_function learn = {}) : handle(context.shared()) {
        sit(called, {}, std::move(learn));
    }
    std::vector<double> score(span<const std::string_view> questions, span<const std::string_view> solutions) {
        if (questions.size() != solutions.size())
            throw std::invalid_argument("as many questions as solutions are wanted");
        std::vector<const char *> texts[2];
        std::vector<std::size_t> lengths[2];
        for (std::size_t i = 0; i < questions.size(); i++)
            for (int side = 0; side < 2; side++) {
                std::string_view text = side == 0 ? questions[i] : solutions[i];
                texts[side].push_back(text.data() != nullptr ? text.data() : "");
                lengths[side].push_back(text.size());
            }
        std::vector<double> scores(questions.size());
        check(pvg_verifier_score(raw_, scores.size(), texts[0].data(), lengths[0].data(), texts[1].data(),
                                 lengths[1].data(), scores.data()));
        return scores;
    }
    double score(std::string_view question, std::string_view solution) {
        return score(span<const std::string_view>(&question, 1), span<const std::string_view>(&solution, 1))[0];
    }
    struct part {
        std::size_t end; // of a token of the solution, in bytes
        float score;     // its part
    };
    // Where the score comes from; models with a summed or averaged head.
    std::vector<part> parts(std::string_view question, std::string_view solution) {
        std::size_t needed = 0;
        auto ask = [&](std::size_t *ends, float *scores, std::size_t room) {
            check(pvg_verifier_parts(raw_, question.data(), question.size(), solution.data(), solution.size(), ends,
                                     scores, room, &needed));
        };
        ask(nullptr, nullptr, 0);
        std::vector<std::size_t> ends(needed);
        std::vector<float> scores(needed);
        ask(ends.data(), scores.data(), needed);
        std::vector<part> all;
        for (std::size_t i = 0; i < needed; i++) all.push_back({ends[i], scores[i]});
        return all;
    }

  private:
    void sit(name called, answer_function answer, learn_function learn) {
        pvg_hooks hooks = detail::hooks_for(hub_, std::move(answer), std::move(learn));
        check(pvg_verifier_from_hooks(hub_->context, called.c_str(), &hooks, &raw_));
    }
};

struct graded {
    pvgame::verdict verdict = pvgame::verdict::ungraded;
    std::string extracted; // the answer that was read
};

class grader : public detail::handle<pvg_grader, pvg_grader_destroy> {
  public:
    using handle::handle;
    // The built-in one.
    explicit grader(const context &context, const settings *how = nullptr) : handle(context.shared()) {
        check(pvg_grader_create(context.get(), detail::get(how), &raw_));
    }
    // The host's: gives a verdict for each item.
    template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, pulled_t>>>
    grader(const context &context, name called, F &&answer) : handle(context.shared()) {
        sit(called, detail::answers<verdict>(std::forward<F>(answer)));
    }
    grader(const context &context, name called, pulled_t) : handle(context.shared()) { sit(called, {}); }
    // `question` is handed to a host's grader.
    graded grade(std::string_view gold, std::string_view solution, bool truncated = false,
                 const char *question = nullptr) {
        graded result;
        pvg_verdict said = PVG_VERDICT_UNGRADED;
        result.extracted = detail::text(*hub_, [&](char *to, std::size_t room, std::size_t *needed) {
            return pvg_grader_grade(raw_, question, gold.data(), gold.size(), solution.data(), solution.size(),
                                    truncated, &said, to, room, needed);
        });
        result.verdict = static_cast<verdict>(said);
        return result;
    }

  private:
    void sit(name called, answer_function answer) {
        pvg_hooks hooks = detail::hooks_for(hub_, std::move(answer), {});
        check(pvg_grader_from_hooks(hub_->context, called.c_str(), &hooks, &raw_));
    }
};

// Measures a prover and a verifier on it; either may be nullptr (without a prover the data's labelled solutions are judged).
inline report evaluate(const context &context, const dataset &data, prover *prover, role role, verifier *verifier,
                       grader *grader = nullptr, const settings *how = nullptr) {
    pvg_report *raw = nullptr;
    context.shared()->check(pvg_evaluate(context.get(), data.get(), detail::get(prover), static_cast<pvg_role>(role),
                                         detail::get(verifier), detail::get(grader), detail::get(how), &raw));
    return report(context.shared(), raw);
}
// Every verifier on every prover.
inline report evaluate_table(const context &context, const dataset &data, span<prover *const> provers,
                             span<verifier *const> verifiers, grader *grader = nullptr, const settings *how = nullptr) {
    std::vector<pvg_prover *> columns;
    std::vector<pvg_verifier *> rows;
    for (const prover *p : provers) columns.push_back(detail::get(p));
    for (const verifier *v : verifiers) rows.push_back(detail::get(v));
    pvg_report *raw = nullptr;
    context.shared()->check(pvg_evaluate_table(context.get(), data.get(), columns.size(), columns.data(), rows.size(),
                                               rows.data(), detail::get(grader), detail::get(how), &raw));
    return report(context.shared(), raw);
}

// ------------------------------------------------------------------------------------------------------------ game --

using progress = pvg_progress;

class game : public detail::handle<pvg_scheduler, pvg_scheduler_destroy> {
  public:
    using handle::handle;
    // data nullptr: built-in problems by problems.*.
    game(const context &context, const settings &how, dataset *data = nullptr) : handle(context.shared()) {
        check(pvg_scheduler_create(context.get(), how.get(), detail::get(data), &raw_));
    }
    // Goes on from the newest checkpoint of a run directory.
    static game resume(const context &context, name directory) {
        game made{context.shared()};
        made.check(pvg_scheduler_resume(context.get(), directory.c_str(), &made.raw_));
        return made;
    }
    // The host's players, before the first step.
    game &use(const prover &player) { return checked(pvg_scheduler_set_prover(raw_, player.get())); }
    game &use(const verifier &player) { return checked(pvg_scheduler_set_verifier(raw_, player.get())); }
    game &use(const grader &player) { return checked(pvg_scheduler_set_grader(raw_, player.get())); }
    // Keep everything in a new or empty run directory.
    game &keep(name directory) { return checked(pvg_scheduler_set_directory(raw_, directory.c_str())); }

    // One unit of work.
    event step() {
        pvg_event happened = PVG_EVENT_PROGRESS;
        check(pvg_scheduler_step(raw_, &happened));
        return static_cast<event>(happened);
    }
    void run() { check(pvg_scheduler_run(raw_)); }
    // Tells `observe` (void(event)) of every event. It may look at the game; what it throws stops the game, and running
    // again goes on.
    template <class F> void run(F &&observe) {
        struct watcher {
            detail::hub *shared;
            std::remove_reference_t<F> *observe;
            static pvg_status on_event(void *user, pvg_scheduler *, pvg_event happened) {
                auto *own = static_cast<watcher *>(user);
                return detail::guarded(*own->shared, [&] { (*own->observe)(static_cast<event>(happened)); });
            }
        } watching{hub_.get(), &observe};
        check(pvg_scheduler_set_observer(raw_, watcher::on_event, &watching));
        pvg_status status = pvg_scheduler_run(raw_);
        pvg_scheduler_set_observer(raw_, nullptr, nullptr);
        check(status);
    }

    // The open request of a pulled player, and where to write the answers; after event::needs_reply, until submit.
    struct exchange {
        pvgame::request request;
        pvgame::reply reply;
    };
    exchange pending() {
        const pvg_request *asked = nullptr;
        pvg_reply *said = nullptr;
        check(pvg_scheduler_pending(raw_, &asked, &said));
        return {request(asked), reply(said)};
    }
    void submit() { check(pvg_scheduler_submit(raw_)); }

    void checkpoint() { check(pvg_scheduler_checkpoint(raw_)); }
    pvgame::progress progress() const {
        pvgame::progress now{};
        now.struct_size = sizeof now;
        check(pvg_scheduler_progress(raw_, &now));
        return now;
    }
    // Round 0.., or -1 for the game as a whole.
    pvgame::report report(int round = -1) const {
        pvg_report *raw = nullptr;
        check(pvg_scheduler_report(raw_, round, &raw));
        return pvgame::report(hub_, raw);
    }
    // A copy of the newest "base", "verifier_base", "prover", "prover_sneaky" or "verifier".
    pvgame::model model(name which) const {
        pvg_model *raw = nullptr;
        check(pvg_scheduler_model(raw_, which.c_str(), &raw));
        return pvgame::model(hub_, raw);
    }

  private:
    game &checked(pvg_status status) {
        check(status);
        return *this;
    }
};

} // namespace pvgame

#endif
