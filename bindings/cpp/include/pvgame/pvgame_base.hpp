// pvgame_base.hpp - words, errors, contexts and settings; a part of pvgame.hpp, which programs include.
#ifndef PVGAME_BASE_HPP
#define PVGAME_BASE_HPP

#include <pvgame/pvgame.h>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pvgame {

// ---------------------------------------------------------------------------------------------------- vocabulary --

enum class role : pvg_role { neutral = PVG_ROLE_NEUTRAL, helpful = PVG_ROLE_HELPFUL, sneaky = PVG_ROLE_SNEAKY };
enum class verdict : pvg_verdict {
    ungraded = PVG_VERDICT_UNGRADED,
    correct = PVG_VERDICT_CORRECT,
    wrong = PVG_VERDICT_WRONG,
    no_answer = PVG_VERDICT_NO_ANSWER,
    ambiguous = PVG_VERDICT_AMBIGUOUS,
    truncated = PVG_VERDICT_TRUNCATED
};
enum class engine : pvg_engine {
    best = PVG_ENGINE_BEST,
    portable = PVG_ENGINE_PORTABLE,
    avx2 = PVG_ENGINE_AVX2,
    avx512 = PVG_ENGINE_AVX512,
    openblas = PVG_ENGINE_OPENBLAS
};
enum class log_level : pvg_log_level {
    off = PVG_LOG_OFF,
    error = PVG_LOG_ERROR,
    warn = PVG_LOG_WARN,
    info = PVG_LOG_INFO,
    debug = PVG_LOG_DEBUG
};
enum class rendering : pvg_rendering { compact = PVG_RENDERING_COMPACT, english = PVG_RENDERING_ENGLISH };
enum class injection : pvg_injection {
    none = PVG_INJECT_NONE,
    result = PVG_INJECT_RESULT,
    operand = PVG_INJECT_OPERAND,
    distractor = PVG_INJECT_DISTRACTOR,
    answer = PVG_INJECT_ANSWER
};
enum class event : pvg_event {
    progress = PVG_EVENT_PROGRESS,
    needs_reply = PVG_EVENT_NEEDS_REPLY,
    stage_done = PVG_EVENT_STAGE_DONE,
    round_done = PVG_EVENT_ROUND_DONE,
    finished = PVG_EVENT_FINISHED
};
enum class request_kind : pvg_request_kind {
    prove = PVG_REQUEST_PROVE,
    verify = PVG_REQUEST_VERIFY,
    grade = PVG_REQUEST_GRADE
};
enum class setting_kind : pvg_setting_kind {
    integer = PVG_SETTING_INT,
    real = PVG_SETTING_REAL,
    text = PVG_SETTING_TEXT,
    flag = PVG_SETTING_FLAG,
    choice = PVG_SETTING_CHOICE
};

inline std::string_view to_string(role value) noexcept { return pvg_role_name(static_cast<pvg_role>(value)); }
inline std::string_view to_string(verdict value) noexcept { return pvg_verdict_name(static_cast<pvg_verdict>(value)); }

inline std::uint32_t version_number() noexcept { return pvg_version_number(); }
inline std::string_view version() noexcept { return pvg_version_string(); }
// Whether the library that was found at run time serves programs compiled with this header.
inline bool abi_accepts() noexcept { return pvg_abi_accepts(PVG_VERSION_MAJOR, PVG_VERSION_MINOR) != 0; }

// A failure of the library. what() is its sentence.
class error : public std::runtime_error {
  public:
    error(pvg_status status, std::string component, const std::string &message)
        : std::runtime_error(message),
          status_(status),
          component_(std::move(component)) {}
    pvg_status status() const noexcept { return status_; }
    std::string_view status_name() const noexcept { return pvg_status_name(status_); } // "PVG_E_IO"
    const std::string &component() const noexcept { return component_; }

  private:
    pvg_status status_;
    std::string component_;
};

// A NUL-terminated argument: a literal or a std::string. It is read during the call only.
class name {
  public:
    name(const char *text) noexcept : text_(text) {}
    name(const std::string &text) noexcept : text_(text.c_str()) {}
    const char *c_str() const noexcept { return text_; }

  private:
    const char *text_;
};

// A view of contiguous objects, as std::span of C++20.
template <class T> class span {
  public:
    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <std::size_t N> constexpr span(T (&array)[N]) noexcept : data_(array), size_(N) {}
    template <class C, class = std::enable_if_t<std::is_convertible_v<decltype(std::declval<const C &>().data()), T *>>>
    constexpr span(const C &container) noexcept : data_(container.data()),
                                                  size_(container.size()) {}
    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t index) const { return data_[index]; }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

// ------------------------------------------------------------------------------------------------------ plumbing --

// May be called from worker threads, several at once. Must not throw; what it throws is dropped.
using log_function = std::function<void(log_level level, std::string_view component, std::string_view message)>;

namespace detail {

inline std::string_view view(const char *text) noexcept {
    return text != nullptr ? std::string_view(text) : std::string_view();
}

// What all objects of one context share. The C context is counted, too; this keeps the log alive as long as it.
struct hub {
    pvg_context *context = nullptr;
    log_function log;
    std::string *creating = nullptr; // while the context is being made: its error line
    std::exception_ptr thrown;       // by a callback, on its way out through C

