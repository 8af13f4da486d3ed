#!/usr/bin/env python3
"""What Python adds to scoring 10,000 solutions: the same work in C (bench_score) and through the package, in turns.

    ninja -C build/release bench_score
    PYTHONPATH=bindings/python python3 tests/bench/score_bench.py build/release/tests/bench_score [PRESET] [ROUNDS]

Processor time of one thread each, on the same library: other work on the machine disturbs it least. Prints the smallest of each
and the medians."""
import os
import statistics
import subprocess
import sys
import time

REPETITIONS = 3


def in_c(program, preset, library):
    lines = subprocess.run([program, preset, str(REPETITIONS)], check=True, capture_output=True, text=True,
                           env={**os.environ, "LD_LIBRARY_PATH": os.path.dirname(library)}).stdout.split("\n")
    return [float(line.split()[0]) for line in lines if line], float(lines[0].split()[1])


def prepared(preset):
    import pvgame
    context = pvgame.Context(threads=1)
    problems = pvgame.Dataset.generate(10000, preset, context=context)
    settings = pvgame.Settings(preset, context=context)
    model = pvgame.Model.create(pvgame.Tokenizer.train(problems, settings), settings, "verifier")
    return pvgame.Verifier(model, settings), [one.question for one in problems], [one.solution for one in problems]


def in_python(verifier, questions, solutions):
    times = []
    for _ in range(REPETITIONS):
        begin = time.process_time()
        scores = verifier.score(questions, solutions)
        times.append(time.process_time() - begin)
    return times, scores[-1]


def main(program, preset="demo", rounds="5"):
    from pvgame import _library
    work = prepared(preset)
    of_c, of_python = [], []
    for _ in range(int(rounds)):
        times, c_score = in_c(program, preset, os.path.abspath(_library.path))
        of_c += times
        times, python_score = in_python(*work)
        of_python += times
        assert c_score == python_score, (c_score, python_score)
    for name, times in (("C", of_c), ("Python", of_python)):
        print(f"{name:7} least {min(times):.3f} s, median {statistics.median(times):.3f} s of {len(times)}")
    print(f"Python takes {100 * (min(of_python) / min(of_c) - 1):+.2f} % by the least, "
          f"{100 * (statistics.median(of_python) / statistics.median(of_c) - 1):+.2f} % by the median")


if __name__ == "__main__":
    main(*sys.argv[1:])
