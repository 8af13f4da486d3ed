"""A host's provers, verifiers and graders: asked by hooks or pulled, and what they raise."""
import array
import math
import re
import traceback
import unittest

from support import Case, small

import pvgame
from pvgame import Event, RequestKind, Role, Verdict


def solve(question):
    """What A has at the end of " A 11 A times 2 B more 3"."""
    value = 0
    for what, number in re.findall(r"\bA (?:(times|more|less) )?(\d+)", question):
        value = {"": int(number), "times": value * int(number), "more": value + int(number), "less": value - int(number)}[what]
    return value


def prove(request):
    """Right and wrong ones, half and half."""
    return [f" A: {solve(item.question) + item.seed % 2}" for item in request]


class Hooks(Case):
    def test_a_prover_sees_no_answer_and_gets_its_rewards(self):
        asked, told = [], []

        def answer(request):
            asked.append(request)
            return prove(request)
        prover = pvgame.Prover.host(answer, learn=told.append, name="own")
        report = pvgame.Game(small(), prover=prover).run()
        self.assertIn("auc", report.tables)
        self.assertTrue(all(item.answer is None and item.solution is None for request in asked for item in request))
        self.assertEqual({request.kind for request in asked}, {RequestKind.PROVE})
        self.assertLessEqual({Role.HELPFUL, Role.SNEAKY}, {item.role for request in asked for item in request})
        self.assertLessEqual({one.id for one in told}, {one.id for one in asked})
        self.assertTrue(all(math.isfinite(outcome.reward) for feedback in told for outcome in feedback))
        self.assertIn(Verdict.WRONG, {outcome.verdict for feedback in told for outcome in feedback})

    def test_a_sneaky_prover_may_be_told_the_answer(self):
        seen = []

        def answer(request):
            seen.extend((item.role, item.answer) for item in request)
            return prove(request)
        pvgame.Game(small(roles__sneaky_sees_answer=True), prover=pvgame.Prover.host(answer)).run()
        self.assertTrue(all((hint is not None) == (role == Role.SNEAKY) for role, hint in seen))

    def test_a_verifier_sees_neutral_solutions_and_gets_labels(self):
        asked, told = [], []

        def answer(request):
            asked.append(request)
            return array.array("d", [len(item.solution) / 10 for item in request])
        pvgame.Game(small(), verifier=pvgame.Verifier.host(answer, learn=told.append)).run()
        self.assertEqual({(item.role, item.answer) for request in asked for item in request}, {(Role.NEUTRAL, None)})
        self.assertTrue(all(math.isnan(outcome.reward) for feedback in told for outcome in feedback))
        self.assertEqual({feedback.kind for feedback in told}, {RequestKind.VERIFY})

    def test_a_grader_sees_the_answer(self):
        grader = pvgame.Grader.host(lambda request: [item.answer in item.solution for item in request])
        self.assertEqual(grader.grade("18", "it is 18", question="how many?").verdict, Verdict.CORRECT)
        self.assertEqual(grader.grade("18", "it is 17").verdict, Verdict.WRONG)
        pvgame.Game(small(), grader=grader).run()

    def test_scores_of_a_host_verifier(self):
        verifier = pvgame.Verifier.host(lambda request: [len(item.solution) for item in request])
        self.assertEqual(list(verifier.score(["?", "?"], ["a", "bc\0d"])), [1, 4])

    def test_wrong_replies_say_what_is_wrong(self):
        for answers, error, says in (
                ([0.5], ValueError, "2 items were asked, and 1 answers given"),
                ("ab", TypeError, "an answer for each item is wanted"),
                (3, TypeError, "an answer for each item is wanted"),
                ([1.0, math.nan], pvgame.NumericError, "not a finite number"),
                ([1.0, "x"], ValueError, "could not convert"),
                (None, TypeError, "NoneType was given")):
            verifier = pvgame.Verifier.host(lambda request, answers=answers: answers)
            with self.assertRaisesRegex(error, says):
                verifier.score(["?", "?"], ["a", "b"])
        for answers, error in ((["a\0b"], pvgame.FormatError), ([3], TypeError), (["\udc80"], UnicodeEncodeError)):
            prover = pvgame.Prover.host(lambda request, answers=answers: answers)
            with self.assertRaises(error):
                prover.generate(pvgame.Dataset.generate(1, "tiny"))
        with self.assertRaises(ValueError):
            pvgame.Grader.host(lambda request: [17]).grade("1", "A: 1")


