"""The page of `pvgame report` in a browser: it draws itself, and hostile texts stay texts. Skipped without chromium (a
Debian package of that name). Run as: browser_report.py PROGRAM."""
import shutil
import subprocess
import sys

import support
from report_fixture import HOSTILE, Page, hostile_run, make_run, report_of, sample_of
from support import Case, path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SKIPPED = 77


class Browser(Case):
    def show(self, run, address="", *arguments):
        """The page as the browser has it after its scripts have run."""
        file = path("page.html")
        self.pvgame("report", run, "-o", file, *arguments)
        return self.load(file, address)

    def load(self, file, address):
        done = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,20000", "--virtual-time-budget=3000",
                               "--user-data-dir=" + path("profile"), "--dump-dom", f"file://{file}{address}"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=True)
        page = Page(done.stdout.decode())
        self.assertIn('data-state="ready"', page.html[:400], "\n".join(page.text)[:400])
        return page

    def test_a_run(self):
        metrics = [{"stage": "prover", "round": r, "step": s, "kl": s / 7, "reward_helpful": 1 / s, "odd_one": s} for r in range(3) for s in range(1, 40)]
        attack = {"verifiers": [{"name": f"round {r}", "metrics": {"src_steps_to_exploit": 9}, "tables": {"src_curve": [[0.5] * 7] * 9}} for r in range(3)]}
        verdicts = ["correct", "wrong"]
        run = make_run("plain", [sample_of(i, verdict=verdicts[i // 6 % 2]) for i in range(5000)], report_of(3), metrics, attack=attack, environment={}, data={})
        page = self.show(run, "#samples&role=sneaky&verdict=wrong&sort=-score&side=1", "--samples", 5000)
        text = "\n".join(page.text)
        for said in ("Claims", "reproduced", "Verifier by prover", "Beside it, the control", "Attacks", "last verifier", "All numbers", "never"):
            self.assertIn(said, text)
        self.assertIn("1 to 20 of 1\u202f249 that fit", text)  # half of the problems wrong, half of the roles sneaky
        self.assertEqual(page.tags.count("dialog"), 1)
        self.assertGreater(page.tags.count("canvas"), 10)
        self.assertGreater(page.html.count('class="card sample"'), 19)

    def test_an_experiment(self):
        one = lambda r, mean: {"round": r, "seeds": 3, "at_least": 0, "mean": mean, "low": mean - 0.1, "high": mean + 0.1, "values": {"1": mean}}
        arms = [{"name": "correctness", "kind": "correctness", "ratio": None}, {"name": "game", "kind": "game", "ratio": 0.1}]
        metrics = {arm["name"]: {"helpful_accuracy": [one(r, 0.5 + r / 10) for r in range(3)], "base_accuracy": [one(-1, 0.4)], "helpful_fully_shown": [one(r, 0.7) for r in range(3)]}
                   for arm in arms}
        claims = [{"id": "a", "figure": "6a", "title": "A claim", "paper": "7.5k", "rule": "a rule", "finding": "different at this scale", "measured": "one\ntwo", "checks": []}]
        run = make_run("experiment", report=None, experiment={"level": 0.9, "arms": arms, "metrics": metrics, "claims": claims, "plane": []})
        text = "\n".join(self.show(run).text)
        for said in ("An experiment: 2 arms", "A claim", "≠ different at this scale", "one\ntwo", "0.600 to 0.800", "Accuracy and legibility"):
            self.assertIn(said, text)

    def test_hostile_texts(self):
        run = hostile_run()
        known = set(self.show(make_run("calm", [sample_of(0)], report_of(1))).tags) | {"dialog", "details", "summary", "sub", "em", "section", "button", "code"}
        self.pvgame("report", run, "-o", path("page.html"))
        text = ""
        for address in ("#samples&sort=-score&side=1", f"#samples&role={HOSTILE[2]}", "#<img src=x onerror=document.title='pwned'>"):
            page = self.load(path("page.html"), address)
            text += "\n".join(page.text)
            self.assertEqual((page.handlers, set(page.tags) - known, len(page.scripts)), ([], set(), 3))
            title = page.html[page.html.index("<title>") + 7:page.html.index("</title>")]
            self.assertTrue(title.startswith("pvgame report: &lt;img"), title)
        for seen in ("U+202E", "U+0000", "U+001B", "U+200B", "U+E0041", "U+FFFD", HOSTILE[0], "𝔘𝔫𝔦 ☃ Ω"):
            self.assertIn(seen, text)
        self.assertNotRegex(text, "[\u202e\u2066\u200b\ufeff\x00\x1b]")


if __name__ == "__main__":
    if CHROMIUM is None:
        print("skipped: there is no chromium here to look at the page with (apt-get install chromium)")
        sys.exit(SKIPPED)
    support.main()
