#!/usr/bin/env python3
"""The program as its users meet it: test_program.py PATH_OF_PVGAME."""
import gzip
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = None
SMALL = ["problems.train=256", "problems.test=32", "problems.max_steps=1", "problems.min_steps=1", "base.steps=120", "base.rate=1e-2",
         "verifier_base.steps=40", "roles.samples=128", "roles.steps=8", "pool.base_samples=128", "pool.round_samples=128",
         "verifier_train.steps=20", "prover_train.steps=8", "evaluate.problems=32", "evaluate.control=16", "checkpoint.minutes=0.01"]


def run(*arguments, text="", code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], input=text, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (arguments, done.returncode, done.stdout[-500:], done.stderr[-500:])
    return done


def train(*more):
    options = [part for setting in SMALL for part in ("--set", setting)]
    return ["train", "--preset", "tiny", *options, *more]


class Program(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)

    def test_a_game_and_what_it_leaves(self):
        one, two = self.folder / "one", self.folder / "two"
        table = run(*train("--out", one)).stdout
        self.assertIn("prover 1", table)
        self.assertEqual(run(*train("--out", two, "--quiet", "--threads", "1")).stdout, "")
        for name in ("report.json", "models/last_verifier/model.safetensors", "models/round-1/prover/model.safetensors"):
            self.assertEqual((one / name).read_bytes(), (two / name).read_bytes(), name)
        with gzip.open(one / "samples.jsonl.gz", "rt") as samples:
            self.assertEqual({"helpful", "sneaky", "neutral"}, {json.loads(line)["role"] for line in samples})
        self.assertIn("not empty", run(*train("--out", one), code=3).stderr)
        self.assertIn("nothing to resume", run("resume", one, code=3).stderr)
        shown = run("show", one, "--role", "sneaky", "--limit", "2", "--json").stdout.splitlines()
        self.assertEqual(len(shown), 2)
        written = run("generate", one, "-n", "3").stdout.splitlines()
        self.assertEqual([json.loads(line)["role"] for line in written], ["helpful"] * 3)
        report = [json.loads(line) for line in run("eval", one, "-n", "16", "--json").stdout.splitlines()]
        self.assertIn("auc", report[-1]["report"]["tables"])
        scored = run("score", "--verifier", one / "models/last_verifier", text="\n".join(written)).stdout.splitlines()
        self.assertTrue(all(isinstance(json.loads(line)["score"], float) for line in scored))

    def test_interrupted_and_resumed(self):
        whole, parts = self.folder / "whole", self.folder / "parts"
        run(*train("--out", whole, "--quiet"))
        for stop, wait in ((signal.SIGINT, 0.8), (signal.SIGKILL, 0.3), (signal.SIGTERM, 0.2)):
            command = ["resume", parts] if (parts / "checkpoint").exists() else train("--out", parts)
            child = subprocess.Popen([PROGRAM, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            while not (parts / "checkpoint").exists() and child.poll() is None:
                time.sleep(0.01)
            time.sleep(wait)
            child.send_signal(stop)
            said = child.communicate(timeout=60)[1]
            if stop != signal.SIGKILL and child.returncode != 0:
                self.assertEqual(child.returncode, 130)
                self.assertIn("pvgame resume", said)
        if not (parts / "report.json").exists():
            run("resume", parts, "--quiet")
        self.assertEqual((whole / "report.json").read_bytes(), (parts / "report.json").read_bytes())

    def test_settings(self):
        resolved = run("train", "--dry-run", "--set", "prover.width=128").stdout
        again = self.folder / "again.yaml"
        again.write_text(resolved)
        self.assertEqual(run("train", "--dry-run", "--config", again).stdout, resolved)
        self.assertIn("did you mean 'prover.width'", run("train", "--dry-run", "--set", "prover.widht=1", code=3).stderr)
        again.write_text("prover:\n  widht: 3\n")
        self.assertIn("did you mean 'prover.width'", run("train", "--dry-run", "--config", again, code=3).stderr)
        run("train", "--no-such-option", code=2)
        self.assertEqual({"name", "kind", "default", "summary"}, {"name", "kind", "default", "summary"} & set(json.loads(run("settings", "--json").stdout)[0]))

    def test_grade(self):
        lines = [{"solution": "The answer is 1,000.", "truth": 1000, "own": [1]}, {"solution": "#### 7", "truth": "8"}, {"solution": "", "truth": "8"}]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        graded = [json.loads(line) for line in run("grade", "--field", "answer=truth", text=text).stdout.splitlines()]
        self.assertEqual([line["verdict"] for line in graded], ["correct", "wrong", "no_answer"])
        self.assertEqual(graded[0]["own"], [1])
        self.assertIn("standard input:2", run("grade", text='{"solution":"1","answer":"1"}\n{oops\n', code=3).stderr)

    def test_the_rest(self):
        problems = [json.loads(line) for line in run("problems", "-n", "3").stdout.splitlines()]
        self.assertTrue(all(p["question"] and p["answer"] and p["chain"] for p in problems))
        self.assertGreater(json.loads(run("plan", "--json").stdout)["total"], 1 << 20)
        self.assertIn("engine", json.loads(run("doctor", "--json", "--fast").stdout))
        self.assertIn("did you mean", run("trian", code=2).stderr)
        for command in ("train", "resume", "eval", "generate", "score", "grade", "problems", "plan", "show", "doctor", "settings"):
            self.assertIn("Usage: pvgame", run(command, "--help").stdout)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