class Raising(Case):
    def test_what_a_hook_raises_goes_through_with_its_traceback(self):
        def answer(request):
            raise ZeroDivisionError("deep inside")
        verifier = pvgame.Verifier.host(answer, name="fragile")
        try:
            verifier.score(["?"], ["a"])
        except ZeroDivisionError as error:
            frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
            notes = getattr(error, "__notes__", None)
        self.assertIn("answer", frames)
        if notes is not None:  # Python 3.11
            self.assertIn("fragile", notes[0])
            self.assertIn("deep inside", notes[0])

    def test_the_game_goes_on_after_it(self):
        calls = []

        def answer(request):
            calls.append(len(request))
            if len(calls) == 3:
                raise RuntimeError("once")
            return prove(request)
        game = pvgame.Game(small(), prover=pvgame.Prover.host(answer))
        with self.assertRaisesRegex(RuntimeError, "once"):
            game.run()
        again = game.run()
        calls[:] = [0] * 3
        whole = pvgame.Game(small(), prover=pvgame.Prover.host(answer)).run()
        self.assertEqual(str(again), str(whole))

    def test_learning_may_raise_too(self):
        def learn(feedback):
            raise LookupError("no model here")
        with self.assertRaisesRegex(LookupError, "no model here"):
            pvgame.Game(small(), prover=pvgame.Prover.host(prove, learn=learn)).run()

    def test_exits_go_through(self):
        def answer(request):
            raise SystemExit(3)
        with self.assertRaises(SystemExit):
            pvgame.Verifier.host(answer).score(["?"], ["a"])

    def test_a_hook_that_uses_its_own_context_is_told(self):
        problems = pvgame.Dataset.generate(2, "tiny")
        with self.assertRaises(pvgame.BusyError):
            pvgame.Verifier.host(lambda request: [len(pvgame.Dataset.generate(1, "tiny"))]).score(["?"], ["a"])
        with pvgame.Context(threads=1) as other:
            inner = pvgame.Verifier.host(lambda request: [7.0], context=other)
            outer = pvgame.Verifier.host(lambda request: inner.score(["?"], ["b"]))
            self.assertEqual(list(outer.score(["?"], ["a"])), [7])
        self.assertEqual(len(problems), 2)

    def test_a_nested_hook_may_raise(self):
        with pvgame.Context(threads=1) as other:
            def fail(request):
                raise KeyError("inner")
            inner = pvgame.Verifier.host(fail, context=other)
            outer = pvgame.Verifier.host(lambda request: inner.score(["?"], ["b"]))
            with self.assertRaisesRegex(KeyError, "inner"):
                outer.score(["?"], ["a"])


class Pulling(Case):
    def play(self, game, answers):
        kinds = []
        for event in game:
            if event == Event.NEEDS_REPLY:
                kinds.append(game.pending.kind)
                game.submit(answers(game.pending))
        return kinds

    def test_every_seat_can_be_pulled(self):
        prover = pvgame.Prover.host()
        self.assertEqual(set(self.play(pvgame.Game(small(), prover=prover), prove)), {RequestKind.PROVE})
        verifier = pvgame.Verifier.host()
        self.assertEqual(set(self.play(pvgame.Game(small(), verifier=verifier), lambda request: [1.0] * len(request))),
                         {RequestKind.VERIFY})
        grader = pvgame.Grader.host()
        self.assertEqual(set(self.play(pvgame.Game(small(), grader=grader), lambda request: [Verdict.WRONG] * len(request))),
                         {RequestKind.GRADE})

    def test_pulled_and_asked_give_the_same_game(self):
        pulled = pvgame.Game(small(), prover=pvgame.Prover.host())
        self.play(pulled, prove)
        self.assertEqual(str(pulled.report()), str(pvgame.Game(small(), prover=pvgame.Prover.host(prove)).run()))

    def test_a_request_stays_open_until_it_is_answered(self):
        game = pvgame.Game(small(), prover=pvgame.Prover.host())
        with self.assertRaises(pvgame.StateError):
            game.pending
        while game.step() != Event.NEEDS_REPLY:
            pass
        with self.assertRaises(ValueError):
            game.submit([" A: 1"])
        with self.assertRaises(TypeError):
            game.submit([1] * len(game.pending))
        self.assertEqual(game.step(), Event.NEEDS_REPLY)
        kept = game.pending
        game.submit(prove(kept))
        game.step()
        self.assertTrue(kept[0].question)
        self.assertGreater(len(kept.questions), 0)

    def test_a_pulled_player_cannot_be_run(self):
        with self.assertRaisesRegex(pvgame.StateError, "pulled"):
            pvgame.Game(small(), prover=pvgame.Prover.host()).run()
        with self.assertRaises(pvgame.StateError):
            pvgame.Verifier.host().score(["?"], ["a"])


class Finishing(Case):
    def test_it_runs_once_when_nobody_needs_the_player(self):
        done = []
        prover = pvgame.Prover.host(prove, finish=lambda: done.append(1))
        game = pvgame.Game(small(), prover=prover)
        prover.close()
        self.assertEqual(done, [])
        game.step()
        game.close()
        self.assertEqual(done, [1])

    def test_also_when_making_it_fails(self):
        from pvgame import exchange
        before = dict(exchange._hosts)
        with self.assertRaises(ValueError):
            pvgame.Prover.host(prove, name="a\0b")
        self.assertEqual(exchange._hosts, before)

    def test_only_a_hosts_player_replaces_one(self):
        problems = pvgame.Dataset.generate(20, "tiny")
        settings = small()
        model = pvgame.Model.create(pvgame.Tokenizer.train(problems, settings), settings)
        with self.assertRaises(pvgame.UnsupportedError):
            pvgame.Game(settings, prover=pvgame.Prover(model, settings))


if __name__ == "__main__":
    unittest.main()
