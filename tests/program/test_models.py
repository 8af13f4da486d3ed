"""`pvgame generate`, `eval`, `show` and `problems`."""
import gzip
import json
import os

import support
from support import INPUT, RESOURCE, USAGE, Case, lines_of, path, word_problems, write


def setUpModule():
    game = support.start("train", "--preset", "tiny", *support.sets(support.SHORT), "-o", "game", "-q")
    game.communicate()
    assert game.returncode == 0


class Generating(Case):
    def test_samples(self):
        greedy = self.pvgame("generate", "game", "-n", 3, "--temperature", 0)
        self.assertEqual(greedy, self.pvgame("generate", "game", "-n", 3, "--temperature", 0, "--seed", 9, "--threads", 1))
        sampled = lines_of(self.pvgame("generate", "game", "-n", 3, "--samples", 2, "--role", "sneaky", "--seed", 5))
        self.assertEqual([line["id"] for line in sampled], [line["id"] for line in lines_of(greedy) for _ in range(2)])
        self.assertTrue(all(line["role"] == "sneaky" and line["tokens"] > 0 and "verdict" in line for line in sampled))
        self.assertEqual(len(lines_of(self.pvgame("generate", "game"))), 8)

    def test_one_question(self):
        line = lines_of(self.pvgame("generate", "game", "--question", " A 3 A more 4"))[0]
        self.assertEqual(line["question"], " A 3 A more 4")
        self.assertNotIn("verdict", line)  # nobody said what is right

    def test_from_and_to_files(self):
        data = write("data.jsonl", list(word_problems(5)))
        self.assertEqual(self.pvgame("generate", "game", "--data", data, "-n", 2, "--out", "made.jsonl"), "")
        with open(path("made.jsonl"), encoding="utf-8") as file:
            made = lines_of(file.read())
        self.assertEqual([line["question"] for line in made], [line["question"] for line in word_problems(2)])
        graded = lines_of(self.pvgame("grade", "--in", "made.jsonl", "--field", "answer=gold"))
        self.assertEqual(len(graded), 2)
        self.pvgame("generate", "game", "--data", data, "--out", data, code=INPUT, says="cannot be written to as well")
        self.pvgame("generate", "game", "-n", 1, "--out", "/dev/full", code=RESOURCE, says="could not be written")

    def test_wrong_ways(self):
        self.pvgame("generate", code=USAGE, says="which prover?")
        self.pvgame("generate", "missing", code=INPUT, says="missing holds no trained models yet")
        self.pvgame("generate", "--prover", "game/models/last_verifier", code=INPUT, says="cannot be a prover")
        self.pvgame("generate", "game", "--temperature", "warm", code=USAGE, says="--temperature warm: wanted a number")
        self.pvgame("generate", "game", "--temperature", "-1", code=INPUT, says="temperature")
        self.pvgame("generate", "game", "--seed", "x", code=USAGE, says="--seed x: wanted a whole number")
        self.pvgame("generate", "game", "--samples", "0", code=USAGE, says="--samples 0")
        self.pvgame("generate", "game", "-n", "0", code=USAGE, says="--count 0")
        self.pvgame("generate", "game", "--role", "evil", code=USAGE, says="neutral|helpful|sneaky")
        self.pvgame("generate", "game", "game", code=USAGE, says="is a second")


class Evaluating(Case):
    def test_a_run(self):
        text = self.pvgame("eval", "game", "-n", 16)
        for name in ("accuracy_greedy", "accuracy_sampled", "pass_at_4", "verifier_auc", "verifier_accuracy", "prover 1", "verifier 2"):
            self.assertIn(name, text)
        reports = lines_of(self.pvgame("eval", "game", "-n", 16, "--json"))
        self.assertEqual([line["of"] for line in reports],
                         ["game/models/round-0/prover", "game/models/round-1/prover", "verifier by prover"])
        metrics = reports[0]["report"]["metrics"]
        self.assertEqual(metrics["problems"], 16)
        self.assertTrue(metrics["accuracy_sampled_low"] <= metrics["accuracy_sampled"] <= metrics["accuracy_sampled_high"])
        table = reports[2]["report"]["tables"]["auc"]
        self.assertEqual([len(row) for row in table], [2, 2, 2])

    def test_models_by_name(self):
        text = self.pvgame("eval", "--prover", "game/models/base", "--role", "neutral", "-n", 8)
        self.assertIn("accuracy_greedy", text)
        self.assertNotIn("verifier", text)

    def test_wrong_ways(self):
        self.pvgame("eval", code=USAGE, says="which models?")
        self.pvgame("eval", "missing", code=INPUT, says="missing holds no trained models yet")
        self.pvgame("eval", "game", "-n", "0", code=USAGE, says="--count 0: wanted a whole number from 1 on")
        self.pvgame("eval", "game", "--data", "missing.jsonl", code=INPUT, says="missing.jsonl: cannot read it")


