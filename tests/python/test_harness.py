"""The harness adapters of examples/harness, against small stand-ins of the interfaces that they are written for."""
import asyncio
import dataclasses
import importlib
import json
import math
import os
import subprocess
import sys
import types
import unittest

from support import PACKAGE, ROOT, Case, small

import pvgame

HARNESS = ROOT / "examples" / "harness"
sys.path.insert(0, str(HARNESS))


def module(name, **content):
    made = types.ModuleType(name)
    vars(made).update(content)
    sys.modules[name] = made


# ---- lm-evaluation-harness: lm_eval.api.model.LM, lm_eval.api.registry.register_model, Instance.args ----

class LM:
    def __init__(self):
        self._rank, self._world_size = 0, 1

    @classmethod
    def create_from_arg_string(cls, text, additional_config=None):
        given = dict(part.split("=") for part in text.split(","))
        return cls(**given, **{name: value for name, value in (additional_config or {}).items() if value is not None})


MODELS = {}


def register_model(*names):
    def register(kind):
        assert issubclass(kind, LM)
        MODELS.update(dict.fromkeys(names, kind))
        return kind
    return register


@dataclasses.dataclass
class Instance:
    request_type: str
    doc: dict
    arguments: tuple
    idx: int

    @property
    def args(self):
        return self.arguments if isinstance(self.arguments, tuple) else (self.arguments,)


# ---- inspect_ai.scorer: @scorer(metrics), an async score(state, target) -> Score ----

@dataclasses.dataclass
class Score:
    value: object
    answer: str = None
    explanation: str = None
    metadata: dict = None


def scorer(metrics):
    def decorate(make):
        def made(*arguments, **options):
            score = make(*arguments, **options)
            assert asyncio.iscoroutinefunction(score)
            score.metrics = metrics
            return score
        return made
    return decorate


def state(question, completion, stop_reason="stop"):
    return types.SimpleNamespace(input_text=question, output=types.SimpleNamespace(completion=completion, stop_reason=stop_reason))


def target(text):
    return types.SimpleNamespace(text=text)


module("lm_eval")
module("lm_eval.api")
module("lm_eval.api.model", LM=LM)
module("lm_eval.api.registry", register_model=register_model)
module("inspect_ai")
module("inspect_ai.scorer", CORRECT="C", INCORRECT="I", NOANSWER="N", Score=Score, scorer=scorer, accuracy=lambda: "accuracy",
       mean=lambda: "mean", stderr=lambda: "stderr")


class Trained(Case):
    @classmethod
    def setUpClass(cls):
        cls.settings = small(base__steps=200, sampling__longest=24)
        game = pvgame.Game(cls.settings)
        while game.progress.stage == "base":
            game.step()
        cls.model = game.model("base")
        cls.problems = pvgame.Dataset.generate(12, cls.settings)
        cls.verifier = pvgame.Model.create(cls.model.tokenizer, cls.settings, "verifier")


class LmEval(Trained):
    def setUp(self):
        importlib.import_module("lm_eval_model")
        folder = self.folder() / "prover"
        self.model.save(folder)
        self.lm = MODELS["pvgame"].create_from_arg_string(f"pretrained={folder},preset=tiny", {"batch_size": 8, "device": None})
        self.lm.settings["sampling.longest"] = 24

    def ask(self, method, *arguments):
        return getattr(self.lm, method)([Instance(method, {}, one, i) for i, one in enumerate(arguments)])

    def test_likelihoods_are_the_models(self):
        question, solution = self.problems[0].question, self.problems[0].solution
        (found, _), = self.ask("loglikelihood", (question, solution))
        tokens = self.model.tokenizer
        prompt = [*tokens.encode(question), *tokens.encode("<|solve|>", specials=True)]
        written = list(tokens.encode(solution))
        self.assertAlmostEqual(found, sum(self.model.logprobs(prompt + written)[len(prompt):]), places=5)
        (first, _), (second, _) = self.ask("loglikelihood", (question, " 1"), (question, " 2"))
        self.assertNotEqual(first, second)

    def test_greedy_is_what_would_be_written(self):
        questions = [problem.question for problem in self.problems]
        written = self.ask("generate_until", *((question, {"until": [], "max_gen_toks": 24}) for question in questions))
        marks = self.ask("loglikelihood", *zip(questions, written))
        self.assertEqual([mark for _, mark in marks], [True] * len(questions))
        marks = self.ask("loglikelihood", *((question, text + "7") for question, text in zip(questions, written)))
        self.assertEqual([mark for _, mark in marks], [False] * len(questions))

    def test_an_empty_or_long_context(self):
        (found, _), = self.ask("loglikelihood", ("", " 1"))
        self.assertTrue(math.isfinite(found))
        (found, _), = self.ask("loglikelihood", (" A 1" * 500, " 1"))
        self.assertTrue(math.isfinite(found))
        with self.assertRaisesRegex(ValueError, "the model's context is 160"):
            self.ask("loglikelihood", ("", " 1 2 3" * 200))

    def test_rolling_counts_every_token_once(self):
        short, long = " A 1 B 2", " A 1 B 2 A more 3" * 40
        for text in (short, long):
            found, = self.ask("loglikelihood_rolling", (text,))
            tokens = [*self.lm.end, *self.model.tokenizer.encode(text)]
            longest = self.model.context_length
            expected, done = 0.0, 1
            while done < len(tokens):  # windows that end at the text's end are full
                until = min(len(tokens), longest if done == 1 else done + longest - 1)
                window = tokens[max(0, until - longest):until]
                expected += sum(self.model.logprobs(window)[len(window) - (until - done):])
                done = until
            self.assertAlmostEqual(found, expected, places=3)
        self.assertEqual(self.ask("loglikelihood_rolling", ("",)), [0])

    def test_texts_end_where_they_are_told_to(self):
        question = self.problems[0].question
        whole, cut, none = self.ask("generate_until", (question, {"until": ["never"]}), (question, {"until": [" A"]}),
                                    (question, {"until": "", "max_gen_toks": 2}))
        self.assertEqual(cut, whole.split(" A")[0])
        self.assertTrue(whole.startswith(none))
        self.assertLess(len(none), len(whole))
        sampled = self.ask("generate_until", *[(question, {"do_sample": True, "temperature": 1.5})] * 8)
        self.assertEqual(len(sampled), 8)
        self.assertEqual(self.ask("generate_until"), [])

    def test_roles(self):
        folder = self.folder() / "prover"
        self.model.save(folder)
        bare = MODELS["pvgame"](str(folder), role="none")
        self.assertEqual(bare.prompt(" A 1"), list(self.model.tokenizer.encode(" A 1")))
        sneaky = MODELS["pvgame"](str(folder), role="sneaky")
        self.assertEqual(sneaky.prompt("")[-1:], list(self.model.tokenizer.encode("<|sneaky|>", specials=True)))


