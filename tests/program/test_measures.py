"""`pvgame measure`: anybody's JSON lines, and run directories."""
import gzip
import json
import os

import support
from support import INPUT, USAGE, Case, lines_of, path, write

LINES = [
    {"question": "3 + 4?", "solution": "3 + 4 = 7. #### 7", "answer": "7", "score": 2.0, "tokens": 9},
    {"question": "3 + 4?", "solution": "#### 8", "answer": 7, "score": 1.0, "tokens": 3},
    {"question": "1 + 1?", "solution": "#### 2", "gold": "2", "score": -1.0, "tokens": 3},
    {"question": "1 + 1?", "solution": "no idea", "gold": "2", "score": 0.5, "tokens": 2},
]


def with_role(role, round_, lines=None):
    return [{**line, "role": role, "round": round_} for line in lines or LINES]


class Lines(Case):
    def measured(self, *arguments, **options):
        return json.loads(self.pvgame("measure", *arguments, "--json", "-", **options))

    def test_solutions_of_no_role(self):
        found = self.measured(write("plain.jsonl", LINES))
        numbers = found["summary"]["metrics"]
        self.assertEqual(found["rounds"], [])
        self.assertEqual(numbers["base_solutions"], 4)
        self.assertEqual(numbers["base_accuracy"], 0.5)
        self.assertEqual(numbers["base_parsable"], 0.75)
        self.assertEqual(numbers["base_tokens"], 4.25)
        self.assertEqual(numbers["base_answer_distance"], 1)
        self.assertEqual(numbers["verifier_auc_base"], 0.5)
        self.assertEqual(numbers["base_best_of_2"], 0.5)
        self.assertEqual(found["summary"]["tables"]["base_best_of"][1][0], 2)
        self.assertEqual(found["summary"]["labels"]["base_best_of"]["columns"][:2], ["n", "right"])
        self.assertTrue(any("chains are not known" in note for note in found["notes"]))
        self.assertFalse(any(name.startswith("base_valid") for name in numbers))
        for name in ("plain.jsonl.gz",):
            self.assertEqual(self.measured(write(name, LINES)), found)
        with open(path("plain.jsonl"), encoding="utf-8") as file:
            self.assertEqual(self.measured("-", stdin=file), found)

    def test_other_fields(self):
        lines = [{"q": line["question"], "out": {"text": line["solution"]}, "truth": "7", "ok": i == 0} for i, line in enumerate(LINES)]
        numbers = self.measured(write("other.jsonl", lines), "--field", "question=q", "-f", "solution=out.text", "-f", "answer=truth",
                                "-f", "label=ok")["summary"]["metrics"]
        self.assertEqual(numbers["base_accuracy"], 0.25)  # labels are believed
        self.pvgame("measure", "other.jsonl", "-f", "colour=x", code=USAGE, says="--field colour=x: wanted")

    def test_roles_and_rounds(self):
        lines = with_role("helpful", 0) + with_role("sneaky", 0) + with_role("helpful", 2)
        found = self.measured(write("roles.jsonl", lines))
        self.assertEqual(len(found["rounds"]), 3)
        self.assertIsNone(found["rounds"][1])
        numbers = found["rounds"][0]["metrics"]
        self.assertEqual(numbers["helpful_accuracy"], 0.5)
        self.assertEqual(numbers["sneaky_compliance"], 0.25)
        self.assertEqual(numbers["verifier_auc"], 0.5)  # 2 and -1 against 1
        self.assertEqual(numbers["verifier_fpr_sneaky"], 1)
        shown = self.pvgame("measure", "roles.jsonl")
        for part in ("Helpful solutions", "round 2", "verifier_fpr_sneaky", "Left out:", "helpful_best_of, round 0"):
            self.assertIn(part, shown)

    def test_problems_from_a_file(self):
        problems = write("problems.jsonl", [{"id": "a", "question": "3 + 4?", "answer": "7"}, {"id": 9, "question": "1 + 1?", "answer": "2"}])
        lines = [{"id": "a", "solution": "#### 7"}, {"id": 9, "solution": "#### 3"}, {"question": "1 + 1?", "solution": "#### 2"}]
        numbers = self.measured(write("bare.jsonl", lines), "--data", problems)["summary"]["metrics"]
        self.assertAlmostEqual(numbers["base_accuracy"], 2 / 3)
        self.assertEqual(numbers["base_problems"], 2)
        self.pvgame("measure", "bare.jsonl", code=INPUT, says="bare.jsonl:1: no problem has the id 'a'")

    def test_built_in_problems_are_known_by_their_ids(self):
        problems = lines_of(self.pvgame("problems", "-n", 40, "--rendering", "compact"))
        lines = [{**p, "chain": None, "role": "helpful"} for p in problems]
        numbers = self.measured(write("mine.jsonl", lines))["summary"]["metrics"]
        self.assertEqual(numbers["helpful_accuracy"], 1)
        self.assertIn("helpful_fully_shown", numbers)
        other = self.measured("mine.jsonl", "--set", "seed=99")
        self.assertNotIn("helpful_fully_shown", other["summary"]["metrics"])  # other problems have these numbers
        chains = self.measured(write("chains.jsonl", problems), "--set", "seed=99")
        self.assertIn("base_fully_shown", chains["summary"]["metrics"])

    def test_bad_lines(self):
        for bad, sentence in {
                "{bad": "bad.jsonl:1: ",
                "[1]": "bad.jsonl:1: wanted a JSON object",
                '{"question":"x"}': "bad.jsonl:1: field 'solution' is not what is wanted: a text, and it is missing",
                '{"solution":"x"}': "bad.jsonl:1: a solution has neither an id nor a question",
                '{"question":"x","solution":"y","role":"evil"}': "field 'role' is not what is wanted: neutral, helpful or sneaky",
                '{"question":"x","solution":"y","verdict":1}': "field 'verdict'",
                '{"question":"x","solution":"y","round":1.5}': "field 'round' is not what is wanted: a whole number",
                '{"question":"x","solution":"y","round":1000}': "round is 1000: -1 (of none) to 999",
                '{"question":"x","solution":"y","is_correct":2}': "field 'is_correct' is not what is wanted: true or false",
                '{"question":"x","solution":"y","score":"high"}': "field 'score' is not what is wanted: a number",
                '{"question":"x","solution":"y","answer":"zebra"}': "no single number can be read from the reference answer",
                '{"question":"x","solution":"y","chain":"zebra"}': "bad.jsonl:1: ",
                "": "there is no solution in what was given",
        }.items():
            with self.subTest(line=bad):
                self.pvgame("measure", write("bad.jsonl", bad + "\n"), code=INPUT, says=sentence)
        self.pvgame("measure", code=USAGE, says="which solutions?")
        self.pvgame("measure", "missing.jsonl", code=INPUT, says="cannot be opened")
        self.pvgame("measure", write("good.jsonl", LINES), "--verifier", "missing", code=INPUT, says="missing")
        os.makedirs(path("empty"), exist_ok=True)
        self.pvgame("measure", "empty", code=INPUT, says="config.yaml")
        self.pvgame("measure", "empty", "empty", code=USAGE, says="'empty' is a second")

    def test_help_teaches(self):
        shown = self.pvgame("measure", "--help")
        for part in ("docs/measures.md", "--judge", "pvgame measure run-1"):
            self.assertIn(part, shown)


