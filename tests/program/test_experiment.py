"""`pvgame experiment`: several small games, put together and judged."""
import json
import os
import signal
import time

import support
from support import INPUT, INTERRUPTED, SMALL, USAGE, Case, path, start, write

SETTINGS = {**SMALL, "problems.train": 512, "problems.test": 64, "rounds.count": 2, "attack.rewards": "src", "attack.steps": 2,
            "attack.best_of": 2}


def experiment(name="try", more="", **settings):
    """An experiment of two arms as a YAML file."""
    lines = [f"  - {key}={value}" for key, value in {**SETTINGS, **settings}.items()]
    return write(f"{name}.yaml", "\n".join([
        f"name: {name}", "title: A try", "seeds: [1, 2]", "settings:", *lines, "arms:", "  - name: game", "    kind: game",
        "    preset: tiny", "    draws: 4", "  - name: correctness", "    kind: correctness", "    preset: tiny",
        "    settings: [mode=correctness]", "    no_attack: true", "    judge: game", more]))


def results(directory):
    with open(os.path.join(path(directory), "experiment.json"), encoding="utf-8") as file:
        return json.load(file)


class Experiments(Case):
    def test_a_small_one(self):
        out = self.pvgame("experiment", experiment(), "--out", "all", "--jobs", 2)
        self.assertIn("14 of 14 tasks to do, 2 at a time", out)
        self.assertRegex(out, r"game +base")
        self.assertRegex(out, r"(not reproduced|different at this scale|reproduced) +a, figure 6a")
        found = results("all")
        self.assertEqual(found["seeds"], [1, 2])
        self.assertEqual([run["directory"] for run in found["runs"]], ["game-1", "correctness-1", "game-2", "correctness-2"])
        self.assertTrue(all(run["done"] and run["seconds"] > 0 for run in found["runs"]))
        # Means over seeds of what the runs found.
        accuracy = []
        for seed in (1, 2):
            with open(path(f"all/game-{seed}/report.json"), encoding="utf-8") as file:
                accuracy.append(json.load(file)["rounds"][1]["metrics"]["helpful_accuracy"])
        one = found["metrics"]["game"]["helpful_accuracy"][1]
        self.assertEqual((one["round"], one["seeds"]), (1, 2))
        self.assertAlmostEqual(one["mean"], sum(accuracy) / 2)
        steps = found["metrics"]["game"]["attack_src_steps_to_exploit"]
        self.assertEqual([entry["round"] for entry in steps], [0, 1, 2])  # the last verifier is one round more
        self.assertNotIn("attack_src_steps", found["metrics"]["correctness"])
        self.assertIn("helpful_reader_4", found["metrics"]["correctness"])
        self.assertIn("helpful_best_of_4", found["metrics"]["game"])
        self.assertTrue(os.path.exists(path("all/report.html")))
        self.assertGreater(found["arms"][0]["ratio"], 0)
        # What is done stays, and is not done again.
        before = os.stat(path("all/game-1/report.json")).st_mtime_ns
        self.assertIn("0 of 14 tasks to do", self.pvgame("experiment", experiment(), "--out", "all"))
        self.assertEqual(os.stat(path("all/game-1/report.json")).st_mtime_ns, before)
        # A seed more.
        self.assertIn("7 of 21 tasks to do", self.pvgame("experiment", experiment(), "--out", "all", "--seeds", "1,2,3"))
        self.assertEqual(results("all")["metrics"]["game"]["helpful_accuracy"][0]["seeds"], 3)
        self.pvgame("experiment", experiment(), "--out", "all", "--set", "base.steps=9", code=INPUT, says="other settings")
        out = self.pvgame("experiment", experiment(), "--out", "all", "--seeds", "1,2,3", "--dry-run")
        self.assertRegex(out, r"game +3 .* 15/15")
        self.assertIn("about 0s left", out)

    def test_interrupting_it(self):
        file = experiment("long", **{"base.steps": 100000})
        process = start("experiment", file, "--out", "long")
        while not os.path.exists(path("long/game-1/config.yaml")):
            time.sleep(0.05)
        time.sleep(1)
        self.pvgame("experiment", file, "--out", "long", code=INPUT, says="another process is working on this experiment")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=support.TIMEOUT)
        self.assertEqual(process.returncode, INTERRUPTED, errors)
        self.assertIn("Go on with the same command", errors)
        self.assertFalse(os.path.exists(path("long/game-2")))
        with open(path("long/log.txt"), encoding="utf-8") as log:
            self.assertIn("game-1: stopped", log.read())

    def test_one_run_fails_and_the_others_go_on(self):
        file = experiment("broken", "  - name: untrained\n    settings: [base.steps=0]\n"
                                    "    preset: tiny\n    no_attack: true\n    no_measure: true")
        self.pvgame("experiment", file, "--out", "broken", "--seeds", 1, code=INPUT, says="untrained-1: failed")
        done = {run["directory"]: run["done"] for run in results("broken")["runs"]}
        self.assertEqual(done, {"game-1": True, "correctness-1": True, "untrained-1": False})

    def test_plans(self):
        out = self.pvgame("experiment", experiment("plan"), "--dry-run")
        self.assertRegex(out, r"about \d+s left with \d+ at a time")
        self.assertRegex(out, r"up to \d+ MiB of memory, about \d+ MiB of disk")
        self.assertFalse(os.path.exists(path("experiment-plan")))

    def test_built_in_ones(self):
        out = self.pvgame("experiment", "--list")
        for name in ("default", "short", "sizes"):
            self.assertIn(name, out)
            self.assertIn(f"name: {name}\n", self.pvgame("experiment", name, "--show"))
        small = support.sets({**SMALL, "problems.train": 512, "problems.test": 64})
        self.assertIn("correctness", self.pvgame("experiment", "short", "--dry-run", "--seeds", "1", *small))

    def test_what_cannot_be_read(self):
        refused = [("x.yaml", "name: [1]\n", "x.yaml"), ("y.yaml", "seeds: [1]\narms: [{name: a}]\n", "name"),
                   ("z.yaml", "name: z\nseeds: [1, 1]\narms: [{name: a}]\n", "seed 1 is given twice"),
                   ("w.yaml", "name: w\nseeds: [1]\narms: [{name: a/b}]\n", "'a/b' becomes a directory's name"),
                   ("v.yaml", "name: v\nseeds: [1]\narms: [{name: a}, {name: a}]\n", "two arms 'a'"),
                   ("u.yaml", "name: u\nseeds: [1]\narms: [{name: a, sedings: []}]\n", "no 'sedings' here"),
                   ("t.yaml", "name: t\nseeds: [1]\narms: [{name: a, settings: [prover.widht=3]}]\n", "prover.width"),
                   ("s.yaml", "name: s\nseeds: [1]\narms: [{name: a, settings: [prover.width]}]\n", "wanted NAME=VALUE"),
                   ("r.yaml", "name: r\n\tseeds: [1]\n", "begins with a tab")]
        for name, text, says in refused:
            self.pvgame("experiment", write(name, text), "--dry-run", code=INPUT, says=says)
        self.pvgame("experiment", "defualt", code=INPUT, says="did you mean 'default'?")
        self.pvgame("experiment", "short", "--preset", "tiny", code=USAGE, says="--set does")
        self.pvgame("experiment", "short", "--seeds", "1,,2", code=USAGE, says="whole numbers with commas")
        os.mkdir(path("full"))
        write("full/kept", "x")
        self.pvgame("experiment", experiment("x2"), "--out", "full", code=INPUT, says="is not empty")


if __name__ == "__main__":
    support.main()
