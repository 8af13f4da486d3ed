"""Settings, datasets, tokenizers, models, graders and reports as Python objects."""
import array
import gzip
import math
import os
import subprocess
import sys
import unittest

from support import ROOT, Case, small

import pvgame
from pvgame import Role, Verdict

try:
    import numpy
except ImportError:
    numpy = None


class SettingsCase(Case):
    def test_values_have_their_kinds(self):
        settings = pvgame.Settings("tiny", {"seed": 7, "prover_train.rate": "3e-4", "prover.tied": False})
        self.assertEqual((settings["seed"], settings["prover_train.rate"], settings["prover.tied"]), (7, 3e-4, False))
        self.assertIs(type(settings["prover.tied"]), bool)
        self.assertEqual(settings["verifier_train.loss"], "cross_entropy")
        settings["base.rate"] = 1e-3
        settings["prover.tied"] = True
        self.assertEqual((settings["base.rate"], settings["prover.tied"]), (1e-3, True))

    def test_it_is_a_mapping_over_the_whole_list(self):
        settings = pvgame.Settings()
        self.assertEqual(list(settings), [info.name for info in pvgame.settings_list()])
        self.assertIn("prover.width", settings)
        self.assertNotIn("prover.wdth", settings)
        self.assertEqual(settings.changed(), {})
        self.assertEqual(len(dict(settings)), len(settings))

    def test_errors_say_what_is_wanted(self):
        settings = pvgame.Settings()
        with self.assertRaises(pvgame.NotFoundError) as caught:
            settings["prover.widht"] = 3
        self.assertIn("did you mean 'prover.width'", str(caught.exception))
        self.assertEqual((caught.exception.status, caught.exception.function), (pvgame.Status.E_NOT_FOUND, "pvg_settings_set_int"))
        with self.assertRaises(pvgame.RangeError):
            settings["prover.width"] = 1
        with self.assertRaises(pvgame.FormatError):
            settings["prover.width"] = "many"
        with self.assertRaises(OverflowError):
            settings["prover.width"] = 1 << 70
        with self.assertRaises(TypeError):
            settings["prover.width"] = None
        with self.assertRaises(ValueError):
            settings["data.question"] = "a\0b"
        with self.assertRaises(pvgame.NotFoundError):
            pvgame.Settings("huge")
        settings["prover.heads"] = 7
        with self.assertRaises(pvgame.Error):
            settings.check()

    def test_copies_go_their_own_ways(self):
        one = pvgame.Settings("tiny")
        two = one.copy()
        two["seed"] = 99
        other = one._in(pvgame.Context(threads=1)._core)
        self.assertEqual((one["seed"], two["seed"], other["prover.width"]), (1, 99, one["prover.width"]))

    def test_yaml_plan_and_descriptions(self):
        settings = pvgame.Settings("tiny")
        self.assertIn("width: 32", settings.to_yaml())
        self.assertIn("#", settings.to_yaml(comments=True))
        self.assertIsInstance(settings.plan(), dict)
        info = next(info for info in pvgame.settings_list() if info.name == "prover.width")
        self.assertEqual((info.kind, info.lowest), (pvgame.SettingKind.INT, 8))
        self.assertIn("tiny", [preset.name for preset in pvgame.presets()])
        self.assertIn("prover.width", settings._repr_html_())
        self.assertTrue(repr(settings).startswith("Settings({"))


