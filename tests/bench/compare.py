#!/usr/bin/env python3
"""pvgame's benchmarks and PyTorch's beside each other, on one core, in turn: a table in Markdown.

    tests/bench/compare.py build/examples/pvgame/pvgame --torch DIR [--sizes S,M,L] [--reps 5] [--rounds 1] [--cpu 0]

DIR holds run_torch.sh, which takes train|generate|score --size S|M|L and prints one line of JSON with tok_s, or
decode_tok_s and total_tok_s, and params. Without --torch, or where /usr/bin/python3 cannot import torch, ours is alone.
Each cell's programs run one after the other, --rounds times, and the median round counts. Ratios are ours to theirs."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

# name, pvgame's arguments, the peer's arguments, which figures
CELLS = [("training", ["train"], ["train"], ["tok_s"]),
         ("sampling, 64 sequences", ["generate"], ["generate", "--attn", "matmul"], ["decode_tok_s", "total_tok_s"]),
         ("sampling, 1 sequence", ["generate", "--batch", "1"], ["generate", "--attn", "matmul", "--batch", "1"], ["decode_tok_s"]),
         ("scoring", ["score"], ["score", "--micro", "4"], ["tok_s"])]
LABELS = {"tok_s": "", "decode_tok_s": ": new tokens", "total_tok_s": ": with the prompts"}
PEER_TRAIN_BATCH = {"S": "16", "M": "16", "L": "4"}


def measured(command, cpu, environment=None):
    """The JSON that the command printed last, with the most memory it held in MiB, or None when it failed."""
    child = subprocess.Popen(["taskset", "-c", str(cpu), *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env={**os.environ, **(environment or {})})
    out, complaint = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        print(f"{' '.join(command)}: exit {child.returncode}: {complaint.strip()[-300:]}", file=sys.stderr)
        return None
    return {**json.loads(out.strip().splitlines()[-1]), "mib": usage.ru_maxrss / 1024}


def peer_arguments(arguments, size):
    extra = ["--batch", PEER_TRAIN_BATCH[size]] if arguments[0] == "train" else []
    if arguments[0] == "score" and size == "L":
        extra = ["--batch", "40"]
    return [*arguments, "--size", size, *extra]


def measure_cell(options, arguments, peer, size):
    """Rounds of (ours, theirs); theirs is None where there is no peer."""
    rounds = []
    for _ in range(options.rounds):
        ours = measured([options.program, "bench", *arguments, "--size", size, "--threads", "1", "--reps", str(options.reps),
                         "--quiet", "--json"], options.cpu)
        theirs = None
        if options.torch:
            theirs = measured([str(options.torch / "run_torch.sh"), *peer_arguments(peer, size), "--reps", str(options.reps)],
                              options.cpu, {"THREADS": "1"})
        if ours is None:
            sys.exit(1)
        rounds.append((ours, theirs))
    return rounds


def middle(rounds, side, name):
    values = [one[side][name] for one in rounds if one[side] is not None]
    return statistics.median(values) if values else None


def rows(label, size, figures, rounds):
    memory = [middle(rounds, side, "mib") for side in (0, 1)]
    for figure in figures:
        ours, theirs = (middle(rounds, side, figure) for side in (0, 1))
        ratios = [one[0][figure] / one[1][figure] for one in rounds if one[1] is not None]
        ratio = f"{statistics.median(ratios):.2f}" if ratios else "-"
        share = f"{100 * middle(rounds, 0, 'peak_share'):.0f} %" if figure != "total_tok_s" else ""
        yield (f"| {label}{LABELS[figure]} | {size} | {ours:.0f} | {'-' if theirs is None else format(theirs, '.0f')} | {ratio} | {share} | "
               f"{memory[0]:.0f} | {'-' if memory[1] is None else format(memory[1], '.0f')} | "
               f"{middle(rounds, 0, 'spread') * 100:.0f} % |")


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown processor"
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return f"{fields.get('model name', 'unknown processor')}, family {fields.get('cpu family')} model {fields.get('model')}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--torch", type=pathlib.Path)
    parser.add_argument("--sizes", default="S,M,L")
    parser.add_argument("--only", help="cells whose name contains this")
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--cpu", type=int, default=0)
    options = parser.parse_args()
    if options.torch and subprocess.run(["/usr/bin/python3", "-c", "import torch"], capture_output=True, check=False).returncode != 0:
        print("/usr/bin/python3 has no torch: ours alone", file=sys.stderr)
        options.torch = None
    print(f"{processor()}; {os.cpu_count()} processors; {time.strftime('%Y-%m-%d')}; load at the start {os.getloadavg()[0]:.1f}\n")
    print("| one core | size | ours, tokens/s | torch | ratio | of the peak | ours, MiB | torch, MiB | spread |\n|---|---|---|---|---|---|---|---|---|")
    for size in options.sizes.split(","):
        for label, arguments, peer, figures in CELLS:
            if options.only and options.only not in label:
                continue
            for row in rows(label, size, figures, measure_cell(options, arguments, peer, size)):
                print(row, flush=True)
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
