// game.cpp - from C++: a whole game whose verifier is a lambda, watched, and what came of it.
#include <pvgame/pvgame.hpp>

#include <algorithm>
#include <cstdio>

int main() try {
    pvgame::context context;
    pvgame::settings settings(context, "tiny");
    settings.set("rounds.count", 1).set("seed", 3);

    // Likes short solutions. A real one would ask a model; what it throws comes out of run() below.
    pvgame::verifier brief(context, "brief", [](const pvgame::request_item &item) {
        return 3 - 0.1 * static_cast<double>(item.solution().size());
    });

    pvgame::game game(context, settings);
    game.use(brief);
    game.run([&](pvgame::event event) {
        if (event == pvgame::event::stage_done)
            std::printf("%3.0f %%  %s\n", 100 * game.progress().fraction, game.progress().stage);
    });

    pvgame::report report = game.report(0);
    auto samples = report.samples();
    auto shortest = std::min_element(samples.begin(), samples.end(),
                                     [](auto &a, auto &b) { return a.solution.size() < b.solution.size(); });
    std::printf("helpful prover: %.2f right; its shortest solution (%s):%s\n", report.metric("helpful_accuracy"),
                to_string(shortest->verdict).data(), std::string(shortest->solution).c_str());
} catch (const pvgame::error &e) {
    std::fprintf(stderr, "%s: %s\n", e.component().c_str(), e.what());
    return 1;
}
