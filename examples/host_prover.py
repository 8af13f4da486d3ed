"""A host that plays with a prover of its own, by pulling: the game stops at every request, and the host answers when it likes
(asks a service, a queue, a person). This prover reads the problem's clauses, and errs on purpose as sneaky."""
import re

import pvgame


def solve(question):
    """" A 11 A times 2 B more 3": what A has at the end."""
    value = 0
    for what, number in re.findall(r"\bA (?:(times|more|less) )?(\d+)", question):
        value = {"": int(number), "times": value * int(number), "more": value + int(number), "less": value - int(number)}[what]
    return value


def prove(item):
    wrong = item.role == pvgame.Role.SNEAKY or item.seed % 4 == 0  # now and then wrong as helpful, too
    return f" A: {solve(item.question) + wrong}"


rewards = {pvgame.Role.HELPFUL: [], pvgame.Role.SNEAKY: []}


def learn(feedback):  # a host that trains its own model learns from these
    for outcome in feedback:
        rewards[outcome.role].append(outcome.reward)


game = pvgame.Game("tiny", prover=pvgame.Prover.host(learn=learn, name="clause reader"))
asked = 0
for event in game:
    if event == pvgame.Event.NEEDS_REPLY:
        game.submit([prove(item) for item in game.pending])
        asked += 1
print(f"finished after {asked} requests")
for role, given in rewards.items():
    print(f"{role.name.lower()}: {len(given)} rewards, mean {sum(given) / len(given):.3f}")