class DatasetCase(Case):
    def test_built_in_problems(self):
        problems = pvgame.Dataset.generate(5, "tiny", first=10)
        self.assertEqual(len(problems), 5)
        self.assertEqual([problem.id for problem in problems], [problems[i].id for i in range(5)])
        self.assertEqual(problems[-1], problems[4])
        self.assertEqual(problems[1:3], (problems[1], problems[2]))
        with self.assertRaises(IndexError):
            problems[5]
        found = pvgame.check_steps(problems[0], problems[0].solution)
        self.assertTrue(found.right)
        self.assertEqual(str(found.answer), problems[0].gold)
        wrong, changed = pvgame.inject_error(problems[0], pvgame.Injection.ANSWER, seed=3)
        self.assertTrue(changed)
        self.assertFalse(pvgame.check_steps(problems[0], wrong).right)

    def test_written_and_read_back(self):
        path = self.folder() / "problems.jsonl.gz"
        made = pvgame.Dataset()
        made.append("What is 2 + 3?", "5", "2 + 3 = 5", id="one")
        made.append("Wie viel ist ein \u00e4 und \U0001f600?", "1/3")
        made.write(path)
        self.assertIn(b"one", gzip.open(path).read())
        again = pvgame.Dataset.read(path)
        self.assertEqual((again.digest, list(again)), (made.digest, [pvgame.Problem(**{**vars(p), "line": i + 1})
                                                                   for i, p in enumerate(made)]))
        self.assertEqual(pvgame.Dataset.of(again).digest, made.digest)

    def test_labelled_solutions(self):
        made = pvgame.Dataset()
        made.append_labelled("What is 1 + 1?", "2", "A: 2", True)
        made.append_labelled("What is 1 + 1?", "2", "A: 3", False)
        self.assertEqual([(one.candidate, one.label) for one in made], [("A: 2", True), ("A: 3", False)])
        self.assertEqual(pvgame.Dataset.of(made).digest, made.digest)

    def test_bad_lines_and_states(self):
        path = self.folder() / "bad.jsonl"
        path.write_text('{"question": "1?", "answer": "1"}\n{"question": "2?"}\n')
        with self.assertRaises(pvgame.FormatError) as caught:
            pvgame.Dataset.read(path)
        self.assertIn("bad.jsonl", str(caught.exception))
        self.assertIn("2", str(caught.exception))
        with self.assertRaises(LookupError):
            pvgame.Dataset.read(path.with_name("none.jsonl"))
        frozen = pvgame.Dataset.generate(4, "tiny").freeze()
        with self.assertRaises(pvgame.StateError):
            frozen.append("1?", "1")
        with self.assertRaises(pvgame.FormatError):
            pvgame.Dataset().append("How many?", "many")

    def test_parts_share_no_question(self):
        problems = pvgame.Dataset.generate(60, "tiny")
        parts = [{one.question for one in problems.part(name)} for name in ("prover", "verifier", "test")]
        self.assertEqual(sum(map(len, parts)), len(set.union(*parts)))


