// test_wrapper.cpp - the C++ wrapper: its handles, errors, texts and callbacks.
#include <check.h>
#include <pvgame/pvgame.hpp>
#include <thread>

extern "C" Suite *suite_wrapper(void);

using std::string_view;

// The call throws E; what it says contains `part`.
#define ck_throws(E, part, call)                                                                                       \
    do {                                                                                                               \
        bool threw_ = false;                                                                                           \
        try {                                                                                                          \
            call;                                                                                                      \
        } catch (const E &e_) {                                                                                        \
            threw_ = true;                                                                                             \
            ck_assert_msg(std::string(e_.what()).find(part) != std::string::npos, "'%s' lacks '%s'", e_.what(), part); \
        }                                                                                                              \
        ck_assert_msg(threw_, "%s throws nothing", #call);                                                             \
    } while (0)

// Settings of a game that takes less than a second.
static pvgame::settings small_game(const pvgame::context &context) {
    static const std::pair<const char *, int> values[] = {
        {"problems.train", 256},     {"problems.test", 32},        {"problems.min_steps", 1},
        {"problems.max_steps", 1},   {"base.steps", 60},           {"base.batch", 16},
        {"base.warmup", 5},          {"verifier_base.steps", 4},   {"verifier_base.batch", 8},
        {"verifier_base.warmup", 1}, {"roles.samples", 96},        {"roles.steps", 2},
        {"roles.batch", 8},          {"pool.base_samples", 64},    {"pool.round_samples", 64},
        {"verifier_train.steps", 4}, {"verifier_train.batch", 16}, {"verifier_train.warmup", 1},
        {"prover_train.steps", 2},   {"prover_train.batch", 4},    {"prover_train.group", 2},
        {"prover_train.warmup", 0},  {"rounds.count", 1},          {"evaluate.problems", 16},
        {"evaluate.control", 8}};
    pvgame::settings small(context, "tiny");
    for (auto [setting, value] : values) small.set(setting, value);
    return small;
}

START_TEST(handles_move) {
    static_assert(!std::is_copy_constructible_v<pvgame::settings> && !std::is_copy_constructible_v<pvgame::context>);
    static_assert(std::is_nothrow_move_constructible_v<pvgame::game> &&
                  std::is_nothrow_move_assignable_v<pvgame::model>);
    auto context = std::make_unique<pvgame::context>();
    pvgame::settings a(*context, "tiny"), b(*context);
    a.set("rounds.count", 7);
    pvgame::settings c(std::move(a));
    ck_assert(!a);
    b = std::move(c);
    ck_assert(b);
    ck_assert(!c);
    pvgame::context moved(std::move(*context));
    context.reset(); // objects keep what they were made from
    { pvgame::context gone(std::move(moved)); }
    ck_assert_int_eq(b.integer("rounds.count"), 7);
    ck_throws(pvgame::error, "rounds.count", b.set("rounds.count", -1));
}
END_TEST

START_TEST(settings_have_kinds) {
    pvgame::context context;
    pvgame::settings s(context, "tiny");
    const std::string seed = "seed";
    s.set(seed, 12u).set("prover_train.rate", 1e-3).set("roles.sneaky_sees_answer", true);
    s.set("prover_train.reward", "src")
        .set("prover_train.reward", std::string("cgc"))
        .set("prover_train.reward", string_view("src!", 3));
    ck_assert_int_eq(s.integer("seed"), 12);
    ck_assert_double_eq(s.real("prover_train.rate"), 1e-3);
    ck_assert(s.flag("roles.sneaky_sees_answer"));
    ck_assert(s.text("prover_train.reward") == "src");
    pvgame::settings copy = s.clone();
    copy.set("seed", "13");
    ck_assert_int_eq(s.integer("seed"), 12);
    s.check_together();
    ck_assert(s.yaml(true).size() > s.yaml().size() && s.yaml().find("seed: 12") != std::string::npos);
    ck_assert(s.plan().front() == '{');
    bool bounded = false;
    for (std::size_t i = 0; i < pvgame::setting_count(); i++) {
        pvgame::setting_info info = pvgame::setting_at(i);
        ck_assert(!info.name.empty() && !info.summary.empty());
        ck_assert_int_eq(info.bounds.has_value(),
                         info.kind == pvgame::setting_kind::integer || info.kind == pvgame::setting_kind::real);
        bounded = bounded || info.bounds;
    }
    ck_assert(bounded && pvgame::preset_count() > 0 && !pvgame::preset_at(0).name.empty());
}
END_TEST

START_TEST(failures_are_told) {
    pvgame::context context;
    pvgame::settings s(context);
    try {
        s.set("rounds.cuont", 1);
        ck_abort_msg("nothing was thrown");
    } catch (const pvgame::error &e) {
        ck_assert_int_eq(e.status(), PVG_E_NOT_FOUND);
        ck_assert(e.status_name() == "PVG_E_NOT_FOUND" && e.component() == "settings");
        ck_assert(string_view(e.what()).find("rounds.count") != string_view::npos);
    }
    ck_assert(context.last_error().status() == PVG_E_NOT_FOUND);
    pvgame::options options;
    options.threads = -3;
    ck_throws(pvgame::error, "threads is -3", pvgame::context refused(options));
    ck_throws(pvgame::error, "no/such/file", pvgame::dataset::read(context, "no/such/file"));
    pvgame::dataset empty(context);
    ck_throws(pvgame::error, "no such problem", empty[0]);
}
END_TEST

START_TEST(logs_reach_the_host) {
    std::string heard;
    pvgame::options options;
    options.threads = 1;
    options.log_level = pvgame::log_level::info;
    options.log = [&](pvgame::log_level, string_view component, string_view message) {
        heard.append(component).append(": ").append(message).append("\n");
        throw 1; // dropped
    };
    pvgame::context context(options);
    ck_assert(heard.find("context: libpvgame " + std::string(pvgame::version())) != std::string::npos);
    ck_assert_int_eq(context.threads(), 1);
    ck_assert(context.memory_used() <= context.memory_peak() && pvgame::abi_accepts());
    ck_assert(context.describe_machine().find("\"engine\"") != std::string::npos);
}
END_TEST

static pvgame::dataset sums(const pvgame::context &context) {
    pvgame::dataset data(context);
    data.append("a", "3 + 4?", "7", "3 + 4 = 7\n#### 7").append(nullptr, "4 + 4?", "8").append("c", "6 + 1?", "7");
    return data;
}

START_TEST(data_and_models) {
    pvgame::context context;
    pvgame::settings how = small_game(context);
    pvgame::dataset data = sums(context);
    ck_assert_uint_eq(data.size(), 3);
    ck_assert(data[0].id == "a" && data[0].solution == "3 + 4 = 7\n#### 7" && data[1].gold == "8" &&
              data[1].label == -1);
    ck_assert_uint_eq(data.digest().size(), 32);
    ck_throws(pvgame::error, "a", data.append("a", "again", "1"));
    data.freeze();
    ck_throws(pvgame::error, "frozen", data.append("d", "late", "1"));

    pvgame::dataset built_in = pvgame::dataset::generate(context, 0, 40, &how);
    pvgame::problem first = built_in[0];
    ck_assert_int_eq(pvgame::oracle_check(context, std::string(first.chain), first.solution).valid, 1);
    pvgame::injected wrong =
        pvgame::inject(context, std::string(first.chain), pvgame::rendering::compact, pvgame::injection::answer, 99, 1);
    ck_assert(wrong.changed && !wrong.solution.empty());
    ck_assert_int_eq(pvgame::oracle_check(context, std::string(first.chain), wrong.solution).right, 0);
    std::vector<pvgame::oracle_line> lines = pvgame::oracle_lines(context, std::string(first.chain), first.solution);
    ck_assert(!lines.empty() && lines[0].arithmetic == 1 && lines[0].end <= first.solution.size());
    ck_assert(built_in.part(how, "test").size() < built_in.size());

    pvgame::tokenizer tokenizer = pvgame::tokenizer::train(context, built_in, &how);
    std::vector<std::int32_t> tokens = tokenizer.encode(first.question);
    ck_assert(!tokens.empty() && tokenizer.decode(tokens) == first.question);
    pvgame::model model(context, tokenizer, how, "prover"), judge(context, tokenizer, how, "verifier");
    ck_assert(model.head() == "lm" && model.parameters() > 0 && model.context_length() > 0);
    ck_assert_int_eq(model.tokenizer().size(), tokenizer.size());
    std::vector<float> nats = model.logprobs(tokens);
    ck_assert(nats.size() == tokens.size() && nats[0] == 0 && nats.back() < 0);
    ck_assert(model.clone().logprobs(tokens) == nats);

    pvgame::prover writer(context, model, &how);
    pvgame::report written = writer.generate(built_in, pvgame::role::helpful, 1, 1, 5);
    ck_assert_uint_eq(written.sample_count(), 40);
    ck_assert(written.sample(3).role == pvgame::role::helpful && written.samples()[3].id == built_in[3].id);
    pvgame::verifier reader(context, judge, &how);
    double whole = reader.score(first.question, first.solution), sum = 0;
    for (pvgame::verifier::part part : reader.parts(first.question, first.solution))
        sum += static_cast<double>(part.score);
    if (judge.head() == "token_sum") ck_assert_double_eq_tol(sum, whole, 1e-4);
    const string_view questions[] = {first.question, built_in[1].question},
                      solutions[] = {first.solution, built_in[1].solution};
    ck_assert_double_eq(reader.score(questions, solutions)[0], whole);
    ck_throws(std::invalid_argument, "as many", reader.score(questions, pvgame::span<const string_view>(solutions, 1)));
}
END_TEST

START_TEST(grading) {
    pvgame::context context;
    pvgame::grader built_in(context);
    pvgame::graded said = built_in.grade("1000", "So it is.\n#### 1,000");
    ck_assert(said.verdict == pvgame::verdict::correct && said.extracted == "1,000");
    ck_assert(built_in.grade("1000", "#### 10", true).verdict == pvgame::verdict::truncated);
    ck_assert(to_string(built_in.grade("1000", "who knows").verdict) == "no_answer");
    ck_throws(pvgame::error, "reference answer", built_in.grade("many", "#### 1"));
    pvgame::grader lenient(context, "lenient", [](const pvgame::request_item &item) {
        return item.answer() ? pvgame::verdict::correct : pvgame::verdict::ambiguous;
    });
    ck_assert(lenient.grade("5", "who knows").verdict == pvgame::verdict::correct);
}
END_TEST

START_TEST(players_answer) {
    pvgame::context context;
    pvgame::dataset data = sums(context);
    int batches = 0;
    bool seen = false; // a prover never sees the answer
    pvgame::prover writer(context, "writer", [&](const pvgame::request &asked, pvgame::reply &said) {
        batches++;
        ck_assert(asked.kind() == pvgame::request_kind::prove && asked.size() > 0);
        for (auto item : asked) {
            seen = seen || item.answer();
            said.set(item.index(), item.role() == pvgame::role::sneaky ? "#### 9" : "#### 7");
        }
    });
    pvgame::verifier judge(context, "judge",
                           [](const pvgame::request_item &item) { return item.solution() == "#### 7" ? 2 : -2; });
    pvgame::report found = pvgame::evaluate(context, data, &writer, pvgame::role::helpful, &judge);
    ck_assert(batches > 0 && !seen);
    ck_assert_double_eq_tol(found.metric("accuracy_greedy"), 2.0 / 3, 1e-12);
    ck_assert(!found.metrics().empty() && found.json().front() == '{');
    ck_throws(pvgame::error, "no metric", found.metric("beauty"));
    pvgame::prover *const provers[] = {&writer};
    pvgame::verifier *const verifiers[] = {&judge};
    pvgame::report table = pvgame::evaluate_table(context, data, provers, verifiers);
    ck_assert(table.tables().at(0).rows == 1 && table.tables().at(0).columns == 1);
    ck_assert(table.tables().at(0).row_names.size() == 1 && table.tables().at(0).column_names.size() == 1);
    ck_throws(std::out_of_range, "", table.tables().at(0).at(1, 0));
}
END_TEST

struct trouble {
    int number;
};

// What a callback throws passes through C as it is, frees what it held, and the objects go on working.
START_TEST(exceptions_pass_through) {
    pvgame::context context;
    pvgame::dataset data = sums(context);
    auto held = std::make_shared<int>(0);
    int mood = 0;
    {
        pvgame::prover writer(context, "writer", [held, &mood](const pvgame::request_item &) {
            if (mood == 1) throw trouble{42};
            return std::string("#### 7");
        });
        ck_assert_int_eq(held.use_count(), 2);
        mood = 1;
        try {
            writer.generate(data, pvgame::role::neutral, 1, 0, 1);
            ck_abort_msg("nothing was thrown");
        } catch (const trouble &t) {
            ck_assert_int_eq(t.number, 42);
        }
        mood = 0;
        ck_assert_uint_eq(writer.generate(data, pvgame::role::neutral, 1, 0, 1).sample_count(), 3);
    }
    ck_assert_int_eq(held.use_count(), 1);

    auto refuse = [held](const pvgame::request &, pvgame::reply &said) { said.give_up("the model is away"); };
    ck_throws(pvgame::error, "the model is away",
              pvgame::prover(context, "away", refuse).generate(data, pvgame::role::neutral, 1, 0, 1));
    auto forget = [held](const pvgame::request &, pvgame::reply &) {};
    ck_throws(pvgame::error, "",
              pvgame::prover(context, "idle", forget).generate(data, pvgame::role::neutral, 1, 0, 1));
    ck_throws(pvgame::error, "", pvgame::prover(context, nullptr, refuse)); // what was handed in is freed
    auto confuse = [](const pvgame::request &, pvgame::reply &said) { said.set(0, 1.5); };
    ck_throws(pvgame::error, "takes no such score",
              pvgame::prover(context, "odd", confuse).generate(data, pvgame::role::neutral, 1, 0, 1));
}
END_TEST

START_TEST(a_watched_game) {
    pvgame::context context;
    pvgame::game game(context, small_game(context));
    int events = 0;
    try {
        game.run([&](pvgame::event) {
            if (++events == 3) throw trouble{3};
        });
        ck_abort_msg("nothing was thrown");
    } catch (const trouble &t) {
        ck_assert_int_eq(t.number, 3);
    }
    pvgame::game moved = std::move(game);
    double fraction = moved.progress().fraction;
    pvgame::event last = pvgame::event::progress;
    moved.run([&](pvgame::event event) { last = event, events++, fraction = moved.progress().fraction; });
    ck_assert(last == pvgame::event::finished && events > 6 && fraction > 0.99);
    ck_assert(moved.step() == pvgame::event::finished);
    ck_assert_uint_gt(moved.report(0).sample_count(), 0);
    ck_assert(moved.report().json().find("base_accuracy") != std::string::npos);
    ck_assert(moved.model("prover").head() == "lm");
    ck_throws(pvgame::error, "directory", moved.checkpoint());
}
END_TEST

START_TEST(a_pulled_game) {
    pvgame::context context;
    pvgame::settings how = small_game(context);
    std::size_t rewards = 0, labels = 0;
    bool sneaky = false;
    pvgame::game game(context, how);
    {
        pvgame::prover puller(context, "puller", pvgame::pulled, [&](const pvgame::feedback &told) {
            for (auto item : told) rewards += item.reward() == item.reward() && !item.solution().empty();
        });
        pvgame::verifier judge(
            context, "judge",
            [](const pvgame::request_item &item) { return 0.1 * static_cast<double>(item.solution().size()); },
            [&](const pvgame::feedback &told) { labels += told.size(); });
        pvgame::grader strict(context, "strict", [](const pvgame::request_item &item) {
            return item.solution() == item.answer() ? pvgame::verdict::correct : pvgame::verdict::wrong;
        });
        game.use(puller).use(judge).use(strict); // the game keeps them
    }
    ck_throws(pvgame::error, "pvg_scheduler_step", game.run());
    while (true) {
        pvgame::event event = game.step();
        if (event == pvgame::event::finished) break;
        if (event != pvgame::event::needs_reply) continue;
        pvgame::game::exchange open = game.pending();
        for (auto item : open.request) {
            sneaky = sneaky || item.role() == pvgame::role::sneaky;
            open.reply.set(item.index(), std::to_string(item.seed() % 5));
        }
        game.submit();
    }
    ck_assert(rewards > 0 && labels > 0 && sneaky);
    ck_throws(pvgame::error, "no request", game.pending());
}
END_TEST

START_TEST(cancelled_from_another_thread) {
    pvgame::context context;
    pvgame::game game(context, small_game(context));
    bool cancelled = false;
    try {
        game.run([&](pvgame::event) { std::thread([&] { context.cancel(); }).join(); });
    } catch (const pvgame::error &e) {
        cancelled = e.status() == PVG_E_CANCELLED;
    }
    ck_assert(cancelled);
    context.resume();
    game.run();
}
END_TEST

Suite *suite_wrapper(void) {
    Suite *suite = suite_create("wrapper");
    TCase *all = tcase_create("wrapper");
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, all);
    tcase_add_test(all, handles_move);
    tcase_add_test(all, settings_have_kinds);
    tcase_add_test(all, failures_are_told);
    tcase_add_test(all, logs_reach_the_host);
    tcase_add_test(all, data_and_models);
    tcase_add_test(all, grading);
    tcase_add_test(all, players_answer);
    tcase_add_test(all, exceptions_pass_through);
    tcase_add_test(all, a_watched_game);
    tcase_add_test(all, a_pulled_game);
    tcase_add_test(all, cancelled_from_another_thread);
    return suite;
}
