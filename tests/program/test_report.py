"""`pvgame report`: what the page holds. (slow_report_browser looks at it in a browser.)"""
import base64
import hashlib
import os
import re

import support
from report_fixture import hostile_run, make_run, read_page, report_of, sample_of
from support import INPUT, RESOURCE, USAGE, Case, SMALL, path, sets


class Played(Case):
    @classmethod
    def setUpClass(cls):
        cls.pvgame(cls(), "train", "--preset", "tiny", *sets(SMALL), "--rounds", 2, "-o", "played", "-q")
        cls.pvgame(cls(), "report", "played", "--samples", 120)
        cls.page = read_page(path("played/report.html"))
        cls.of = cls.page.data["runs"][0]

    def test_it_is_self_contained(self):
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', self.page.html).group(1)
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        scripts = re.findall(r"<script>(.*?)</script>", self.page.html, re.S)
        styles = re.findall(r"<style>(.*?)</style>", self.page.html, re.S)
        for text in scripts + styles:
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            self.assertIn(f"'sha256-{digest}'", policy)
        self.assertEqual((len(scripts), len(styles)), (2, 1))
        self.assertEqual([tag for tag in self.page.tags if tag in ("img", "iframe", "object", "embed", "base")], [])
        self.assertEqual(re.findall(r"(?:src|href)=[\"'](?!#|data:)", self.page.html.replace(scripts[0], "")), [])
        self.assertIn("Permission is hereby granted", self.page.html)
        self.assertIn("Chart.js v3", self.page.html)

    def test_what_it_says_of_the_run(self):
        self.assertEqual((self.of["name"], len(self.of["report"]["rounds"])), ("played", 2))
        with open(path("played/config.yaml"), encoding="utf-8") as file:
            self.assertEqual(self.of["config"], file.read())
        self.assertRegex(self.of["digest"], "^[0-9a-f]{32}$")
        stages = {(curve["stage"], curve["round"]): curve for curve in self.of["curves"]}
        self.assertEqual(len(stages["prover", 1]["step"]), 2)
        self.assertEqual({len(values) for values in stages["prover", 1]["series"].values()}, {2})
        self.assertLessEqual(max(len(curve["step"]) for curve in self.of["curves"]), 400)

    def test_which_samples(self):
        samples = self.of["samples"]
        self.assertEqual((len(samples), self.of["sampled"]["kept"], self.of["sampled"]["broken"]), (120, 120, 0))
        self.assertGreater(self.of["sampled"]["total"], 120)
        self.assertEqual({sample["round"] for sample in samples}, {-1, 0, 1})
        tests = {(s["round"], s["role"], s.get("greedy", False)): set() for s in samples if s["stage"] == "test"}
        for s in samples:
            if s["stage"] == "test":
                tests[s["round"], s["role"], s.get("greedy", False)].add(s["problem"])
        self.assertEqual(len(tests), 6)
        self.assertEqual(len(set(map(frozenset, tests.values()))), 1)  # the same problems in every round and role

    def test_tokens_and_steps(self):
        kinds = set()
        for sample in self.of["samples"]:
            text = sample["text"]
            own, last = sample["verdicts"] if len(sample["verdicts"]) == 2 else sample["verdicts"] * 2
            self.assertEqual(self.of["verifiers"][own["by"]], f"round-{max(sample['round'], 0)}/verifier")
            self.assertEqual(self.of["verifiers"][last["by"]], "last_verifier")
            self.assertEqual(len(own["parts"]), len(sample["ends"]))
            self.assertEqual(sample["ends"], sorted(set(sample["ends"])))
            self.assertEqual(sample["ends"][-1:], [len(text)] if text else [])
            if text:
                self.assertAlmostEqual(sum(own["parts"]), own["score"], delta=0.001 * len(own["parts"]) + 0.001)
            if sample["stage"] == "test" and "\ufffd" not in text:  # other bytes stood there
                self.assertAlmostEqual(own["score"], sample["score"], delta=0.01)
            oracle = sample["oracle"]
            self.assertEqual(oracle["full"] + oracle["bare"] + oracle["omitted"], oracle["steps"])
            self.assertTrue(all(0 <= place <= len(text) for place, _, _ in oracle["marks"]))
            marks = {mark for _, mark, _ in oracle["marks"]}
            kinds |= marks
            if oracle["valid"]:
                self.assertLessEqual(marks, {"right", "bare", "answer"})
            elif sample["verdict"] == "correct":
                self.assertTrue(marks & {"arithmetic", "grounding", "both", "distractor", "mismatch"} or oracle["omitted"], sample)
        self.assertGreaterEqual(len(kinds), 3)

    def test_the_same_again(self):
        before = self.page.html
        self.assertEqual(self.pvgame("report", "played", "--samples", 120, "--threads", 2), "played/report.html\n")
        self.assertEqual(read_page(path("played/report.html")).html, before)
        self.assertEqual(self.pvgame("report", "played", "-q", "-o", "other.html"), "")
        self.assertGreater(len(read_page(path("other.html")).data["runs"][0]["samples"]), 120)

    def test_damaged_models_cost_only_the_colours(self):
        os.rename(path("played/models/round-1/verifier/model.safetensors"), path("hidden"))
        try:
            self.pvgame("report", "played", "-o", "damaged.html", says="samples go without")
        finally:
            os.rename(path("hidden"), path("played/models/round-1/verifier/model.safetensors"))
        self.assertGreater(len(read_page(path("damaged.html")).data["runs"][0]["samples"]), 0)


