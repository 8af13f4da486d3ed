"""The command line itself, the machine, and output that cannot be written."""
import json
import os
import subprocess

import support
from support import INPUT, RESOURCE, USAGE, Case, folder, lines_of

OPTIONS = {
    "train": ["--data", "--out", "--rounds", "--seed", "--verifier-only", "--dry-run", "--config", "--preset", "--set", "--quiet"],
    "resume": ["--threads", "--quiet", "--log-format"],
    "eval": ["--prover", "--verifier", "--data", "--count", "--samples", "--json"],
    "attack": ["--reward", "--steps", "--best-of", "--rounds", "--seeds", "--verifier", "--prover", "--base", "--helpful", "--data",
               "--out", "--anew", "--json"],
    "experiment": ["--out", "--seeds", "--jobs", "--short", "--dry-run", "--list", "--show", "--set"],
    "generate": ["--prover", "--question", "--temperature", "--samples", "--role", "--seed", "--rounds", "--out"],
    "score": ["--verifier", "--parts", "--in", "--out", "--field"],
    "grade": ["--in", "--out", "--field", "--summary"],
    "measure": ["--data", "--field", "--verifier", "--judge", "--no-verifiers", "--json"],
    "problems": ["--count", "--first", "--rendering", "--seed", "--out"],
    "plan": ["--json", "--preset"],
    "show": ["--role", "--round", "--stage", "--verdict", "--problem", "--min-score", "--max-score", "--sort", "--limit", "--parts"],
    "report": ["--out", "--compare", "--samples"],
    "doctor": ["--json", "--fast", "--engine"],
    "bench": ["--size", "--json"],
    "settings": ["--json"],
}


class Help(Case):
    def test_every_command_explains_itself(self):
        overview = self.pvgame("--help")
        self.assertEqual(overview, self.pvgame("help"))
        for command, options in OPTIONS.items():
            text = self.pvgame(command, "--help")
            self.assertIn(f"\n  {command} ", overview)
            self.assertEqual([option for option in options if option not in text], [], command)
            self.assertEqual(self.pvgame("help", command), text)
        listed = [line.split()[0] for line in overview.split("Commands:\n")[1].split("\n\n")[0].splitlines()]
        self.assertEqual(sorted(listed), sorted(OPTIONS))
        self.assertRegex(self.pvgame("--version"), r"^pvgame \d+\.\d+\.\d+\n$")

    def test_wrong_command_lines(self):
        self.pvgame(code=USAGE, says="Usage: pvgame COMMAND")
        for typed, meant in (("trian", "train"), ("evaluate", "eval"), ("evl", "eval"), ("setings", "settings")):
            self.pvgame(typed, code=USAGE, says=f"there is no command '{typed}'; did you mean '{meant}'?")
        self.pvgame("xyzzy", code=USAGE, says="`pvgame --help` lists them")
        self.pvgame("help", "xyzzy", code=USAGE, says="there is no command 'xyzzy'")
        for command in OPTIONS:
            self.pvgame(command, "--bogus", code=USAGE, says="--bogus")
        self.pvgame("train", "data.jsonl", code=USAGE, says="given with --data")
        self.pvgame("train", "--threads", "0", code=USAGE, says="--threads 0: wanted")
        self.pvgame("train", "--threads", "257", code=USAGE, says="at most 256")
        self.pvgame("train", "--engine", "magic", code=USAGE, says="best|portable")
        self.pvgame("train", "--log-format", "xml", code=USAGE, says="text|json")
        for command in ("plan", "doctor"):
            self.pvgame(command, "word", code=USAGE, says="'word' is not an option")
        self.pvgame("settings", "one", "two", code=USAGE, says="'two' is not an option")


class Machine(Case):
    def test_doctor(self):
        found = json.loads(self.pvgame("doctor", "--json", "--threads", 1))
        self.assertEqual(found["threads"], 1)
        self.assertEqual(found["processors"], len(os.sched_getaffinity(0)))
        self.assertGreater(found["memory"], 2 ** 28)
        self.assertIn(found["engine"], ("avx512", "avx2", "openblas", "portable"))
        self.assertGreater(found["gflops"]["peak"], 0.5)
        self.assertGreater(found["gflops"]["engine"], 0)
        text = self.pvgame("doctor", "--fast", "--engine", "portable")
        self.assertRegex(text, r"engine +portable\n")
        self.assertIn("not measured", text)
        self.assertIn("GiB", text)

    def test_plan(self):
        tiny, demo = (json.loads(self.pvgame("plan", "--json", *more)) for more in (["--preset", "tiny"], []))
        self.assertLess(tiny["total"], demo["total"])
        for plan in (tiny, demo):
            parts = [value for player in ("prover", "verifier") for name, value in plan[player].items() if name != "parameters"]
            self.assertTrue(max(parts) < plan["total"] <= sum(parts) + plan["records"])
        self.assertIn("MiB", self.pvgame("plan"))

    def test_settings(self):
        every = json.loads(self.pvgame("settings", "--json"))
        text = self.pvgame("settings")
        self.assertEqual([one["name"] for one in every if f"{one['name']}\n    {one['summary']}" not in text], [])
        self.assertIn("Presets", text)
        some = json.loads(self.pvgame("settings", "width", "--json"))
        self.assertTrue(0 < len(some) < len(every))
        self.assertTrue(all("width" in one["name"] + one["summary"] for one in some))
        self.pvgame("settings", "xyzzy", code=INPUT, says="contains 'xyzzy'")


class Output(Case):
    def test_a_full_disk(self):
        for command in (["--help"], ["train", "--help"], ["train", "--dry-run"], ["problems", "-n", "2000"], ["settings"], ["settings", "--json"],
                        ["plan"], ["doctor", "--fast"], ["--version"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                self.pvgame(*command, stdout=full, code=RESOURCE, says="standard output could not be written")
                self.assertEqual(self.errors.count("could not be written"), 1)

    def test_a_reader_that_left(self):
        with support.start("problems", "-n", 20000) as process:
            self.assertEqual(lines_of(process.stdout.readline())[0]["id"], "problem-0")
            process.stdout.close()
            errors = process.stderr.read()
        self.assertEqual((process.returncode, errors.count("standard output could not be written")), (RESOURCE, 1), errors)

    def test_a_game_outlives_its_reader(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.pvgame("train", "--preset", "tiny", *support.sets(support.SMALL), "-o", "unread", stdout=writer, code=RESOURCE,
                    says="standard output could not be written")
        os.close(writer)
        self.assertTrue(os.path.exists(os.path.join(folder, "unread/report.json")))


if __name__ == "__main__":
    support.main()
