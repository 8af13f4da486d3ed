"""What the tests of the Python package share: finding it, small games, other processes."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "bindings" / "python"
sys.path.insert(0, str(PACKAGE))
sys.dont_write_bytecode = True

# Models of a few thousand parameters and a handful of steps: a game in well under a second, which learns nothing.
SMALL = {
    "tokenizer.vocab": 300, "prover.width": 32, "prover.layers": 1, "prover.heads": 2, "prover.kv_heads": 2,
    "prover.hidden": 48, "prover.context": 160, "verifier.width": 32, "verifier.layers": 1, "verifier.heads": 2,
    "verifier.kv_heads": 2, "verifier.hidden": 48, "base.batch": 8, "base.steps": 100, "verifier_base.steps": 5,
    "roles.samples": 32, "roles.steps": 4, "pool.base_samples": 48, "pool.round_samples": 32, "verifier_train.batch": 8,
    "verifier_train.steps": 5, "prover_train.batch": 2, "prover_train.steps": 2, "evaluate.problems": 12,
    "sampling.longest": 64, "rounds.count": 2,
}


def small(**changes):
    import pvgame
    return pvgame.Settings("tiny", {**SMALL, **{name.replace("__", "."): value for name, value in changes.items()}})


def python(program, *, timeout=120, environment=None, **options):
    """Run a program in a process of its own."""
    prelude = "import sys\nsys.path[:0] = [%r, %r]\n" % (str(PACKAGE), str(pathlib.Path(__file__).parent))
    return subprocess.run([sys.executable, "-B", "-c", prelude + program], capture_output=True, text=True, timeout=timeout,
                          check=False, env={**os.environ, **(environment or {})}, **options)


class Case(unittest.TestCase):
    maxDiff = None

    def folder(self):
        folder = tempfile.TemporaryDirectory(prefix="pvgame-test-")
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def runs(self, program, **options):
        done = python(program, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout
