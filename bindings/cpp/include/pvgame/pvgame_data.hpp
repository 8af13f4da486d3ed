// pvgame_data.hpp - reports, datasets, tokenizers and models; a part of pvgame.hpp, which programs include.
#ifndef PVGAME_DATA_HPP
#define PVGAME_DATA_HPP

#include <pvgame/pvgame_base.hpp>

namespace pvgame {

// ------------------------------------------------------------------------------------------------------- reports --

struct sample {
    pvgame::role role;
    pvgame::verdict verdict;
    int tokens;
    std::string_view id, question, solution, gold;
    double score; // NaN when it was not scored
};

// Named numbers, tables and samples.
class report : public detail::handle<pvg_report, pvg_report_destroy> {
  public:
    using handle::handle;
    double metric(name metric) const {
        double value = 0;
        check(pvg_report_metric(raw_, metric.c_str(), &value));
        return value;
    }
    std::vector<std::pair<std::string_view, double>> metrics() const {
        std::vector<std::pair<std::string_view, double>> all;
        for (std::size_t i = 0; i < pvg_report_metric_count(raw_); i++)
            all.emplace_back(pvg_report_metric_name(raw_, i), pvg_report_metric_value(raw_, i));
        return all;
    }
    struct table {
        std::string_view name;
        std::size_t rows = 0, columns = 0;
        std::vector<double> cells; // row by row
        std::vector<std::string_view> row_names, column_names; // "" where it was not said what one is about
        double at(std::size_t row, std::size_t column) const { return cells.at(row * columns + column); }
    };
    std::vector<table> tables() const {
        std::vector<table> all(pvg_report_table_count(raw_));
        for (std::size_t i = 0; i < all.size(); i++) {
            table &t = all[i];
            t.name = detail::view(pvg_report_table_name(raw_, i));
            check(pvg_report_table_size(raw_, i, &t.rows, &t.columns));
            t.cells.resize(t.rows * t.columns);
            for (std::size_t cell = 0; cell < t.cells.size(); cell++)
                check(pvg_report_table_cell(raw_, i, cell / t.columns, cell % t.columns, &t.cells[cell]));
            for (std::size_t row = 0; row < t.rows; row++)
                t.row_names.push_back(detail::view(pvg_report_table_row_name(raw_, i, row)));
            for (std::size_t column = 0; column < t.columns; column++)
                t.column_names.push_back(detail::view(pvg_report_table_column_name(raw_, i, column)));
        }
        return all;
    }
    std::size_t sample_count() const noexcept { return pvg_report_sample_count(raw_); }
    pvgame::sample sample(std::size_t index) const {
        pvg_sample s{};
        s.struct_size = sizeof s;
        check(pvg_report_sample(raw_, index, &s));
        return {static_cast<pvgame::role>(s.role),
                static_cast<pvgame::verdict>(s.verdict),
                s.tokens,
                detail::view(s.id),
                detail::view(s.question),
                detail::view(s.solution),
                detail::view(s.gold),
                s.score};
    }
    std::vector<pvgame::sample> samples() const {
        std::vector<pvgame::sample> all;
        for (std::size_t i = 0; i < sample_count(); i++) all.push_back(sample(i));
        return all;
    }
    std::string json() const {
        return detail::text(*hub_, [&](char *to, std::size_t room, std::size_t *needed) {
            return pvg_report_json(raw_, to, room, needed);
        });
    }
};

// ---------------------------------------------------------------------------------------------------------- data --

struct problem {
    std::string_view id, question, gold, solution, candidate, chain;
    int label;          // of `candidate`: 1 right, 0 wrong, -1 none
    std::uint64_t line; // in its file, from 1; 0 if it came from elsewhere
};

// Problems with exact answers.
class dataset : public detail::handle<pvg_dataset, pvg_dataset_destroy> {
  public:
    using handle::handle;
    explicit dataset(const context &context) : handle(context.shared()) {
        check(pvg_dataset_create(context.get(), &raw_));
    }
    // JSON lines, plain or gzip; field names by data.*.
    static dataset read(const context &context, name path, const settings *how = nullptr) {
        dataset data{context.shared()};
        data.check(pvg_dataset_read(context.get(), path.c_str(), detail::get(how), &data.raw_));
        return data;
    }
    // Built-in problems number first .. first + count - 1 by problems.*.
    static dataset generate(const context &context, std::uint64_t first, std::uint64_t count,
                            const settings *how = nullptr) {
        dataset data{context.shared()};
        data.check(pvg_dataset_generate(context.get(), detail::get(how), first, count, &data.raw_));
        return data;
    }
    // id nullptr: a digest of the question. An empty solution: none.
    dataset &append(const char *id, std::string_view question, name gold, std::string_view solution = {}) {
        check(pvg_dataset_append(raw_, id, question.data(), question.size(), gold.c_str(),
                                 solution.empty() ? nullptr : solution.data(), solution.size()));
        return *this;
    }
    dataset &append_labelled(const char *id, std::string_view question, name gold, std::string_view candidate,
                             bool right) {
        check(pvg_dataset_append_labelled(raw_, id, question.data(), question.size(), gold.c_str(), candidate.data(),
                                          candidate.size(), right));
        return *this;
    }
    // "prover", "verifier" or "test", as a game with these settings cuts it.
    dataset part(const settings &how, name part) const {
        dataset data{hub_};
        check(pvg_dataset_part(raw_, how.get(), part.c_str(), &data.raw_));
        return data;
    }
    dataset &freeze() {
        check(pvg_dataset_freeze(raw_));
        return *this;
    }
    std::uint64_t size() const noexcept { return pvg_dataset_count(raw_); }
    problem operator[](std::uint64_t index) const { // any thread, when frozen
        pvg_problem p{};
        p.struct_size = sizeof p;
        detail::check_quiet(pvg_dataset_get(raw_, index, &p), "the dataset has no such problem");
        return {detail::view(p.id),
                detail::view(p.question),
                detail::view(p.gold),
                detail::view(p.solution),
                detail::view(p.candidate),
                detail::view(p.chain),
                p.label,
                p.line};
    }
    std::string digest() const {
        char hex[33] = "";
        check(pvg_dataset_digest(raw_, hex));
        return hex;
    }
    void write(name path) const { check(pvg_dataset_write(raw_, path.c_str())); }
};

using oracle_result = pvg_oracle_result;
// What the step oracle says of a solution of the built-in problem with this chain.
inline oracle_result oracle_check(const context &context, name chain, std::string_view solution) {
    oracle_result result{};
    result.struct_size = sizeof result;
    context.shared()->check(pvg_oracle_check(context.get(), chain.c_str(), solution.data(), solution.size(), &result));
    return result;
}
using oracle_line = pvg_oracle_line;
// The step lines of the solution as the oracle reads them.
inline std::vector<oracle_line> oracle_lines(const context &context, name chain, std::string_view solution) {
    std::vector<oracle_line> lines(static_cast<std::size_t>(oracle_check(context, chain, solution).lines));
    for (std::size_t i = 0; i < lines.size(); i++) {
        lines[i].struct_size = sizeof lines[i];
        context.shared()->check(
            pvg_oracle_read_line(context.get(), chain.c_str(), solution.data(), solution.size(), i, &lines[i]));
    }
    return lines;
}
struct injected {
    std::string solution;
    bool changed = false; // is the final answer another one?
};
inline injected inject(const context &context, name chain, rendering how, injection kind, int largest,
                       std::uint64_t seed) {
    injected made;
    std::int32_t changed = 0;
    made.solution = detail::text(*context.shared(), [&](char *to, std::size_t room, std::size_t *needed) {
        return pvg_problem_inject(context.get(), chain.c_str(), static_cast<pvg_rendering>(how),
                                  static_cast<pvg_injection>(kind), largest, seed, to, room, needed, &changed);
    });
    made.changed = changed != 0;
    return made;
}

// -------------------------------------------------------------------------------------------------------- models --

// Byte-level BPE. Immutable; encode and decode may be called from any thread.
class tokenizer : public detail::handle<pvg_tokenizer, pvg_tokenizer_destroy> {
  public:
    using handle::handle;
    static tokenizer train(const context &context, const dataset &data, const settings *how = nullptr) {
        tokenizer made{context.shared()};
        made.check(pvg_tokenizer_train(context.get(), data.get(), detail::get(how), &made.raw_));
        return made;
    }
    static tokenizer load(const context &context, name path) {
        tokenizer made{context.shared()};
        made.check(pvg_tokenizer_load(context.get(), path.c_str(), &made.raw_));
        return made;
    }
    void save(name path) const { check(pvg_tokenizer_save(raw_, path.c_str())); }
    int size() const noexcept { return pvg_tokenizer_size(raw_); }
    std::vector<std::int32_t> encode(std::string_view text, bool specials = false) const {
        std::vector<std::int32_t> tokens(text.size() + 8);
        std::size_t needed = 0;
        pvg_status status = PVG_E_BUFFER;
        while ((status = pvg_tokenizer_encode(raw_, text.data(), text.size(), specials, tokens.data(), tokens.size(),
                                              &needed)) == PVG_E_BUFFER)
            tokens.resize(needed);
        detail::check_quiet(status, "the text cannot be encoded");
        tokens.resize(needed);
        return tokens;
    }
    std::string decode(span<const std::int32_t> tokens) const {
        std::string text(tokens.size() * 8 + 8, '\0');
        std::size_t needed = 0;
        pvg_status status = PVG_E_BUFFER;
        while ((status = pvg_tokenizer_decode(raw_, tokens.data(), tokens.size(), text.data(), text.size(), &needed)) ==
               PVG_E_BUFFER)
            text.resize(needed + 1);
        detail::check_quiet(status, "the tokens cannot be decoded");
        text.resize(needed);
        return text;
    }
};

// A decoder with an LM head (prover) or a scalar head (verifier).
class model : public detail::handle<pvg_model, pvg_model_destroy> {
  public:
    using handle::handle;
    // Random weights; part is "prover" or "verifier".
    model(const context &context, const pvgame::tokenizer &tokenizer, const settings &how, name part)
        : handle(context.shared()) {
        check(pvg_model_create(context.get(), tokenizer.get(), how.get(), part.c_str(), &raw_));
    }
    static model load(const context &context, name directory) {
        model made{context.shared()};
        made.check(pvg_model_load(context.get(), directory.c_str(), &made.raw_));
        return made;
    }
    void save(name directory) const { check(pvg_model_save(raw_, directory.c_str())); }
    model clone() const {
        model copy{hub_};
        check(pvg_model_clone(raw_, &copy.raw_));
        return copy;
    }
    std::uint64_t parameters() const noexcept { return pvg_model_parameters(raw_); }
    int context_length() const noexcept { return pvg_model_context_length(raw_); }
    std::string_view head() const noexcept { return detail::view(pvg_model_head(raw_)); }
    pvgame::tokenizer tokenizer() const {
        pvg_tokenizer *raw = nullptr;
        check(pvg_model_tokenizer(raw_, &raw));
        return pvgame::tokenizer(hub_, raw);
    }
    std::vector<float> logprobs(span<const std::int32_t> tokens) {
        std::vector<float> nats(tokens.size());
        check(pvg_model_logprobs(raw_, tokens.data(), tokens.size(), nats.data()));
        return nats;
    }
};

} // namespace pvgame

#endif