    hub() = default;
    hub(const hub &) = delete;
    hub &operator=(const hub &) = delete;
    ~hub() { pvg_context_destroy(context); }

    [[noreturn]] void raise(pvg_status status) {
        if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
        throw error(status, pvg_error_component(context), pvg_error_message(context));
    }
    void check(pvg_status status) {
        if (status != PVG_OK) raise(status);
    }
};
using hub_ptr = std::shared_ptr<hub>;

// For calls that give a status and write no message.
inline void check_quiet(pvg_status status, const char *what) {
    if (status != PVG_OK) throw error(status, "pvgame", std::string(what) + ": " + pvg_status_name(status));
}

template <class T, void (*Destroy)(T *)> class handle {
  public:
    handle() noexcept = default;
    explicit handle(hub_ptr shared, T *raw = nullptr) noexcept
        : hub_(std::move(shared)),
          raw_(raw) {} // takes `raw` over
    handle(handle &&other) noexcept : hub_(std::move(other.hub_)), raw_(std::exchange(other.raw_, nullptr)) {}
    handle &operator=(handle &&other) noexcept {
        handle moved(std::move(other));
        std::swap(hub_, moved.hub_);
        std::swap(raw_, moved.raw_);
        return *this;
    }
    ~handle() { Destroy(raw_); }
    explicit operator bool() const noexcept { return raw_ != nullptr; }
    T *get() const noexcept { return raw_; }
    const hub_ptr &shared() const noexcept { return hub_; }

  protected:
    void check(pvg_status status) const { hub_->check(status); }

    hub_ptr hub_; // goes after the object
    T *raw_ = nullptr;
};

template <class H> auto get(const H *object) noexcept { return object != nullptr ? object->get() : nullptr; }

// Runs a callback of the host; what it throws is kept and comes out of the library's call.
template <class F> pvg_status guarded(hub &shared, F &&call) noexcept {
    try {
        call();
        return PVG_OK;
    } catch (...) {
        shared.thrown = std::current_exception();
        return PVG_E_CALLBACK;
    }
}

// Fills a buffer of `Unit`s by `fill(buffer, capacity, needed)`; NUL is what the library adds behind a text.
template <class Buffer, class Fill> Buffer filled(hub &shared, std::size_t guess, std::size_t nul, Fill &&fill) {
    Buffer buffer(guess, typename Buffer::value_type());
    std::size_t needed = 0;
    pvg_status status = fill(buffer.data(), buffer.size(), &needed);
    if (status == PVG_E_BUFFER) {
        buffer.resize(needed + nul);
        status = fill(buffer.data(), buffer.size(), &needed);
    }
    shared.check(status);
    buffer.resize(needed);
    return buffer;
}
template <class Fill> std::string text(hub &shared, Fill &&fill) { return filled<std::string>(shared, 4096, 1, fill); }

} // namespace detail

// ------------------------------------------------------------------------------------------------------- context --

struct options {
    int threads = 0; // workers, the caller included; 0: one per processor
    pvgame::engine engine = pvgame::engine::best;
    pvgame::log_level log_level = pvgame::log_level::warn; // of what `log` is told
    log_function log;
    const pvg_allocator *allocator = nullptr;
    std::uint64_t memory_limit = 0; // bytes; 0: none
};

// Threads, allocator, log and errors of what is made from it. One per thread that works on its own.
class context {
  public:
    context() : context(options()) {}
    context(context &&) noexcept = default;
    context &operator=(context &&) noexcept = default;
    explicit context(options wanted) : hub_(std::make_shared<detail::hub>()) {
        std::string refusal;
        hub_->log = std::move(wanted.log);
        hub_->creating = &refusal;
        pvg_context_options given;
        pvg_context_options_init(&given, sizeof given);
        given.threads = wanted.threads;
        given.engine = static_cast<pvg_engine>(wanted.engine);
        given.log_level = hub_->log ? static_cast<pvg_log_level>(wanted.log_level) : PVG_LOG_ERROR;
        given.log = on_log;
        given.log_user = hub_.get();
        given.allocator = wanted.allocator;
        given.memory_limit = wanted.memory_limit;
        pvg_status status = pvg_context_create(&given, &hub_->context);
        hub_->creating = nullptr;
        if (status != PVG_OK) throw error(status, "context", refusal.empty() ? pvg_status_name(status) : refusal);
    }

    // Any thread. The call in progress throws error(PVG_E_CANCELLED) at its next safe point; after resume() it can go on.
    void cancel() const noexcept { pvg_context_cancel(get()); }
    void resume() const noexcept { pvg_context_resume(get()); }

    // The last failure of any call on it or its objects; its status is PVG_OK when there was none.
    error last_error() const { return error(pvg_error_code(get()), pvg_error_component(get()), pvg_error_message(get())); }
    int threads() const noexcept { return pvg_context_threads(get()); }
    std::uint64_t memory_used() const noexcept { return pvg_memory_used(get()); } // any thread
    std::uint64_t memory_peak() const noexcept { return pvg_memory_peak(get()); }

