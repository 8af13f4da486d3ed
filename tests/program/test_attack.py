"""`pvgame attack`, and the correctness-only baseline."""
import json
import os
import signal

import support
from support import INPUT, INTERRUPTED, USAGE, Case, path

QUICK = ["--steps", 6, "--best-of", 2, "--set", "evaluate.problems=16", "--set", "prover_train.batch=4"]


def setUpModule():
    game = support.start("train", "--preset", "tiny", *support.sets(support.SHORT), "-o", "game", "-q")
    game.communicate()
    assert game.returncode == 0


def findings(name="game/attack.json"):
    with open(path(name), encoding="utf-8") as file:
        return json.load(file)


class Attacking(Case):
    def test_a_run(self):
        text = self.pvgame("attack", "game", *QUICK, "--anew")
        for name in ("round 0", "round 1", "last verifier", "src", "cgc", "goodhart", "best of 2"):
            self.assertIn(name, text)
        found = findings()
        self.assertEqual([(one["round"], one["verifier"], one["helpful"].split("/models/")[1]) for one in found["attacks"]],
                         [(0, "models/round-0/verifier", "round-0/prover"), (1, "models/round-1/verifier", "round-1/prover"),
                          (2, "models/last_verifier", "round-1/prover")])
        for one in found["attacks"]:
            metrics, tables = one["report"]["metrics"], one["report"]["tables"]
            for reward in ("src", "cgc", "goodhart"):
                steps = metrics[reward + "_steps_to_exploit"]
                self.assertTrue(steps is None or 5 <= steps <= 6)
                self.assertEqual(len(tables[reward + "_curve"]), metrics[reward + "_steps"])
                self.assertEqual(len(tables[reward + "_curve"][0]), len(found["curve_columns"]))
            self.assertTrue(metrics["best_of_2_low"] <= metrics["best_of_2"] <= metrics["best_of_2_high"])
        # What is there is not done again; it is the same whatever the threads; other settings begin anew.
        before = os.stat(path("game/attack.json")).st_mtime_ns
        self.assertEqual(self.pvgame("attack", "game", *QUICK), text)
        self.assertEqual(os.stat(path("game/attack.json")).st_mtime_ns, before)
        self.assertEqual(json.loads(self.pvgame("attack", "game", *QUICK, "--anew", "--threads", 1, "--json")), found)
        self.pvgame("attack", "game", *QUICK, "--rounds", 1, "--reward", "convince", "--seeds", "3,4", "-o", "few.json")
        few = findings("few.json")
        self.assertEqual([(one["round"], one["seed"]) for one in few["attacks"]], [(1, 3), (1, 4)])
        self.assertIn("convince_curve", few["attacks"][0]["report"]["tables"])
        self.assertNotEqual(few["attacks"][0]["report"], few["attacks"][1]["report"])
        self.pvgame("attack", "game", *QUICK, "--rounds", 0, "--reward", "", "-o", "few.json")
        self.assertEqual([one["round"] for one in findings("few.json")["attacks"]], [0])
        self.assertFalse(os.path.exists(path("few.json.part")))

    def test_models_by_name(self):
        text = self.pvgame("attack", "--verifier", "game/models/last_verifier", "--prover", "game/models/start", *QUICK, "--reward", "src")
        self.assertIn("verifier", text)
        self.assertNotIn("cgc", text.splitlines()[0])

    def test_interrupted(self):
        endless = ["attack", "game", *QUICK[2:], "--steps", 100000, "--reward", "src", "--set", "attack.wrong=1", "--set",
                   "attack.full_curve=true", "--rounds", 0, "-o", "endless.json"]
        attack = support.start(*endless)
        self.assertIn("round 0", attack.stderr.readline())
        attack.send_signal(signal.SIGINT)
        self.assertIn("keeps the attacks that were finished", attack.communicate()[1])
        self.assertEqual(attack.returncode, INTERRUPTED)
        self.assertFalse(os.path.exists(path("endless.json")))

    def test_wrong_ways(self):
        self.pvgame("attack", code=USAGE, says="which verifier?")
        self.pvgame("attack", "missing", code=INPUT, says="missing holds no trained verifier yet")
        self.pvgame("attack", "game", "--rounds", 7, code=INPUT, says="no verifier of round 7: it has 2 rounds")
        self.pvgame("attack", "game", "--rounds", "some", code=USAGE, says="--rounds some")
        self.pvgame("attack", "game", "--seeds", "1,x", code=USAGE, says="--seeds x")
        self.pvgame("attack", "game", "--reward", "correctness", code=INPUT, says="attack.rewards is 'correctness'")
        self.pvgame("attack", "--verifier", "game/models/last_verifier", code=USAGE, says="with which prover?")
        self.pvgame("attack", "game", "--verifier", "game/models/base", code=INPUT, says="cannot be a verifier")
        self.pvgame("attack", "game", *QUICK, "-o", "missing/attack.json", "--reward", "", code=INPUT, says="cannot be written")


class Correctness(Case):
    def test_a_baseline(self):
        text = self.pvgame("train", "--preset", "tiny", *support.sets(support.SHORT), "--set", "mode=correctness", "--rounds", 3,
                           "--set", "prover_train.steps=2", "--set", "prover_train.token_cost=0.01", "-o", "baseline")
        self.assertIn("samples", text)
        self.assertNotIn("never", text)
        with open(path("baseline/report.json"), encoding="utf-8") as file:
            report = json.load(file)
        steps = [point["metrics"]["prover_steps"] for point in report["rounds"]]
        self.assertEqual(steps, [2, 4, 6])
        for name in ("helpful_accuracy", "helpful_tokens", "helpful_samples"):
            self.assertTrue(all(point["metrics"][name] is not None for point in report["rounds"]))
        self.assertEqual(sorted(os.listdir(path("baseline/models"))), ["base", "round-0", "round-1", "round-2", "start"])
        self.assertIn("accuracy_greedy", self.pvgame("eval", "baseline", "-n", 4))
        self.pvgame("attack", "baseline", code=INPUT, says="holds no trained verifier yet")


if __name__ == "__main__":
    support.main()
