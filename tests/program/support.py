"""What the tests of the program share: running it, small games, files to feed it. Run a test as: test_x.py PROGRAM."""
import atexit
import filecmp
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 and os.path.exists(sys.argv[1]) else "pvgame"
DONE, USAGE, INPUT, RESOURCE, INTERRUPTED = 0, 2, 3, 4, 130
TIMEOUT = 240  # seconds; generous, for sanitizers on a busy machine

folder = tempfile.mkdtemp(prefix="pvgame-test-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)

# Models of a few thousand parameters and a handful of steps: a game in well under a second, which learns nothing.
SMALL = {
    "tokenizer.vocab": 300, "prover.width": 32, "prover.layers": 1, "prover.heads": 2, "prover.kv_heads": 2,
    "prover.hidden": 48, "prover.context": 160, "verifier.width": 32, "verifier.layers": 1, "verifier.heads": 2,
    "verifier.kv_heads": 2, "verifier.hidden": 48, "base.batch": 8, "base.steps": 150, "verifier_base.steps": 10,
    "roles.samples": 32, "roles.steps": 4, "pool.base_samples": 48, "pool.round_samples": 32, "verifier_train.batch": 8,
    "verifier_train.steps": 5, "prover_train.batch": 2, "prover_train.steps": 2, "evaluate.problems": 12,
    "sampling.longest": 64,
}

# The preset tiny with less of what comes before the rounds.
SHORT = {"base.steps": 100, "verifier_base.steps": 50}


def sets(values):
    return [part for name, value in values.items() for part in ("--set", f"{name}={value}")]


def path(name):
    return os.path.join(folder, name)


def write(name, content):
    """A file of the test's own folder; `content` is text, bytes, or a list of objects for JSON lines."""
    if isinstance(content, list):
        content = "".join(json.dumps(line) + "\n" for line in content)
    if isinstance(content, str):
        content = content.encode()
    opener = gzip.open if name.endswith(".gz") else open
    with opener(path(name), "wb") as file:
        file.write(content)
    return path(name)


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def word_problems(count):
    """Problems in GSM8K's form."""
    for i in range(count):
        a, b = 2 + i % 7, 3 + i % 5
        yield {"question": f"Tom has {a} apples in basket {i} and buys {b} more. How many does he have?",
               "answer": f"Tom has {a} + {b} = <<{a}+{b}={a + b}>>{a + b} apples.\n#### {a + b}"}


def start(*arguments, **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "text": True, "cwd": folder,
               **options}
    return subprocess.Popen([PROGRAM, *map(str, arguments)], **options)


def same_models(one, other):
    """Differences between the models of two runs, as a list of file names."""
    names = sorted(os.path.relpath(os.path.join(at, file), one) for at, _, files in os.walk(os.path.join(one, "models"))
                   for file in files)
    return [name for name in names + ["report.json", "config.yaml"]
            if not filecmp.cmp(os.path.join(one, name), os.path.join(other, name), shallow=False)]


def samples_of(run):
    with gzip.open(os.path.join(run, "samples.jsonl.gz"), "rb") as file:
        return file.read()


class Case(unittest.TestCase):
    maxDiff = None

    def pvgame(self, *arguments, code=DONE, says="", **options):
        """Run it, expect the exit code and a text on standard error; gives what it printed."""
        if "input" in options:
            options["stdin"] = None
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "cwd": folder,
                   "text": not isinstance(options.get("input"), bytes), "timeout": TIMEOUT, **options}
        if options["stdin"] is None:
            del options["stdin"]
        done = subprocess.run([PROGRAM, *map(str, arguments)], check=False, **options)
        self.errors = done.stderr if isinstance(done.stderr, str) else (done.stderr or b"").decode()
        self.assertEqual(done.returncode, code, f"{arguments}: {self.errors}")
        self.assertIn(says, self.errors)
        if code not in (DONE, USAGE):  # one clear sentence, or a few
            self.assertTrue(self.errors.splitlines()[-1].startswith("pvgame"), self.errors)
        return done.stdout


main = unittest.main
