#!/usr/bin/env python3
"""Any harness, by JSON lines with stable ids: questions out, its solutions in, verdicts and scores out.

    json_lines.py questions --preset tiny --count 100 > questions.jsonl          {"id", "question"}: no answers
    (the harness answers)                                                        {"id", "solution"}, more fields if it likes
    json_lines.py judge --preset tiny --count 100 < solutions.jsonl > judged.jsonl
                                                                                 its own fields, and "verdict", "extracted"
    json_lines.py judge --data test.jsonl --verifier run-1/models/round-2/verifier < solutions.jsonl
                                                                                 ... and "score"

Problems are those of --data (GSM8K's form, or as the data.* settings say), or built-in ones. An id is the file's own, or a
digest of the question: the same problem has the same id in every run."""
import argparse
import json
import sys

import pvgame


def problems_of(options):
    if options.data:
        return pvgame.Dataset.read(options.data, options.preset)
    return pvgame.Dataset.generate(options.count, options.preset)


def questions(options):
    for problem in problems_of(options):
        yield {"id": problem.id, "question": problem.question}


def read_solutions(lines, problems):
    for number, line in enumerate(lines, 1):
        try:
            solution = json.loads(line)
            solution["id"], solution["solution"].encode()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SystemExit(f"line {number}: an object with the texts id and solution is wanted: {error!r}") from None
        if solution["id"] not in problems:
            raise SystemExit(f"line {number}: no problem has the id {solution['id']!r}")
        yield solution


def judge(options):
    problems = {problem.id: problem for problem in problems_of(options)}
    grader = pvgame.Grader(options.preset)
    solutions = list(read_solutions(sys.stdin, problems))
    scores = [None] * len(solutions)
    if options.verifier:
        verifier = pvgame.Verifier(pvgame.Model(options.verifier), options.preset)
        scores = verifier.score([problems[one["id"]].question for one in solutions], [one["solution"] for one in solutions])
    for one, score in zip(solutions, scores):
        problem = problems[one["id"]]
        grade = grader.grade(problem.gold, one["solution"], truncated=bool(one.get("truncated")))
        judged = {**one, "verdict": grade.verdict.name.lower(), "extracted": grade.extracted}
        yield judged if score is None else {**judged, "score": score}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["questions", "judge"])
    parser.add_argument("--data", help="problems as JSON lines, plain or gzip; without it built-in ones")
    parser.add_argument("--count", type=int, default=100, help="built-in problems (default: 100)")
    parser.add_argument("--preset", default="demo", help="settings (default: demo)")
    parser.add_argument("--verifier", help="folder of a verifier that scores the solutions")
    options = parser.parse_args()
    try:
        for line in (questions if options.what == "questions" else judge)(options):
            print(json.dumps(line, ensure_ascii=False))
    except pvgame.Error as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
