// main.cpp - another project's program in C++: a setting and its default, and an answer graded.
#include <pvgame/pvgame.hpp>

#include <iostream>

int main() try {
    pvgame::context context;
    pvgame::settings settings(context);
    std::cout << "rounds: " << settings.integer("rounds.count") << "\n";
    pvgame::graded said = pvgame::grader(context).grade("1,000", "So the answer is 1000.");
    std::cout << said.extracted << " is " << to_string(said.verdict) << "\n";
    return pvgame::abi_accepts() && said.verdict == pvgame::verdict::correct ? 0 : 1;
} catch (const pvgame::error &e) {
    std::cout << e.what() << "\n";
    return 1;
}