    // JSON; with `measure`, rates of this machine too (about a second).
    std::string describe_machine(bool measure = false) const {
        return detail::text(*hub_, [&](char *to, std::size_t room, std::size_t *needed) {
            return pvg_machine_describe(get(), measure, to, room, needed);
        });
    }
    // JSON of pvg_benchmark: "train", "generate" or "score" at size "XS", "S", "M" or "L".
    std::string benchmark(name what, name size, const pvg_benchmark_options *how = nullptr) const {
        return detail::text(*hub_, [&](char *to, std::size_t room, std::size_t *needed) {
            return pvg_benchmark(get(), what.c_str(), size.c_str(), how, to, room, needed);
        });
    }

    pvg_context *get() const noexcept { return hub_ ? hub_->context : nullptr; }
    const detail::hub_ptr &shared() const noexcept { return hub_; }

  private:
    static void on_log(void *user, pvg_log_level level, const char *component, const char *message) {
        auto *hub = static_cast<detail::hub *>(user);
        try {
            if (hub->creating != nullptr && level == PVG_LOG_ERROR) *hub->creating = message;
            if (hub->log) hub->log(static_cast<log_level>(level), component, message);
        } catch (...) { // there is nobody to tell
        }
    }
    detail::hub_ptr hub_;
};

// ------------------------------------------------------------------------------------------------------ settings --

// A setting's place in the list that is part of the library.
struct setting_info {
    std::string_view name, summary, initial, choices; // initial: the default; choices: "a|b|c" of a CHOICE
    setting_kind kind;
    std::optional<std::pair<double, double>> bounds; // of integers and reals, both ends included
};
inline std::size_t setting_count() noexcept { return pvg_setting_count(); }
inline setting_info setting_at(std::size_t index) {
    setting_info info{detail::view(pvg_setting_name(index)),
                      detail::view(pvg_setting_summary(index)),
                      detail::view(pvg_setting_default(index)),
                      detail::view(pvg_setting_choices(index)),
                      static_cast<setting_kind>(pvg_setting_kind_of(index)),
                      std::nullopt};
    double lowest = 0, highest = 0;
    if (pvg_setting_bounds(index, &lowest, &highest) == PVG_OK) info.bounds.emplace(lowest, highest);
    return info;
}
struct preset_info {
    std::string_view name, summary;
};
inline std::size_t preset_count() noexcept { return pvg_preset_count(); }
inline preset_info preset_at(std::size_t index) {
    return {detail::view(pvg_preset_name(index)), detail::view(pvg_preset_summary(index))};
}

// A game's settings: named, typed, bounded.
class settings : public detail::handle<pvg_settings, pvg_settings_destroy> {
  public:
    using handle::handle;
    explicit settings(const context &context) : handle(context.shared()) {
        check(pvg_settings_create(context.get(), &raw_));
    }
    settings(const context &context, name preset) : settings(context) { this->preset(preset); }

    settings clone() const {
        settings copy{hub_};
        check(pvg_settings_clone(raw_, &copy.raw_));
        return copy;
    }
    settings &preset(name preset) {
        check(pvg_settings_preset(raw_, preset.c_str()));
        return *this;
    }
    // A number, a flag, or any setting's text ("64", "3e-4", "true", a choice).
    template <class T> settings &set(name setting, T &&value) {
        using plain = std::decay_t<T>;
        if constexpr (std::is_integral_v<plain>)
            check(pvg_settings_set_int(raw_, setting.c_str(), static_cast<std::int64_t>(value)));
        else if constexpr (std::is_floating_point_v<plain>)
            check(pvg_settings_set_real(raw_, setting.c_str(), static_cast<double>(value)));
        else if constexpr (std::is_convertible_v<T, name>)
            check(pvg_settings_set(raw_, setting.c_str(), name(value).c_str()));
        else
            check(pvg_settings_set(raw_, setting.c_str(), std::string(std::string_view(value)).c_str()));
        return *this;
    }
    std::int64_t integer(name setting) const {
        std::int64_t value = 0;
        check(pvg_settings_get_int(raw_, setting.c_str(), &value));
        return value;
    }
    bool flag(name setting) const { return integer(setting) != 0; }
    double real(name setting) const {
        double value = 0;
        check(pvg_settings_get_real(raw_, setting.c_str(), &value));
        return value;
    }
    std::string_view text(name setting) const { // until that setting changes
        const char *value = nullptr;
        check(pvg_settings_get(raw_, setting.c_str(), &value));
        return detail::view(value);
    }
    void check_together() const { check(pvg_settings_check(raw_)); }
    std::string yaml(bool comments = false) const {
        return detail::text(*hub_, [&](char *to, std::size_t room, std::size_t *needed) {
            return pvg_settings_write(raw_, comments, to, room, needed);
        });
    }
    // The memory that a game with these settings takes, as JSON.
    std::string plan() const {
        return detail::text(*hub_, [&](char *to, std::size_t room, std::size_t *needed) {
            return pvg_plan_describe(hub_->context, raw_, to, room, needed);
        });
    }
};

} // namespace pvgame

#endif
