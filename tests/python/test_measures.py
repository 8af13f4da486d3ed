"""Measuring solutions, attacking verifiers, and putting runs together."""
import math
import unittest

from support import Case, small

import pvgame
from pvgame import Role, Verdict


class Measuring(Case):
    @classmethod
    def setUpClass(cls):
        cls.problems = pvgame.Dataset.generate(30, "tiny")

    def test_whose_solutions_ever(self):
        measured = pvgame.Measurement(self.problems, "tiny")
        for number, problem in enumerate(self.problems):
            measured.add(problem.solution if number % 3 else " A: 999", id=problem.id, score=float(number))
            measured.add(problem.solution, id=problem.id, role=Role.HELPFUL, round=0, verdict=Verdict.CORRECT)
        self.assertEqual(measured.rounds, 1)
        report = measured.report()
        self.assertAlmostEqual(report["base_accuracy"], 20 / 30)
        self.assertEqual(measured.report(0)["helpful_accuracy"], 1)
        measured.verifier("longer is better", pvgame.Verifier.host(lambda request: [len(item.solution) for item in request]))
        self.assertIn("longer is better", [name for table in measured.report().tables
                                           for name in measured.report().table_names(table)[0]])
        self.assertTrue(all(measured.notes))
        self.assertEqual(set(measured.to_dict()), {"summary", "rounds", "notes"})
        with self.assertRaises(pvgame.NotFoundError):
            measured.report(3)

    def test_samples_of_a_report(self):
        game = pvgame.Game(small())
        _, report = next(game.rounds())
        measured = pvgame.Measurement(settings=small())
        measured.add_samples(report.samples, round=0)
        self.assertAlmostEqual(measured.report(0)["helpful_accuracy"], report["helpful_accuracy"])

    def test_wrong_solutions_are_refused(self):
        measured = pvgame.Measurement(self.problems)
        with self.assertRaises(pvgame.NotFoundError):
            measured.add("A: 1", id="nobody")
        with self.assertRaises(pvgame.InvalidError):
            measured.add("A: 1")

    def test_step_lines(self):
        problem = self.problems[0]
        found = pvgame.read_lines(problem, problem.solution)
        self.assertTrue(found and all(line.valid for line in found))
        self.assertEqual([problem.solution.encode()[line.begin:line.end].count(b"=") for line in found],
                         [1 if line.full else 0 for line in found])
        wrong, _ = pvgame.inject_error(problem, pvgame.Injection.RESULT, seed=2)
        self.assertIn(False, [line.arithmetic for line in pvgame.read_lines(problem, wrong)])

    def test_names_of_no_table(self):
        with self.assertRaises(KeyError):
            pvgame.Measurement(self.problems).report().table_names("beauty")


class Attacking(Case):
    def test_a_frozen_verifier(self):
        settings = small(attack__rewards="convince", attack__steps=3, attack__best_of=2)
        game = pvgame.Game(settings)
        game.run()
        told = []
        verifier = pvgame.Verifier(game.model("verifier"), settings)
        report = pvgame.attack(game.model("base"), verifier, settings, start=game.model("start"),
                               helpful=pvgame.Prover(game.model("prover"), settings), progress=lambda *where: told.append(where))
        self.assertIn("convince_steps_to_exploit", report)
        self.assertEqual({what for what, _, _ in told} & {"convince", "best_of"}, {"convince", "best_of"})
        self.assertEqual(len(report.tables["convince_curve"][0]), 7)
        self.assertEqual(str(pvgame.attack(game.model("base"), verifier, settings, start=game.model("start"),
                                           helpful=pvgame.Prover(game.model("prover"), settings))), str(report))

        def stop(what, done, total):
            raise InterruptedError(what)
        with self.assertRaises(InterruptedError):
            pvgame.attack(game.model("base"), verifier, settings, progress=stop)
        pvgame.attack(game.model("base"), verifier, settings)


class Comparing(Case):
    def test_arms_over_seeds(self):
        experiment = pvgame.Experiment()
        experiment.arm("game", "game", ratio=0.5)
        for seed, value in enumerate((0.5, 0.6, 0.7)):
            experiment.add("game", seed, "verifier_auc", value, round=0)
        found = experiment.summary("game", "verifier_auc", round=0)
        self.assertEqual((found.seeds, found.least, found.most), (3, 0.5, 0.7))
        self.assertAlmostEqual(found.mean, 0.6)
        self.assertLess(found.low, found.mean)
        with self.assertRaises(pvgame.NotFoundError):
            experiment.summary("game", "beauty")
        with self.assertRaises(pvgame.NotFoundError):
            experiment.add("other", 1, "x", 1)
        claims = experiment.claims()
        self.assertEqual({claim.finding for claim in claims}, {pvgame.Finding.NOT_MEASURED})
        self.assertTrue(all(claim.title and claim.rule and claim.paper for claim in claims))
        self.assertIn("claims", experiment.to_dict())

    def test_reports_of_other_contexts(self):
        grades = {}
        for context in (None, pvgame.Context(threads=1)):
            problems = pvgame.Dataset.generate(10, "tiny", context=context)
            measured = pvgame.Measurement(problems)
            measured.add(problems[0].solution, id=problems[0].id)
            experiment = pvgame.Experiment()
            experiment.arm("mine")
            experiment.add_report("mine", 1, measured.report(), prefix="of_")
            grades[context] = experiment.summary("mine", "of_base_accuracy").mean
        self.assertEqual(set(grades.values()), {1.0})
        self.assertTrue(math.isnan(experiment.summary("mine", "of_base_accuracy").low))


if __name__ == "__main__":
    unittest.main()
