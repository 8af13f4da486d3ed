// main.cpp - another project's program in C++: a setting, and its default.
#include <pvgame/pvgame.h>

#include <iostream>
#include <memory>

int main() {
    pvg_context *context = nullptr;
    if (pvg_context_create(nullptr, &context) != PVG_OK) return 1;
    std::unique_ptr<pvg_context, void (*)(pvg_context *)> owner(context, pvg_context_destroy);
    pvg_settings *settings = nullptr;
    if (pvg_settings_create(context, &settings) != PVG_OK) return 1;
    int64_t rounds = 0;
    pvg_status status = pvg_settings_get_int(settings, "rounds.count", &rounds);
    pvg_settings_destroy(settings);
    std::cout << "rounds: " << rounds << "\n";
    return status == PVG_OK && rounds > 0 ? 0 : 1;
}
