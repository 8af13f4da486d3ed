"""Objects are destroyed in any order, by any thread, and when the interpreter ends."""
import gc
import itertools
import threading
import unittest
import weakref

from support import Case, small

import pvgame


def some_objects():
    context = pvgame.Context(threads=1)
    settings = small()
    problems = pvgame.Dataset.generate(20, settings, context=context)
    tokenizer = pvgame.Tokenizer.train(problems, settings)
    model = pvgame.Model.create(tokenizer, settings, "verifier")
    verifier = pvgame.Verifier(model, settings)
    return [context, problems, tokenizer, model, verifier]


class Orders(Case):
    def test_closing_in_any_order(self):
        for order in itertools.permutations(range(5)):
            objects = some_objects() if order[0] == order[1] - 1 else None
            if objects is None:
                continue
            for index in order:
                objects[index].close()
                objects[index].close()
                self.assertTrue(objects[index].closed)

    def test_what_is_left_works(self):
        context, problems, tokenizer, model, verifier = some_objects()
        expected = verifier.score_one("1?", "A: 1")
        for one in (context, problems, tokenizer, model):
            one.close()
        del context, problems, tokenizer, model
        gc.collect()
        self.assertEqual(verifier.score_one("1?", "A: 1"), expected)

    def test_closed_objects_say_so(self):
        with pvgame.Dataset.generate(3, "tiny") as problems:
            self.assertEqual(len(problems), 3)
        for use in (lambda: len(problems), problems.freeze, lambda: pvgame.Game(small(), problems), problems.__enter__):
            with self.assertRaisesRegex(pvgame.StateError, "this Dataset is closed"):
                use()
        self.assertEqual(repr(problems), "<pvgame.Dataset closed>")

    def test_letting_go_frees_the_memory(self):
        context = pvgame.Context(threads=1)
        core = context._core
        before = context.memory_used
        for _ in range(3):
            objects = [pvgame.Dataset.generate(50, "tiny", context=context) for _ in range(3)]
            objects.append(objects)  # only the collector can free these
            del objects
            gc.collect()
            self.assertEqual(context.memory_used, before)
        gone = weakref.ref(core)
        del core, context
        gc.collect()
        self.assertIsNone(gone())

    def test_many_games(self):
        context = pvgame.Context(threads=1)
        settings = small(rounds__count=1, base__steps=5, pool__base_samples=16, problems__train=64, problems__test=16)
        used = []
        for _ in range(6):
            with pvgame.Game(settings, context=context) as game:
                game.step()
            used.append(context.memory_used)
        self.assertEqual(used[1:], used[:-1])


class Endings(Case):
    def test_everything_alive_at_the_end(self):
        self.runs("""
import pvgame
from support import small
from test_lifetimes import some_objects
objects = some_objects()
game = pvgame.Game(small(), prover=pvgame.Prover.host(lambda request: [" A: 1"] * len(request), finish=lambda: print("finished")))
for _ in range(3): game.step()
objects.append(objects)
cycle = [game]; cycle.append(cycle)
""")

    def test_objects_in_the_hands_of_modules_and_threads(self):
        said = self.runs("""
import atexit, sys, threading, time
import pvgame
from support import small
sys.kept = pvgame.Dataset.generate(5, "tiny")
atexit.register(lambda: print(len(sys.kept)))
context = pvgame.Context(threads=2)
game = pvgame.Game(small(base__steps=100000), context=context)
threading.Thread(target=game.run, daemon=True).start()
time.sleep(0.3)
""")
        self.assertEqual(said, "5\n")

    def test_a_forked_child_is_told(self):
        said = self.runs("""
import gc, os, sys
import pvgame
problems = pvgame.Dataset.generate(5, "tiny")
sys.stdout.flush()
if os.fork() == 0:
    try:
        len(problems)
    except pvgame.StateError as error:
        print(error)
    del problems
    gc.collect()
    sys.stdout.flush()
    os._exit(0)
os.wait()
print(len(problems))
""")
        self.assertIn("forked", said)
        self.assertEqual(said.splitlines()[-1], "5")


class Threads(Case):
    def in_threads(self, count, work):
        failures = []

        def guarded(number):
            try:
                work(number)
            except BaseException as error:
                failures.append(error)
        threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_a_context_each(self):
        expected = str(pvgame.Game(small()).run())
        results = {}

        def work(number):
            results[number] = str(pvgame.Game(small()).run())
        self.in_threads(4, work)
        self.assertEqual(set(results.values()), {expected})

    def test_default_contexts_are_the_threads_own(self):
        found = []
        self.in_threads(3, lambda number: found.append(pvgame.default_context()))
        self.assertEqual(len({id(context) for context in [*found, pvgame.default_context()]}), 4)
        self.assertIs(pvgame.default_context(), pvgame.default_context())

    def test_one_context_takes_turns(self):
        context = pvgame.Context(threads=2)
        verifier = some_objects_in(context)
        expected = verifier.score_one("1?", "A: 1")

        def work(number):
            for _ in range(30):
                self.assertEqual(verifier.score_one("1?", "A: 1"), expected)
                with pvgame.Dataset.generate(3, "tiny", context=context) as problems:
                    self.assertEqual(len(problems), 3)
                with self.assertRaises(pvgame.NotFoundError) as caught:
                    pvgame.Dataset.generate(3, context=context).part(f"part{number}")
                self.assertIn(f"part{number}", str(caught.exception))
        self.in_threads(4, work)

    def test_letting_go_during_a_call_of_another_thread(self):
        context = pvgame.Context(threads=1)
        inside, may_end = threading.Event(), threading.Event()

        def answer(request):
            inside.set()
            may_end.wait(30)
            return [1.0]
        verifier = pvgame.Verifier.host(answer, context=context)
        problems = pvgame.Dataset.generate(50, "tiny", context=context)
        thread = threading.Thread(target=verifier.score, args=(["?"], ["a"]))
        thread.start()
        inside.wait(30)
        problems.close()
        self.assertEqual(len(context._core.graveyard), 1)
        may_end.set()
        thread.join()
        self.assertEqual(len(context._core.graveyard), 0)


def some_objects_in(context):
    settings = small()
    tokenizer = pvgame.Tokenizer.train(pvgame.Dataset.generate(20, settings, context=context), settings)
    return pvgame.Verifier(pvgame.Model.create(tokenizer, settings, "verifier"), settings)


if __name__ == "__main__":
    unittest.main()