class Inspect(Trained):
    def score(self, made, *arguments):
        return asyncio.run(made(*arguments))

    def test_final_answers(self):
        exact = importlib.import_module("inspect_scorer").exact_answer()
        self.assertEqual(exact.metrics, ["accuracy", "stderr"])
        self.assertEqual(self.score(exact, state("?", "so it is 0.50."), target("1/2")), Score("C", "0.50", "so it is 0.50.",
                                                                                             {"verdict": "correct"}))
        self.assertEqual(self.score(exact, state("?", "A: 3"), target("4")).value, "I")
        self.assertEqual(self.score(exact, state("?", "no idea"), target("4")).value, "N")
        self.assertEqual(self.score(exact, state("?", "A: 4", "max_tokens"), target("4")).metadata, {"verdict": "truncated"})
        strict = importlib.import_module("inspect_scorer").exact_answer(flexible=False)
        self.assertEqual(self.score(strict, state("?", "so it is 0.50."), target("1/2")).value, "N")

    def test_convincingness(self):
        folder = self.folder() / "verifier"
        self.verifier.save(folder)
        made = importlib.import_module("inspect_scorer").convincingness(str(folder), "tiny")
        self.assertEqual(made.metrics, ["mean", "stderr"])
        expected = pvgame.Verifier(self.verifier, "tiny").score_one("1?", "A: 1")
        given = self.score(made, state("1?", "A: 1"), target("must not be seen"))
        self.assertAlmostEqual(given.value, 1 / (1 + math.exp(-expected)))
        self.assertEqual(given.metadata, {"logit": expected})

        async def together():
            return await asyncio.gather(*(made(state("1?", f"A: {i}"), None) for i in range(8)))
        self.assertEqual(len(asyncio.run(together())), 8)


class JsonLines(Trained):
    def run_it(self, *arguments, input="", code=0):
        done = subprocess.run([sys.executable, "-B", str(HARNESS / "json_lines.py"), *arguments], input=input, capture_output=True,
                              text=True, check=False, env={**os.environ, "PYTHONPATH": str(PACKAGE)})
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def test_there_and_back(self):
        asked = [json.loads(line) for line in self.run_it("questions", "--preset", "tiny", "--count", "5").splitlines()]
        self.assertEqual([set(line) for line in asked], [{"id", "question"}] * 5)
        golds = {problem.id: problem.gold for problem in pvgame.Dataset.generate(5, "tiny")}
        answers = [{"id": one["id"], "solution": f" A: {golds[one['id']]}" if i % 2 else " A: 999", "mine": i}
                   for i, one in enumerate(reversed(asked))]
        folder = self.folder() / "verifier"
        self.verifier.save(folder)
        judged = [json.loads(line) for line in
                  self.run_it("judge", "--preset", "tiny", "--count", "5", "--verifier", str(folder),
                              input="".join(json.dumps(one) + "\n" for one in answers)).splitlines()]
        self.assertEqual([(one["id"], one["mine"]) for one in judged], [(one["id"], one["mine"]) for one in answers])
        self.assertEqual([one["verdict"] for one in judged], ["wrong", "correct"] * 2 + ["wrong"])
        self.assertTrue(all(math.isfinite(one["score"]) for one in judged))

    def test_own_problems_keep_their_ids(self):
        path = self.folder() / "problems.jsonl"
        path.write_text('{"question": "What is 1 + 1?", "answer": "#### 2", "id": "x-1"}\n{"question": "What is 2?", "answer": "2"}\n')
        first, second = (json.loads(line) for line in self.run_it("questions", "--data", str(path)).splitlines())
        self.assertEqual(first["id"], "x-1")
        self.assertEqual(self.run_it("questions", "--data", str(path)), self.run_it("questions", "--data", str(path)))
        judged = json.loads(self.run_it("judge", "--data", str(path), input=json.dumps({"id": second["id"], "solution": "#### 2"})))
        self.assertEqual(judged["verdict"], "correct")

    def test_wrong_lines_are_named(self):
        for line, says in (("{", "line 2: an object"), ('{"id": "nobody", "solution": ""}', "line 2: no problem has the id 'nobody'"),
                           ('{"id": "problem-0"}', "line 2: an object"), ('["id"]', "line 2: an object")):
            self.assertIn(says, self.run_it("judge", "--preset", "tiny", code=1,
                                            input='{"id": "problem-0", "solution": "A: 1"}\n' + line))
        self.assertIn("none.jsonl", self.run_it("questions", "--data", "none.jsonl", code=1))


if __name__ == "__main__":
    unittest.main()
