#!/usr/bin/env python3
"""Runs every code block of README.md and docs/*.md.

    check_blocks.py ROOT BUILD                 all of them
    check_blocks.py ROOT BUILD docs/cli.md     those of one file
    check_blocks.py --self-test

A block is fenced, ```c, ```cpp, ```python or ```sh, or indented by four spaces, which means sh. C and C++ are whole programs:
compiled without a warning, run, and ended with 0. The blocks of a file share an empty folder, in their order; it begins with the
data that the texts speak of: gsm8k/train.jsonl, model_solutions.jsonl, problems.jsonl. In it `pvgame` is the program that was
built, and games without a preset are played with `--preset tiny`. ```text, ```json and ```yaml are not code.

An HTML comment on the line before a block says otherwise, with the reason that the reader of the source sees:
    <!-- output -->                 what a command printed
    <!-- not code -->               something else
    <!-- not run: REASON -->        code that a test cannot run
    <!-- run as: COMMAND -->        another, shorter command in its place
    <!-- fails: REASON -->          a command that must fail"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

NOT_CODE = {"text", "json", "yaml", "jsonl", "cmake", "html", ""}
LIMIT = 120  # seconds a block


class Block:
    def __init__(self, path, line, language, text, note):
        self.path, self.line, self.language, self.text, self.note = path, line, language, text, note

    def name(self):
        return f"{self.path.name}:{self.line}"


def blocks(path, text):
    """The code blocks of a text, each with the comment before it."""
    lines = text.split("\n")
    note, at = "", 0
    while at < len(lines):
        line, start = lines[at], at + 1
        if found := re.match(r"\s*<!-- (.*?) -->\s*$", line):
            note, at = found[1], at + 1
            continue
        if line.startswith("```"):
            language, at, body = line[3:].strip(), at + 1, []
            while at < len(lines) and not lines[at].startswith("```"):
                body.append(lines[at])
                at += 1
            at += 1
        elif re.match(r"    \S", line) and (at == 0 or not lines[at - 1].strip() or note):
            language, body = "sh", []
            while at < len(lines) and (lines[at].startswith("    ") or not lines[at].strip()):
                body.append(lines[at][4:])
                at += 1
        else:
            if line.strip():
                note = ""
            at += 1
            continue
        yield Block(path, start, language, "\n".join(body).strip("\n") + "\n", note)
        note = ""


class Runner:
    def __init__(self, root, build, folder):
        self.root, self.build, self.folder = root, build, folder
        self.environment = dict(os.environ)

    def prepare(self):
        """The folder that a file's blocks share."""
        shutil.rmtree(self.folder, ignore_errors=True)
        binaries = self.folder / ".bin"
        (self.folder / "gsm8k").mkdir(parents=True)
        binaries.mkdir()
        problems = [{"question": f"Ann has {a} pens and buys {b} more. How many pens has she?",
                     "answer": f"She has {a} + {b} = <<{a}+{b}={a + b}>>{a + b} pens.\n#### {a + b}"}
                    for a in range(2, 22) for b in range(2, 12)]
        self.lines("gsm8k/train.jsonl", problems)
        self.lines("problems.jsonl", problems[:20])
        self.lines("model_solutions.jsonl", [
            {"question": p["question"], "solution": p["answer"] if i % 3 else p["answer"] + "0", "is_correct": i % 3 != 0,
             "answer": p["answer"], "ground_truth": p["answer"]} for i, p in enumerate(problems)])
        program = self.build / "examples/pvgame/pvgame"
        (binaries / "pvgame").write_text(
            f'#!/bin/sh\ncase "$1 $*" in *--help*|*--preset*|*--config*|*--dry-run*) ;; "train "*) set -- "$@" --preset tiny ;; esac\n'
            f'exec "{program}" "$@"\n')
        (binaries / "pvgame").chmod(0o755)
        self.environment.update(
            PATH=f"{binaries}:{os.environ['PATH']}", PYTHONPATH=str(self.root / "bindings/python"), PYTHONDONTWRITEBYTECODE="1",
            PVGAME_LIBRARY=str(self.build / "libpvgame.so"), MPLBACKEND="Agg", PVG_LIBRARY_DIR=str(self.build))

    def lines(self, name, rows):
        (self.folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))

    def call(self, command):
        try:
            done = subprocess.run(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return f"longer than {LIMIT} s"
        return None if done.returncode == 0 else f"status {done.returncode}\n{done.stdout[-3000:]}"

    def compiled(self, block):
        source = self.folder / f"block_{block.line}.{block.language}"
        source.write_text(block.text)
        program = source.with_suffix("")
        flags = ["-Wall", "-Wextra", "-Werror", f"-I{self.root}/include", f"-I{self.root}/bindings/cpp/include"]
        compiler = ["cc", "-std=c11"] if block.language == "c" else ["c++", "-std=c++17"]
        failure = self.call([*compiler, *flags, str(source), "-o", str(program), f"-L{self.build}", "-lpvgame", "-pthread",
                             f"-Wl,-rpath,{self.build}"])
        return failure or self.call([str(program)])

    def run(self, block):
        """None, or what went wrong."""
        kind, _, rest = block.note.partition(": ")
        if kind == "run as":
            return self.call(["bash", "-euc", rest])
        if block.language in ("c", "cpp"):
            return self.compiled(block)
        if block.language == "python":
            return self.call([sys.executable, "-c", block.text])
        if block.language in ("sh", "bash", "shell"):
            failure = self.call(["bash", "-euo", "pipefail", "-c", block.text])
            return failure if kind != "fails" else None if failure else "it was to fail, and does not"
        return f"no such language: {block.language}"


def wanted(block):
    if block.note in ("output", "not code"):
        return False
    if block.note.startswith("not run"):
        if not re.match(r"not run: \S", block.note):
            raise SystemExit(f"{block.name()}: say why it is not run")
        return False
    return block.language not in NOT_CODE


def main(root, build, *names):
    root, build = pathlib.Path(root).resolve(), pathlib.Path(build).resolve()
    paths = [root / name for name in names] or [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    failures, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(root, build, pathlib.Path(folder, "shared"))
        for path in paths:
            found = list(filter(wanted, blocks(path, path.read_text(encoding="utf-8"))))
            if found:
                runner.prepare()
            for block in found:
                count += 1
                if failure := runner.run(block):
                    failures.append(f"{block.name()}: {failure}\n---- block\n{block.text}----")
    print(*failures, f"{count} blocks run, {len(failures)} failed", sep="\n")
    return 1 if failures or not count else 0


def self_test():
    text = "Text\n\n    false\n\n```c\nint main(void) { return 3; }\n```\n<!-- not run: no -->\n```sh\nexit 1\n```\n<!-- fails: so -->\n\n    exit 1\n"
    found = list(blocks(pathlib.Path("x.md"), text))
    assert [b.language for b in found] == ["sh", "c", "sh", "sh"] and [b.line for b in found] == [3, 5, 9, 14], [b.line for b in found]
    assert [wanted(b) for b in found] == [True, True, False, True]
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(pathlib.Path("."), pathlib.Path("."), pathlib.Path(folder))
        assert runner.run(found[0]) and runner.run(found[3]) is None
    return 0


if __name__ == "__main__":
    sys.exit(self_test() if sys.argv[1] == "--self-test" else main(*sys.argv[1:]))