class Gathered(Case):
    def data(self, *arguments):
        self.pvgame("report", *arguments, "-o", "page.html")
        return read_page(path("page.html")).data["runs"]

    def test_hostile_texts_stay_texts(self):
        run = hostile_run("</script><script>alert(1)")
        runs = self.data(run)
        page = read_page(path("page.html"))
        self.assertEqual([sorted(script) for script in page.scripts], [["id", "texts", "type"], ["texts"], ["texts"]])
        self.assertEqual((page.handlers, page.tags.count("img"), page.tags.count("svg")), ([], 0, 0))
        self.assertNotRegex(page.data_text, "[<>&\u0080-\U0010ffff\\x00-\\x1f]")
        self.assertEqual(runs[0]["name"], "</script><script>alert(1)"[-len(runs[0]["name"]):])
        texts = {sample["text"] for sample in runs[0]["samples"]}
        self.assertIn("a\0b\x01\x1b[31mred\x85", texts)
        self.assertTrue(any("raw" in text and "\ufffd" in text for text in texts))
        self.assertEqual(runs[0]["sampled"]["broken"], 3)

    def test_many_samples_are_capped(self):
        run = make_run("many", [sample_of(i) for i in range(300)] + [sample_of(i, stage="prover") for i in range(3000)], report_of(3))
        for most, tests in ((100, 72), (1000, 300), (5000, 300)):
            samples = self.data(run, "--samples", most)[0]["samples"]
            self.assertEqual((len(samples), sum(s["stage"] == "test" for s in samples)), (min(most, 3300), tests))
        self.assertNotIn("samples", self.data(run, "--samples", 0)[0])
        self.pvgame("report", run, "--samples", 60000, code=USAGE, says="at most 50000")

    def test_long_texts_are_cut_between_characters(self):
        run = make_run("long", [sample_of(0, solution="x" + "é" * 30000)], report_of(1))
        sample = self.data(run)[0]["samples"][0]
        self.assertEqual((sample["text"], sample["cut"]), ("x" + "é" * 9999, True))

    def test_long_curves_are_thinned(self):
        metrics = [{"stage": "prover", "round": 0, "step": s + 1, "kl": s, "late": s} if s > 500 else {"stage": "prover", "round": 0, "step": s + 1, "kl": s}
                   for s in range(1000)]
        curve = self.data(make_run("curves", report=report_of(1), metrics=metrics))[0]["curves"][0]
        self.assertEqual((len(curve["step"]), curve["step"][0], curve["step"][-1], curve["of"]), (400, 1, 1000, 1000))
        self.assertEqual((curve["series"]["late"][0], curve["series"]["late"][-1], curve["series"]["kl"][-1]), (None, 999, 999))

    def test_an_unfinished_game(self):
        rounds = [{"event": "round", "round": r, "report": report_of(1)["rounds"][0]} for r in range(2)]
        run = self.data(make_run("unfinished", metrics=rounds, data={"source": "x"}, environment={}, attack={}, report=None))[0]
        self.assertEqual((run["unfinished"], len(run["report"]["rounds"])), (True, 2))

    def test_runs_beside_each_other(self):
        one, two, three = (make_run(name, [sample_of(0)], report_of(2)) for name in ("one", "two", "three"))
        for arguments in ([one, "--compare", two, three], [one, "--compare", two, "--compare", three]):
            runs = self.data(*arguments)
            self.assertEqual([run["name"] for run in runs], ["one", "two", "three"])
            self.assertEqual(["samples" in run for run in runs], [True, False, False])

    def test_an_experiment_shows_a_run_of_every_arm(self):
        arms = [{"name": "plain", "kind": "correctness"}, {"name": "game", "kind": "game"}, {"name": "gone", "kind": "game"}]
        inner = [{"arm": arm, "seed": seed, "directory": f"{arm}-{seed}"} for arm in ("plain", "game", "gone") for seed in (1, 2)]
        outside = [{"arm": "gone", "seed": 3, "directory": name} for name in ("../one-more", "/etc", ".", "..", None)]
        whole = make_run("whole", experiment={"level": 0.9, "arms": arms, "metrics": {}, "claims": [], "runs": inner + outside})
        os.remove(os.path.join(whole, "samples.jsonl.gz"))
        make_run("one-more", [sample_of(0)], report_of(1))
        for name in ("plain-1", "plain-2", "game-2"):
            make_run("whole/" + name, [sample_of(0)], report_of(2), measures={"summary": {}, "rounds": []})
        runs = self.data(whole)
        self.assertEqual([(run["name"], run.get("part")) for run in runs], [("whole", None), ("plain-1", "plain"), ("game-2", "game")])
        self.assertEqual(["samples" in run for run in runs], [False, False, True])
        self.assertIn("measures", runs[1])

    def test_what_cannot_be_reported(self):
        self.pvgame("report", code=USAGE, says="which run directory?")
        self.pvgame("report", "a", "b", code=USAGE, says="--compare")
        self.pvgame("report", "missing", code=INPUT, says="missing: No such file or directory")
        self.pvgame("report", support.write("file", "x"), code=INPUT, says="is not a directory")
        os.mkdir(path("empty"))
        self.pvgame("report", "empty", code=INPUT, says="is no run directory")
        self.assertEqual(os.listdir(path("empty")), [])
        run = make_run("broken", report=report_of(1))
        with open(os.path.join(run, "report.json"), "w", encoding="utf-8") as file:
            file.write("{")
        self.pvgame("report", run, code=INPUT, says="broken/report.json is not JSON")

    def test_pages_that_cannot_be_written(self):
        run = make_run("kept", report=report_of(1))
        self.pvgame("report", run, "-o", path("nowhere/page.html"), code=INPUT, says="cannot be written")
        os.mkdir(path("folder"))
        self.pvgame("report", run, "-o", path("folder"), code=INPUT, says="cannot be written")
        self.assertEqual([name for name in os.listdir(support.folder) if name.endswith(".part")], [])
        self.pvgame("report", run, "-o", "/dev/full", code=RESOURCE)
        self.assertFalse(os.path.isfile("/dev/full"))
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.pvgame("report", run, stdout=full, code=RESOURCE, says="standard output could not be written")


if __name__ == "__main__":
    support.main()
