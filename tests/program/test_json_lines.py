"""`pvgame grade` and `pvgame score`: JSON lines in, the same lines out."""
import gzip
import json
import os

import support
from support import INPUT, RESOURCE, USAGE, Case, lines_of, path, write

LINES = [
    {"id": 7, "extra": {"x": [1, 2.5, None]}, "question": "q", "solution": "2+2\n#### 4", "answer": "4"},
    {"question": "q", "solution": "The answer is 1,000.", "answer": 1000},
    {"question": "q", "solution": "A: 0.1", "answer": 0.1},
    {"question": "q", "solution": "A: 3/4", "answer": "0.75"},
    {"question": "q", "solution": "A: 5", "answer": "6"},
    {"question": "q", "solution": "no idea", "answer": "6"},
    {"question": "q", "solution": "A: 6", "answer": "6", "truncated": True},
    {"question": "q", "solution": "A: 6 \u00e9 \u0000", "answer": "6"},
]
VERDICTS = ["correct", "correct", "correct", "correct", "wrong", "no_answer", "truncated"]


def text_of(lines):
    return "".join(json.dumps(line) + "\n" for line in lines)


class Grading(Case):
    def test_from_standard_input_and_from_files(self):
        out = self.pvgame("grade", "--summary", input=text_of(LINES[:3]) + "\n  \n" + text_of(LINES[3:]))
        graded = lines_of(out)
        self.assertEqual([line["verdict"] for line in graded[:7]], VERDICTS)
        self.assertEqual([line["extracted"] for line in graded[:6]], ["4", "1,000", "0.1", "3/4", "5", None])
        for before, after in zip(LINES, graded):
            self.assertEqual({**before, "verdict": 0, "extracted": 0}, {**after, "verdict": 0, "extracted": 0})
        self.assertIn("8 graded, ", self.errors)
        self.assertIn(" 1 wrong, 1 no_answer", self.errors)
        for name in ("lines.jsonl", "lines.jsonl.gz"):
            self.assertEqual(self.pvgame("grade", "--in", write(name, LINES)), out)
        self.assertEqual(self.pvgame("grade", "--in", path("lines.jsonl"), "--out", "graded.jsonl"), "")
        with open(path("graded.jsonl"), encoding="utf-8") as file:
            self.assertEqual(file.read(), out)
        self.assertEqual(self.pvgame("grade", input=out), out)  # grading again changes nothing
        self.assertEqual(self.pvgame("grade", input=""), "")

    def test_other_fields(self):
        out = self.pvgame("grade", "--field", "answer=ground_truth", input='{"solution":"A: 5","ground_truth":"5"}')
        self.assertEqual(lines_of(out)[0]["verdict"], "correct")
        out = self.pvgame("grade", "-f", "answer=meta.gold", "-f", "solution=text", input='{"text":"A: 5","meta":{"gold":5}}')
        self.assertEqual(lines_of(out)[0]["verdict"], "correct")
        self.pvgame("grade", "--field", "gold=x", code=USAGE, says="--field gold=x: wanted")

    def test_long_answers(self):
        digits = "1" + "0" * 400
        out = lines_of(self.pvgame("grade", input=text_of([{"solution": "#### " + digits, "answer": "1"}])))
        self.assertNotEqual(out[0]["verdict"], "correct")
        self.assertIn(out[0]["extracted"], (digits, None))

    def test_bad_lines(self):
        good = text_of(LINES[:1])
        for bad, sentence in {
                "{bad": "standard input:2: not JSON",
                "[1]": "standard input:2: wanted a JSON object",
                '{"answer":"1"}': "standard input:2: field 'solution' is missing",
                '{"solution":3,"answer":"1"}': "standard input:2: field 'solution' is not a text",
                '{"solution":"x"}': "standard input:2: field 'answer' is missing; wanted a text or a number",
                '{"solution":"x","answer":true}': "standard input:2: field 'answer' is not a text",
                '{"solution":"x","answer":"zebra"}': "standard input:2: no single number can be read from the reference answer",
        }.items():
            with self.subTest(line=bad):
                out = self.pvgame("grade", input=good + bad + "\n", code=INPUT, says=sentence)
                self.assertEqual(len(lines_of(out)), 1)
        self.pvgame("grade", input=b'{"solution":"\xff","answer":"1"}\n', code=INPUT, says="standard input:1: not JSON")

    def test_bad_files(self):
        self.pvgame("grade", "--in", "missing", code=INPUT, says="missing: cannot be opened: No such file")
        self.pvgame("grade", "--in", ".", code=INPUT, says="is a directory")
        whole = gzip.compress(text_of(LINES * 50).encode())
        with open(path("cut.gz"), "wb") as file:
            file.write(whole[:len(whole) // 2])
        self.pvgame("grade", "--in", "cut.gz", code=INPUT, says="damaged or were cut short")
        both = write("both.jsonl", LINES)
        self.pvgame("grade", "--in", both, "--out", both, code=INPUT, says="is read and cannot be written to as well")
        self.assertGreater(os.path.getsize(both), 100)
        self.pvgame("grade", "--in", both, "--out", "no/such/folder", code=INPUT, says="No such file")
        self.pvgame("grade", "--in", both, "--out", "/dev/full", code=RESOURCE, says="/dev/full: could not be written")


class Scoring(Case):
    @classmethod
    def setUpClass(cls):
        game = support.start("train", "--preset", "tiny", *support.sets(support.SHORT), "--rounds", 1, "-o", "game",
                             "-q", "--set", "roles.template={question} = {role}")
        game.communicate()
        assert game.returncode == 0

    def test_parts_add_up(self):
        lines = [{"question": " A 3 A more 4", "solution": " 3 + 4 = 7 . A: 7", "mine": 1}, {"question": "x", "solution": ""}]
        scored = lines_of(self.pvgame("score", "--verifier", "game/models/last_verifier", "--parts", input=text_of(lines)))
        self.assertEqual([line["question"] for line in scored], [" A 3 A more 4", "x"])
        self.assertEqual(scored[0]["mine"], 1)
        for line in scored:
            self.assertAlmostEqual(sum(part for _, part in line["parts"]), line["score"], places=4)
            self.assertEqual(line["parts"][-1][0], len(line["solution"]))
        plain = lines_of(self.pvgame("score", "--verifier", "game/models/last_verifier", input=text_of(lines)))
        self.assertEqual([line["score"] for line in plain], [line["score"] for line in scored])

    def test_scores_are_those_of_the_game(self):
        """Also with a prompt template of its own, which the run directory knows."""
        shown = self.pvgame("show", "game", "--stage", "test", "--round", 0, "--limit", 0, "--json")
        samples = "".join(line + "\n" for line in shown.splitlines() if "\ufffd" not in line)
        scored = lines_of(self.pvgame("score", "--verifier", "game/models/round-0/verifier", input=samples))
        same = sum(abs(before["score"] - after["score"]) < 1e-4 for before, after in zip(lines_of(samples), scored))
        self.assertGreater(len(scored), 200)
        # Some were sampled as tokens that are not those which their text is cut into.
        self.assertGreater(same / len(scored), 0.75)

    def test_what_cannot_score(self):
        line = '{"question":"x","solution":"y"}'
        self.pvgame("score", input=line, code=USAGE, says="which verifier?")
        self.pvgame("score", "--verifier", "missing", input=line, code=INPUT, says="missing: there is no such directory")
        self.pvgame("score", "--verifier", "game/models/base", input=line, code=INPUT, says="cannot be a verifier")
        self.pvgame("score", "--verifier", "game/models/last_verifier", input='{"solution":"y"}', code=INPUT,
                    says="standard input:1: field 'question' is missing")


if __name__ == "__main__":
    support.main()