class Runs(Case):
    @classmethod
    def setUpClass(cls):
        game = support.start("train", "--preset", "tiny", *support.sets(support.SHORT), "--rounds", 2, "-o", "game", "-q", "--set",
                             "prover_train.steps=8")
        game.communicate()
        assert game.returncode == 0

    def test_a_run(self):
        found = json.loads(self.pvgame("measure", "game", "--judge", "game/models/round-0/verifier", "--json", "-"))
        with open(path("game/report.json"), encoding="utf-8") as file:
            report = json.load(file)
        self.assertEqual(len(found["rounds"]), 2)
        for kept, taken in zip(report["rounds"], found["rounds"]):
            for name in ("helpful_accuracy", "helpful_accuracy_low", "sneaky_compliance", "helpful_accuracy_greedy", "helpful_tokens",
                         "verifier_auc", "helpful_score", "sneaky_wrong_lines", "sneaky_answer_distance"):
                if name not in taken["metrics"]:
                    self.assertIsNone(kept["metrics"][name], name)
                elif kept["metrics"][name] is not None:
                    self.assertAlmostEqual(kept["metrics"][name], taken["metrics"][name], places=9, msg=name)
            self.assertEqual(taken["tables"]["training"][-1][0], 8)
            kl = taken["labels"]["training"]["columns"].index("kl")
            self.assertIsNotNone(taken["tables"]["training"][-1][kl])
            self.assertIn("helpful_judge_score", taken["metrics"])
        self.assertAlmostEqual(found["summary"]["metrics"]["base_accuracy"], report["summary"]["metrics"]["base_accuracy"])
        self.assertEqual(found["summary"]["labels"]["auc"]["rows"], ["verifier 0", "verifier 1", "last_verifier"])
        self.assertEqual(found["summary"]["labels"]["auc"]["columns"], ["round 0", "round 1"])
        again = json.loads(self.pvgame("measure", "game", "--judge", "game/models/round-0/verifier", "--json", "-", "--threads", 2))
        self.assertEqual(found, again)

    def test_a_run_without_its_verifiers(self):
        self.pvgame("measure", "game", "--no-verifiers", "--json", "out.json")
        with open(path("out.json"), encoding="utf-8") as file:
            found = json.load(file)
        self.assertEqual(found["summary"]["tables"], {})
        self.assertIn("verifier_auc", found["rounds"][0]["metrics"])  # from the samples' own scores

    def test_generated_solutions(self):
        lines = self.pvgame("generate", "game", "--role", "helpful", "--samples", 4, "-n", 12)
        found = json.loads(self.pvgame("measure", "-", "--verifier", "game/models/last_verifier", "--json", "-", input=lines))
        numbers = found["summary"]["metrics"]
        self.assertEqual(numbers["helpful_solutions"], 48)
        self.assertEqual(numbers["helpful_problems"], 12)
        self.assertIn("helpful_best_of_4", numbers)
        self.assertIn("helpful_shown" if numbers["helpful_accuracy"] > 0 else "helpful_repetition", numbers)

    def test_damaged_samples(self):
        os.makedirs(path("torn"), exist_ok=True)
        for name in ("config.yaml", "samples.jsonl.gz"):
            with open(path("game/" + name), "rb") as file:
                content = file.read()
            with open(path("torn/" + name), "wb") as file:
                file.write(content if name != "samples.jsonl.gz" else content[:len(content) // 2])
        self.pvgame("measure", "torn", code=INPUT, says="damaged or were cut short")
        with gzip.open(path("torn/samples.jsonl.gz"), "wb") as file:
            file.write(b'{"stage":"pool"}\n')
        self.pvgame("measure", "torn", code=INPUT, says="there is no solution")
        os.remove(path("torn/samples.jsonl.gz"))
        self.pvgame("measure", "torn", code=INPUT, says="holds no samples")


if __name__ == "__main__":
    support.main()
