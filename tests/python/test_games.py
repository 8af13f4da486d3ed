"""Playing: rounds, events, run directories, progress, pictures, cancelling and Ctrl-C."""
import io
import os
import signal
import sys
import threading
import time
import types
import unittest
from unittest import mock

from support import Case, python, small

import pvgame
from pvgame import Event
from pvgame import display

INTERRUPTED = """
import os, signal, sys, threading, time
import pvgame
from support import small

def interrupt(after):
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer
"""


class Playing(Case):
    def test_rounds_and_reports(self):
        game = pvgame.Game(small())
        rounds = list(game.rounds())
        self.assertEqual([number for number, _ in rounds], [0, 1])
        self.assertEqual([str(report) for _, report in rounds], [str(report) for report in game.reports()])
        self.assertEqual(len(list(game.samples())), sum(len(report.samples) for report in game.reports()))
        self.assertEqual(game.progress.fraction, 1)
        self.assertEqual(game.step(), Event.FINISHED)
        self.assertEqual(game.model("verifier").head, "token_sum")
        with self.assertRaises(pvgame.NotFoundError):
            game.model("judge")
        with self.assertRaises(pvgame.RangeError):
            game.report(2)
        self.assertIn("<progress", game._repr_html_())

    def test_events(self):
        events = list(pvgame.Game(small(rounds__count=1)))
        self.assertEqual((events[-1], events.count(Event.FINISHED), events.count(Event.ROUND_DONE)), (Event.FINISHED, 1, 1))
        self.assertIn(Event.STAGE_DONE, events)

    def test_a_run_directory_is_resumed_to_the_same_bits(self):
        whole = pvgame.Game(small()).run()
        folder = self.folder() / "run"
        game = pvgame.Game(small(), directory=folder)
        first = next(game.rounds())
        game.checkpoint()
        game.close()
        game = pvgame.Game.resume(folder)
        self.assertEqual([number for number, _ in game.rounds()], [1])
        self.assertEqual(str(game.report()), str(whole))
        self.assertEqual(len(game.reports()), 2)
        self.assertEqual(str(game.reports()[0]), str(first.report))
        self.assertEqual(pvgame.Model(folder / "models" / "round-1" / "verifier").head, "token_sum")
        with self.assertRaises(pvgame.Error):
            pvgame.Game(small(), directory=folder)
        with self.assertRaises(pvgame.StateError):
            pvgame.Game(small()).checkpoint()

    def test_own_problems(self):
        problems = pvgame.Dataset.generate(120, small())
        game = pvgame.Game(small(), problems)
        game.run()
        with self.assertRaises(pvgame.StateError):
            problems.append("1?", "1")

    def test_a_verifier_alone(self):
        labelled = pvgame.Dataset()
        for i in range(80):
            for right in (True, False):
                labelled.append_labelled(f"What is {i} + 1?", str(i + 1), f"A: {i + right}", right, id=f"{i}-{right}")
        report = pvgame.Game(small(mode="verifier"), labelled).run()
        self.assertIn("verifier_auc", report)