class ModelCase(Case):
    @classmethod
    def setUpClass(cls):
        cls.problems = pvgame.Dataset.generate(40, "tiny")
        cls.settings = small()
        cls.tokenizer = pvgame.Tokenizer.train(cls.problems, cls.settings)
        cls.model = pvgame.Model.create(cls.tokenizer, cls.settings)
        cls.judge = pvgame.Model.create(cls.tokenizer, cls.settings, "verifier")

    def test_tokens(self):
        text = "A 11 \u00e4\U0001f600 <|end|>"
        tokens = self.tokenizer.encode(text)
        self.assertEqual(self.tokenizer.decode(tokens), text)
        self.assertEqual(self.tokenizer.decode(list(tokens)), text)
        self.assertLess(len(self.tokenizer.encode(text, specials=True)), len(tokens))
        self.assertLess(max(tokens), len(self.tokenizer))
        self.assertEqual(list(self.tokenizer.encode("")), [])
        with self.assertRaises(pvgame.Error):
            self.tokenizer.decode([len(self.tokenizer)])
        with self.assertRaises(OverflowError):
            self.tokenizer.decode([1 << 40])

    def test_saved_and_loaded(self):
        folder = self.folder()
        self.model.save(folder / "model")
        again = pvgame.Model(folder / "model")
        tokens = self.tokenizer.encode(self.problems[0].question)
        self.assertEqual(again.logprobs(tokens), self.model.logprobs(tokens))
        self.assertEqual((again.head, again.parameters, again.context_length),
                         ("lm", self.model.parameters, self.model.context_length))
        self.assertEqual(again.tokenizer.encode("A 3"), self.tokenizer.encode("A 3"))
        self.assertEqual(self.model.clone().logprobs(tokens), self.model.logprobs(tokens))
        self.tokenizer.save(folder / "tokenizer.json")
        self.assertEqual(len(pvgame.Tokenizer(folder / "tokenizer.json")), len(self.tokenizer))

    def test_buffers_are_filled_where_they_are(self):
        tokens = self.tokenizer.encode(self.problems[0].question)
        expected = self.model.logprobs(list(tokens))
        self.assertEqual(expected[0], 0)
        out = array.array("f", [9] * len(tokens))
        self.assertIs(self.model.logprobs(tokens, out=out), out)
        self.assertEqual(out, expected)
        for wrong in (array.array("d", expected), bytes(4 * len(tokens))):
            with self.assertRaises(TypeError):
                self.model.logprobs(tokens, out=wrong)
        with self.assertRaises(ValueError):
            self.model.logprobs(tokens, out=array.array("f", [0]))
        with self.assertRaises(TypeError):
            self.model.logprobs(array.array("q", tokens))

    @unittest.skipIf(numpy is None, "NumPy is not installed")
    def test_numpy_arrays_are_used_without_a_copy(self):
        tokens = numpy.asarray(self.tokenizer.encode(self.problems[0].question), dtype=numpy.int32)
        out = numpy.empty(len(tokens), dtype=numpy.float32)
        self.assertIs(self.model.logprobs(tokens, out=out), out)
        self.assertEqual(out.tolist(), list(self.model.logprobs(tokens)))
        frozen = tokens.copy()
        frozen.flags.writeable = False
        self.assertEqual(list(self.model.logprobs(frozen)), out.tolist())
        given = self.model.logprobs(tokens)
        numpy.asarray(given)[1] = 5
        self.assertEqual(given[1], 5)
        verifier = pvgame.Verifier(self.judge, self.settings)
        scores = numpy.empty(2)
        self.assertIs(verifier.score(["1?", "2?"], ["A: 1", "A: 2"], out=scores), scores)
        self.assertEqual(scores.tolist(), list(verifier.score(["1?", "2?"], ["A: 1", "A: 2"])))
        with self.assertRaises(TypeError):
            verifier.score(["1?"] * 4, ["A: 1"] * 4, out=numpy.empty(8)[::2])

    def test_scores_and_parts(self):
        verifier = pvgame.Verifier(self.judge, self.settings)
        question, solution = self.problems[0].question, " \u00e4 1 + 2 = 3 . A: 3"
        parts = verifier.parts(question, solution)
        self.assertEqual("".join(part.text for part in parts).count("3"), solution.count("3"))
        self.assertEqual(parts[-1].end, len(solution.encode()))
        self.assertAlmostEqual(sum(part.value for part in parts), verifier.score_one(question, solution), places=4)
        self.assertEqual(len(verifier.score([], [])), 0)
        with self.assertRaises(TypeError):
            verifier.score(question, solution)
        with self.assertRaises(ValueError):
            verifier.score([question], [])
        with self.assertRaises(pvgame.InvalidError):
            pvgame.Verifier(self.model)

    def test_generated_solutions_are_graded(self):
        prover = pvgame.Prover(self.model, self.settings)
        report = prover.generate(self.problems, Role.HELPFUL, 2, seed=5)
        self.assertEqual(len(report.samples), 80)
        sample = report.samples[-1]
        self.assertEqual((sample.role, sample.gold), (Role.HELPFUL, self.problems[39].gold))
        self.assertTrue(math.isnan(sample.score))
        self.assertEqual([one.solution for one in report.samples[:3]],
                         [one.solution for one in prover.generate(self.problems, Role.HELPFUL, 2, seed=5).samples[:3]])
        with self.assertRaises(OverflowError):
            prover.generate(self.problems, samples=1 << 40)
        with self.assertRaises(pvgame.RangeError):
            prover.generate(self.problems, samples=0)

    def test_measuring(self):
        prover, verifier = pvgame.Prover(self.model, self.settings), pvgame.Verifier(self.judge, self.settings)
        report = pvgame.evaluate(self.problems, prover, verifier=verifier, settings=small(evaluate__problems=8))
        self.assertIn("accuracy_greedy", report)
        self.assertEqual(report["problems"], 8)
        self.assertEqual(set(report.to_dict()), {"metrics", "tables"})
        self.assertIn("accuracy_greedy", str(report))
        self.assertIn("<table>", report._repr_html_())
        with self.assertRaises(KeyError):
            report["beauty"]
        table = pvgame.evaluate_table(self.problems, [prover, prover], [verifier], settings=small(evaluate__problems=8))
        self.assertEqual([len(row) for row in table.tables["auc"]], [2])

    def test_objects_of_two_contexts_do_not_mix(self):
        with pvgame.Context(threads=1) as other:
            problems = pvgame.Dataset.generate(4, "tiny", context=other)
            with self.assertRaises(pvgame.InvalidError):
                pvgame.Prover(self.model, self.settings).generate(problems)
            self.assertEqual(len(pvgame.Game(small(), problems).progress.stage) > 0, True)  # settings are copied over


