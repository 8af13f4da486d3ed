"""Games that are stopped and go on, and what is seen of a game while it is played."""
import json
import os
import pty
import signal
import subprocess
import time

import support
from support import INPUT, INTERRUPTED, SHORT, SMALL, USAGE, Case, folder, path, sets, start

GAME = ["--preset", "tiny", *sets(SMALL), "--set", "prover_train.steps=15", "--rounds", 3]


def until_row(process, row):
    """Wait until the table shows the row of a round."""
    for line in process.stdout:
        if line.split()[:1] == [str(row)]:
            return
    raise AssertionError("the game ended first: " + process.stderr.read())


class Interrupted(Case):
    @classmethod
    def setUpClass(cls):
        subprocess.run([support.PROGRAM, "train", *map(str, GAME), "-o", "whole", "-q"], check=True, cwd=folder)

    def check_resumed(self, run):
        table = self.pvgame("resume", run, "--threads", 1)
        self.assertEqual([line.split()[0] for line in table.splitlines() if line[:5].strip().isdigit()], ["0", "1", "2"])
        self.assertEqual(support.same_models(path("whole"), path(run)), [])
        self.assertEqual(support.samples_of(path("whole")), support.samples_of(path(run)))

    def test_by_ctrl_c(self):
        with start("train", *GAME, "-o", "ctrl-c") as process:
            until_row(process, 0)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate()
        self.assertEqual(process.returncode, INTERRUPTED)
        self.assertIn("pvgame: interrupted; a checkpoint was written. Go on with: pvgame resume ctrl-c", errors)
        self.check_resumed("ctrl-c")

    def test_by_sigterm_before_the_first_round(self):
        with start("train", *GAME, "-o", "term", "--log-format", "json") as process:
            progress = json.loads(process.stderr.readline())
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate()
        self.assertEqual((progress["event"], progress["stage"]), ("progress", "base"))
        self.assertEqual(process.returncode, INTERRUPTED, errors)
        self.check_resumed("term")

    def test_by_a_kill(self):
        with start("train", *GAME, "-o", "kill") as process:
            until_row(process, 0)
            process.kill()
            process.communicate()
        self.check_resumed("kill")

    def test_while_another_process_has_it(self):
        with start("train", *GAME, "-o", "shared") as process:
            process.stderr.readline()  # progress: the directory is there
            self.pvgame("resume", "shared", code=INPUT, says="another process is using it")
            self.pvgame("train", *GAME, "-o", "shared", code=INPUT, says="not empty")
            process.communicate()
        self.assertEqual(process.returncode, 0)
        self.assertEqual(support.same_models(path("whole"), path("shared")), [])

    def test_nothing_to_resume(self):
        self.pvgame("resume", "whole", code=INPUT, says="the game in whole is finished: there is nothing to resume")
        self.pvgame("resume", "missing", code=INPUT, says="missing: is not a run directory")
        os.mkdir(path("other"))
        self.pvgame("resume", "other", code=INPUT, says="other: is not a run directory")
        self.pvgame("resume", "whole", "--set", "seed=2", code=USAGE, says="do not apply")
        self.pvgame("resume", code=USAGE, says="which run directory?")


class Watched(Case):
    def test_on_a_terminal(self):
        master, slave = pty.openpty()
        with start("train", "--preset", "tiny", *sets(SHORT), "--rounds", 1, "-o", "seen", stderr=slave, stdout=subprocess.DEVNULL) as process:
            os.close(slave)
            seen = b""
            while True:
                try:
                    got = os.read(master, 4096)
                except OSError:  # the other end is closed
                    break
                if not got:
                    break
                seen += got
        os.close(master)
        self.assertEqual(process.returncode, 0)
        text = seen.decode()
        self.assertGreater(text.count("\r"), 3)
        self.assertNotIn("\n", text)  # one line, kept up to date
        self.assertTrue(text.endswith("\r\033[K"), text[-80:])
        self.assertIn("round 0 of 1", text)
        self.assertIn("estimating", text)
        self.assertTrue(all(len(line.replace("\033[K", "")) < 80 for line in text.split("\r")), text)

    def test_in_a_log(self):
        began = time.monotonic()
        self.pvgame("train", "--preset", "tiny", *sets(SHORT), "--rounds", 1, "-o", "logged")
        lines = self.errors.splitlines()
        self.assertTrue(1 <= len(lines) <= 1 + (time.monotonic() - began) / 10, self.errors)
        self.assertRegex(lines[0], r"^ *0%, estimating, base 1/\d+, loss \d")

    def test_as_json(self):
        self.pvgame("train", "--preset", "tiny", *sets(SHORT), "--rounds", 1, "-o", "json", "--log-format", "json")
        for line in support.lines_of(self.errors):
            self.assertTrue(0 <= line["fraction"] <= 1 and line["done"] <= line["total"], line)


if __name__ == "__main__":
    support.main()