class Cancelling(Case):
    def test_cancelled_and_resumed_it_gives_the_same_bits(self):
        whole = pvgame.Game(small()).run()
        context = pvgame.Context(threads=1)
        game = pvgame.Game(small(), context=context)
        game.step()
        context.cancel()
        with self.assertRaises(pvgame.CancelledError):
            game.step()
        with self.assertRaises(pvgame.CancelledError):
            game.run()
        context.resume()
        self.assertEqual(str(game.run()), str(whole))

    def test_from_another_thread(self):
        context = pvgame.Context(threads=1)
        timer = threading.Timer(0.2, context.cancel)
        timer.start()
        with self.assertRaises(pvgame.CancelledError):
            context.benchmark("train", "S", batch=4, reps=1000)
        timer.join()

    def test_ctrl_c_stops_a_long_call_at_once(self):
        said = self.runs(INTERRUPTED + """
context = pvgame.Context(threads=1)
interrupt(0.3)
began = time.monotonic()
try:
    context.benchmark("train", "S", batch=8, reps=1000)
except KeyboardInterrupt:
    print("interrupted", time.monotonic() - began < 20)
print(context.benchmark("score", "XS", batch=2, reps=1)["tok_s"] > 0)
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.set_wakeup_fd(-1))
""")
        self.assertEqual(said, "interrupted True\nTrue\nTrue -1\n")

    def test_ctrl_c_stops_a_game_and_playing_on_gives_the_same_bits(self):
        said = self.runs(INTERRUPTED + """
game = pvgame.Game(small(base__steps=400))
stopped = 0
while game.progress.fraction < 1:
    timer = interrupt((0.02, 0.1, 0.25)[stopped] if stopped < 3 else 60)
    try:
        game.run()
        timer.cancel()
        timer.join()
    except KeyboardInterrupt:
        stopped += 1
print(stopped, str(game.report()) == str(pvgame.Game(small(base__steps=400)).run()))
""")
        self.assertIn(said, ("2 True\n", "3 True\n"))

    def test_ctrl_c_inside_of_a_hook(self):
        said = self.runs(INTERRUPTED + """
def answer(request):
    try:
        interrupt(0.1)
        time.sleep(30)
    except KeyboardInterrupt:
        print("inside")
        raise
verifier = pvgame.Verifier.host(answer)
try:
    verifier.score(["?"], ["a"])
except KeyboardInterrupt:
    print("outside")
verifier = pvgame.Verifier.host(lambda request: [1.0])
print(verifier.score(["?"], ["a"]))
""")
        self.assertEqual(said, "inside\noutside\narray('d', [1.0])\n")

    def test_no_interruption_is_lost_between_library_and_hook(self):
        said = self.runs(INTERRUPTED + """
ready = threading.Event()

def strike():
    for number in range(100):
        ready.wait()
        ready.clear()
        time.sleep(0.0003 * (number % 17))
        os.kill(os.getpid(), signal.SIGINT)

def answer(request):
    return [1.0] * len(request)

verifier = pvgame.Verifier.host(answer)
threading.Thread(target=strike, daemon=True).start()
hits = 0
while hits < 100:
    try:
        ready.set()
        while True:
            verifier.score(["?"], ["a"])
    except KeyboardInterrupt:
        hits += 1
print(hits)
""")
        self.assertEqual(said, "100\n")

    def test_the_echo_of_an_interruption_stops_nothing(self):
        self.runs("""
import threading, time
import pvgame
from pvgame import _interrupts
from support import small
context = pvgame.Context(threads=1)
whole = str(pvgame.Game(small(), context=context).run())

def echo():
    for _ in range(20):
        time.sleep(0.01)
        with _interrupts._lock:
            if _interrupts._armed is not None and _interrupts._armed.work:
                _interrupts._armed.work[-1][0]()
threading.Thread(target=echo, daemon=True).start()
assert str(pvgame.Game(small(), context=context).run()) == whole
""")

    def test_another_handler_is_called_and_cancels_nothing(self):
        said = self.runs(INTERRUPTED + """
seen = []
signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
interrupt(0.1)
report = pvgame.Game(small(base__steps=400)).run()
print(seen == [signal.SIGINT], len(report) > 0)
""")
        self.assertEqual(said, "True True\n")

    def test_asyncio_is_left_alone(self):
        said = self.runs(INTERRUPTED + """
import asyncio
async def main():
    interrupt(0.2)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, lambda: pvgame.Game(small()).run())
    await asyncio.sleep(30)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
""")
        self.assertEqual(said, "interrupted\n")


class Showing(Case):
    def test_a_function_is_told(self):
        told = []
        pvgame.Game(small()).run(progress=told.append)
        fractions = [progress.fraction for progress in told]
        self.assertEqual((fractions, fractions[-1]), (sorted(fractions), 1))

    def test_a_log_gets_a_line_for_every_stage(self):
        with mock.patch.object(sys, "stderr", io.StringIO()) as stream:
            pvgame.Game(small()).run(progress=True)
        self.assertIn("round 2/2", stream.getvalue())
        self.assertNotIn("\r", stream.getvalue())

    def test_a_terminal_gets_one_line(self):
        stream = io.StringIO()
        stream.isatty = lambda: True
        with mock.patch.object(sys, "stderr", stream), mock.patch.object(display, "EVERY", 0):
            pvgame.Game(small()).run(progress=True)
        self.assertNotIn("\n", stream.getvalue())
        self.assertGreater(stream.getvalue().count("\r"), 10)
        self.assertTrue(stream.getvalue().endswith("\r\x1b[K"))

    def test_a_notebook_gets_a_bar(self):
        shown = []

        class Handle:
            def update(self, thing):
                shown.append(thing._repr_html_())
        shell = types.SimpleNamespace(kernel=object())
        ipython = types.ModuleType("IPython")
        ipython.get_ipython = lambda: shell
        ipython.display = types.ModuleType("IPython.display")
        ipython.display.display = lambda thing, display_id: Handle()
        with mock.patch.dict(sys.modules, {"IPython": ipython, "IPython.display": ipython.display}), \
                mock.patch.object(display, "EVERY", 0):
            pvgame.Game(small()).run(progress=True)
        self.assertIn("<progress value='1.0000'", shown[-1])

    def test_pictures(self):
        try:
            import matplotlib
        except ImportError:
            self.skipTest("matplotlib is not installed")
        matplotlib.use("Agg")
        from pvgame import plots
        game = pvgame.Game(small())
        game.run()
        axes = plots.plot_rounds(game)
        self.assertIn("verifier_auc", [line.get_label() for line in axes.get_lines()])
        path = self.folder() / "table.png"
        plots.plot_table(game.report(), axes=plots._axes(None)).figure.savefig(path)
        self.assertGreater(path.stat().st_size, 1000)

    def test_pictures_need_matplotlib(self):
        from pvgame import plots
        with mock.patch.dict(sys.modules, {"matplotlib": None}), self.assertRaisesRegex(ImportError, "plots need matplotlib"):
            plots.plot_rounds([])


if __name__ == "__main__":
    unittest.main()