class GraderCase(Case):
    def test_verdicts(self):
        grader = pvgame.Grader()
        self.assertEqual(grader.grade("1/2", "so\nA: 0.5"), (Verdict.CORRECT, "0.5"))
        self.assertEqual(grader.grade("18", "A: 19").verdict, Verdict.WRONG)
        self.assertEqual(grader.grade("18", "no idea").verdict, Verdict.NO_ANSWER)
        self.assertEqual(grader.grade("18", "A: 1", truncated=True).verdict, Verdict.TRUNCATED)
        with self.assertRaises(pvgame.FormatError):
            grader.grade("many", "A: 1")


class ContextCase(Case):
    def test_options(self):
        with pvgame.Context(threads=1, engine=pvgame.Engine.PORTABLE) as context:
            self.assertEqual(context.threads, 1)
            self.assertGreaterEqual(context.memory_peak, context.memory_used)
            self.assertEqual(context.machine()["threads"], 1)
        self.assertTrue(context.closed)
        with self.assertRaises(pvgame.StateError):
            context.machine()
        with self.assertRaises(pvgame.Error) as caught:
            pvgame.Context(threads=100000)
        self.assertIn("100000", str(caught.exception))

    def test_memory_limit(self):
        context = pvgame.Context(threads=1, memory_limit=1 << 20)
        with self.assertRaises(MemoryError):
            pvgame.Dataset.generate(100000, "tiny", context=context)

    def test_log(self):
        said = []
        context = pvgame.Context(threads=1, log=lambda *line: said.append(line), log_level=pvgame.LogLevel.INFO)
        self.assertTrue(any("libpvgame" in message for _, _, message in said), said)
        self.assertEqual(said[0][0], pvgame.LogLevel.INFO)
        context.close()

    def test_benchmark(self):
        told = []
        with pvgame.Context(threads=1) as context:
            result = context.benchmark("score", "XS", batch=2, reps=2, progress=lambda done, total: told.append((done, total)))
            self.assertGreater(result["tok_s"], 0)
            self.assertEqual(told[-1][0], told[-1][1])

            def fail(done, total):
                raise ZeroDivisionError("enough")
            with self.assertRaisesRegex(ZeroDivisionError, "enough"):
                context.benchmark("score", "XS", batch=2, reps=2, progress=fail)
            self.assertGreater(context.benchmark("score", "XS", batch=2, reps=1)["tok_s"], 0)


class Examples(Case):
    def test_they_run(self):
        for name, says in (("game.py", "round 1: verifier AUC"), ("host_prover.py", "finished after")):
            done = subprocess.run([sys.executable, "-B", str(ROOT / "examples" / name)], capture_output=True, text=True, check=False,
                                  env={**os.environ, "PYTHONPATH": str(ROOT / "bindings" / "python")})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(says, done.stdout)

    def test_a_host_takes_less_than_forty_lines(self):
        self.assertLess(len((ROOT / "examples" / "host_prover.py").read_text().splitlines()), 40)
        self.assertLessEqual(len((ROOT / "examples" / "game.py").read_text().splitlines()), 20)


if __name__ == "__main__":
    unittest.main()
