"""`pvgame train`: games, run directories, settings."""
import json
import os
import re

import support
from support import INPUT, SMALL, USAGE, Case, path, sets, word_problems, write

MODEL = ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]


class Playing(Case):
    def test_a_tiny_game(self):
        table = self.pvgame("train", "--preset", "tiny", "--out", "tiny", "--threads", 2)
        rows = [line.split() for line in table.splitlines() if re.match(r" +\d", line)]
        self.assertEqual([row[0] for row in rows[:2]], ["0", "1"])
        self.assertEqual(len(rows), 2)
        self.assertIn("AUC of each verifier on each round's prover", table)
        run = path("tiny")
        self.assertEqual(set(os.listdir(run)), {"config.yaml", "environment.json", "data.json", "metrics.jsonl", "report.json",
                                                "samples.jsonl.gz", "models", "checkpoint", "lock"})
        for model in ("base", "verifier_base", "start", "round-0/verifier", "round-0/prover", "round-1/verifier",
                      "round-1/prover", "last_verifier"):
            self.assertEqual(sorted(os.listdir(os.path.join(run, "models", model))), MODEL)
        with open(os.path.join(run, "report.json"), encoding="utf-8") as file:
            report = json.load(file)
        self.assertEqual(f"{report['rounds'][1]['metrics']['helpful_accuracy']:.3f}", rows[1][5])
        with open(os.path.join(run, "metrics.jsonl"), encoding="utf-8") as file:
            metrics = [json.loads(line) for line in file]
        self.assertEqual(sum(line.get("event") == "round" for line in metrics), 2)
        fields = {"stage", "round", "step", "id", "role", "verdict", "score", "reward", "tokens", "greedy", "question",
                  "solution", "gold"}
        self.assertTrue(all(set(json.loads(line)) == fields for line in support.samples_of(run).splitlines()))
        # Quiet, on one thread: the same bits.
        self.assertEqual(self.pvgame("train", "--preset", "tiny", "--out", "again", "--threads", 1, "--quiet"), "")
        self.assertEqual(self.errors, "")
        self.assertEqual(support.same_models(run, path("again")), [])
        self.assertEqual(support.samples_of(run), support.samples_of(path("again")))

    def test_another_seed_and_count_of_rounds(self):
        for seed in (1, 2):
            self.pvgame("train", "--preset", "tiny", *sets(SMALL), "--rounds", 1, "--seed", seed, "-o", f"seed{seed}", "-q")
            self.assertFalse(os.path.exists(path(f"seed{seed}/models/round-1")))
        self.assertIn("models/base/model.safetensors", support.same_models(path("seed1"), path("seed2")))

    def test_a_data_set_of_ones_own(self):
        data = write("own.jsonl.gz", list(word_problems(60)))
        out = self.pvgame("train", "--data", data, "--rounds", 1, *sets(SMALL), "-o", "own")
        self.assertIn("Models this small, trained from scratch, solve only a few", out)
        self.assertTrue(os.path.exists(path("own/models/round-0/prover/model.safetensors")))
        self.assertTrue(os.path.exists(path("own/data.jsonl.gz")))
        # Its models are measured on the part of the data that they were not trained on.
        out = self.pvgame("eval", "own", "--json", "--samples", 1)
        problems = json.loads(out.splitlines()[0])["report"]["metrics"]["problems"]
        self.assertTrue(0 < problems < 30, problems)
        asked = [json.loads(line)["question"] for line in self.pvgame("generate", "own", "-n", 2).splitlines()]
        self.assertTrue(len(asked) == 2 and all(question.startswith("Tom has") for question in asked), asked)

    def test_a_verifier_alone(self):
        lines = []
        for i, problem in enumerate(word_problems(60)):
            gold = int(problem["answer"].split()[-1])
            for value in (gold, gold + 1 + i % 3, gold, gold + 2):
                lines.append({"question": problem["question"], "solution": f"He has {value}.\nA: {value}",
                              "is_correct": value == gold, "ground_truth": str(gold)})
        data = write("labelled.jsonl", lines)
        out = self.pvgame("train", "--data", data, "--verifier-only", *sets(SMALL), "-o", "verifier")
        self.assertRegex(out, r"verifier on \d+ held-out solutions: AUC [01]\.\d{3} \(90 % interval [01]\.\d{3} to [01]\.\d{3}\), "
                              r"accuracy [01]\.\d{3}")
        self.assertNotIn("round", out.split("pvgame score")[0])
        self.assertIn("verifier_auc", self.pvgame("eval", "verifier"))
        self.pvgame("train", "--data", write("unlabelled.jsonl", list(word_problems(9))), "--verifier-only", "-o", "x", code=INPUT,
                    says='unlabelled.jsonl:1: field "solution"')
        self.pvgame("train", "--verifier-only", code=USAGE, says="--data FILE")


class Refusing(Case):
    def test_directories(self):
        os.mkdir(path("full"))
        write("full/kept", "x")
        self.pvgame("train", "--preset", "tiny", "-o", "full", code=INPUT, says="full: the directory is not empty")
        self.assertEqual(os.listdir(path("full")), ["kept"])
        kept = write("a-file", "precious")
        self.pvgame("train", "--preset", "tiny", "-o", kept, code=INPUT, says="is a file, not a directory")
        with open(kept, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")

    def test_data(self):
        self.pvgame("train", "--data", "missing.jsonl", "-o", "x", code=INPUT, says="missing.jsonl: cannot read it: No such file")
        self.pvgame("train", "--data", write("empty.jsonl", ""), "-o", "x", code=INPUT, says="empty.jsonl holds no problem")
        self.pvgame("train", "--data", write("bad.jsonl", '{"question":"a","answer":"1"}\n{"question":\n'), "-o", "x", code=INPUT,
                    says="bad.jsonl:2:")
        self.pvgame("train", "--data", write("gold.jsonl", [{"question": "a", "answer": "many"}]), "-o", "x", code=INPUT,
                    says="gold.jsonl:1:")
        self.pvgame("train", "--data", ".", "-o", "x", code=INPUT, says="is a directory")
        self.assertFalse(os.path.exists(path("x")))

    def test_settings_that_do_not_fit(self):
        self.pvgame("train", "--preset", "tiny", "--set", "prover.width=65", "-o", "x", code=INPUT, says="prover.heads")
        self.assertFalse(os.path.exists(path("x")))


class Settings(Case):
    def resolved(self, *arguments, **expect):
        return self.pvgame("train", "--dry-run", *arguments, **expect)

    def test_what_is_printed_reads_back(self):
        first = self.resolved("--preset", "tiny", "--set", "roles.neutral=<|x: #y\"'|>", "--set", "prover_train.rate=1e-7")
        file = write("printed.yaml", first)
        self.assertEqual(self.resolved("--config", file), first)

    def test_order(self):
        one, two = write("one.yaml", "seed: 5\nprover:\n  width: 16\n"), write("two.yaml", "prover:\n  width: 24\n")
        text = self.resolved("--set", "seed=6", "--config", one, "--preset", "tiny", "--config", two)
        self.assertIn("\nseed: 6\n", text)
        self.assertIn("\n  width: 24\n", text)
        self.assertIn("\nseed: 7\n", self.resolved("--seed", 7, "--set", "seed=6", "--config", one))
        self.assertIn("\nseed: 5\n", self.resolved("--config", one))
        rounds = self.resolved("--rounds", 9, "--set", "rounds.count=3")
        self.assertRegex(rounds, r"\nrounds:\n(  #.*\n)?  count: 9\n")
        self.assertEqual(self.resolved(), self.resolved("--config", write("comment.yaml", "# nothing\n")))
        self.assertEqual(self.resolved(), self.resolved("--config", write("nothing.yaml", "")))

    def test_wrong_names_and_values(self):
        self.resolved("--set", "prover.widht=3", code=INPUT, says="did you mean 'prover.width'?")
        self.resolved("--set", "prover.width=3", code=INPUT, says="between 8 and")
        self.resolved("--set", "seed=abc", code=INPUT, says="whole number")
        self.resolved("--set", "a.b.c=1", code=INPUT, says="no setting 'a.b.c'")
        self.resolved("--preset", "big", code=INPUT, says="there are demo, checking, habits, tiny")
        self.resolved("--rounds", "many", code=INPUT, says="rounds.count")
        self.resolved("--seed", "-1", code=INPUT, says="seed is -1")
        self.resolved("--set", "seed", code=USAGE, says="NAME=VALUE")

    def test_wrong_files(self):
        cases = {
            "prover:\n  widht: 3\n": ":2: there is no setting 'prover.widht'; did you mean 'prover.width'?",
            "seed: 1\nprver:\n  width: 3\n": ":2: there is no setting 'prver'; did you mean 'prover'?",
            "# x\nprover:\n  layers: 2\n  widht: 3\n": ":4: there is no setting 'prover.widht'",
            "prover:\n  width: [1, 2]\n": ":2: prover.width: wanted one value, found a list",
            "prover: 3\n": ":1: prover is a group of settings: wanted indented lines under it, found a value",
            "seed: {a: 1}\n": ":1: seed: wanted one value, found a group",
            "seed: 1\nprover:\n\twidth: 3\n": ":3: the line begins with a tab",
            "seed: 1\nseed: 2\n": ":1: seed is given twice",
            "# a\n\nverifier:\n  width: 8\nprover:\n  # b\n  width: 0\n": ":7: prover.width is 0: it must be between 8",
            "seed: many\n": ":1: seed is 'many': a whole number is wanted",
            "only words\n": ": the file holds a value; wanted lines",
            "- a\n- b\n": ": the file holds a list; wanted lines",
            "seed: 'open\n": ": this is not YAML",
        }
        for number, (text, sentence) in enumerate(cases.items()):
            with self.subTest(text=text):
                file = write(f"wrong{number}.yaml", text)
                self.resolved("--config", file, code=INPUT, says=sentence)
                self.assertIn(file, self.errors)
        self.resolved("--config", write("bytes.yaml", b"\xff\xfe\x80"), code=INPUT, says="this is not YAML")
        self.resolved("--config", "missing.yaml", code=INPUT, says="missing.yaml: the file cannot be opened")
        self.resolved("--config", ".", code=INPUT, says="is a directory")


if __name__ == "__main__":
    support.main()