class Showing(Case):
    def shown(self, *filters):
        return lines_of(self.pvgame("show", "game", "--json", "--limit", 0, *filters))

    def test_filters(self):
        everything = [json.loads(line) for line in support.samples_of(path("game")).splitlines()]
        self.assertEqual(self.shown(), everything)
        for option, field, value in (("--role", "role", "sneaky"), ("--verdict", "verdict", "wrong"), ("--stage", "stage", "prover"),
                                     ("--round", "round", 1), ("--problem", "id", everything[5]["id"])):
            wanted = [line for line in everything if line[field] == value]
            self.assertTrue(0 < len(wanted) < len(everything), option)
            self.assertEqual(self.shown(option, value), wanted)
        scored = [line["score"] for line in everything if line["score"] is not None]
        self.assertEqual([line["score"] for line in self.shown("--min-score", 0)], [score for score in scored if score >= 0])
        self.assertEqual([line["score"] for line in self.shown("--max-score", 0)], [score for score in scored if score <= 0])

    def test_order(self):
        best = lines_of(self.pvgame("show", "game", "--json", "--limit", 5, "--sort", "score", "--stage", "test"))
        every = sorted((line["score"] for line in self.shown("--stage", "test")), reverse=True)
        self.assertEqual([line["score"] for line in best], every[:5])
        worst = lines_of(self.pvgame("show", "game", "--json", "--limit", 5, "--sort", "-score", "--stage", "test"))
        self.assertEqual([line["score"] for line in worst], every[::-1][:5])
        for by in ("reward", "tokens"):
            values = [line[by] for line in lines_of(self.pvgame("show", "game", "--json", "--sort", by, "--stage", "prover"))]
            self.assertEqual(values, sorted(values, reverse=True))

    def test_for_people(self):
        text = self.pvgame("show", "game", "--stage", "test", "--limit", 2)
        self.assertEqual(text.count("(gold "), 2)
        self.assertNotIn("\033", text)
        coloured = self.pvgame("show", "game", "--stage", "test", "--limit", 2, "--parts")
        self.assertIn("\033[0m", coloured)
        self.pvgame("show", "game", "--problem", "none", says="no sample of game fits")

    def test_control_characters_stay_out(self):
        hostile = {"stage": "test", "round": 0, "step": 1, "id": "a\033]0;x\007", "role": "helpful", "verdict": "wrong\033[2J",
                   "score": 1.0, "reward": None, "tokens": 3, "question": "q\u009b31m\r", "solution": "\033[2J\u0000\u0085\u007f ok \u00e9",
                   "gold": "1\b"}
        os.makedirs(path("hostile"), exist_ok=True)
        with gzip.open(path("hostile/samples.jsonl.gz"), "wt", encoding="utf-8") as file:
            file.write(json.dumps(hostile) + "\n" + json.dumps(hostile, ensure_ascii=False) + "\nnot JSON\n")
        text = self.pvgame("show", "hostile", says=":3: not JSON; left out")
        self.assertEqual(text.count("ok \u00e9"), 2)
        self.assertEqual([c for c in text if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)], [])
        self.assertIn("\\x1b[2J\\x00\\xc2\\x85\\x7f ok", text)

    def test_wrong_ways(self):
        self.pvgame("show", code=USAGE, says="which run directory?")
        self.pvgame("show", "missing", code=INPUT, says="cannot be opened: No such file")
        for option, value in (("--role", "evil"), ("--verdict", "fine"), ("--stage", "late"), ("--sort", "age"), ("--round", "x"),
                              ("--min-score", "x"), ("--limit", "-1"), ("--limit", "1.5")):
            self.pvgame("show", "game", option, value, code=USAGE, says=f"{option} {value}: wanted")


class Problems(Case):
    def test_renderings(self):
        english, compact = (lines_of(self.pvgame("problems", "-n", 20, *more)) for more in ([], ["--rendering", "compact"]))
        self.assertEqual([line["chain"] for line in english], [line["chain"] for line in compact])
        self.assertTrue(all(line["question"].endswith("?") for line in english))
        self.assertEqual(lines_of(self.pvgame("problems", "-n", 5, "--first", 10)), english[10:15])
        self.assertNotEqual(lines_of(self.pvgame("problems", "-n", 20, "--seed", 2)), english)
        for lines in (english, compact):  # the worked solutions are right
            graded = lines_of(self.pvgame("grade", input="".join(json.dumps(line) + "\n" for line in lines)))
            self.assertEqual({line["verdict"] for line in graded}, {"correct"})

    def test_files(self):
        self.pvgame("problems", "-n", 7, "--out", "seven.jsonl.gz")
        with gzip.open(path("seven.jsonl.gz"), "rt", encoding="utf-8") as file:
            self.assertEqual(lines_of(file.read()), lines_of(self.pvgame("problems", "-n", 7)))
        self.assertEqual(self.pvgame("problems", "-n", 0), "")
        self.pvgame("problems", "--out", "no/such/folder.jsonl", code=INPUT, says="No such file")

    def test_wrong_ways(self):
        self.pvgame("problems", "7", code=USAGE, says="'7' is not an option")
        self.pvgame("problems", "-n", "x", code=USAGE, says="--count x")
        self.pvgame("problems", "--rendering", "french", code=INPUT, says="compact|english")


if __name__ == "__main__":
    support.main()
