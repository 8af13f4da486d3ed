"""Run directories made by hand for the tests of `pvgame report`, some of them hostile, and what is in a page."""
import gzip
import json
import os
import re
from html.parser import HTMLParser

from support import path

# What a model, a data file or a name may hold to become more than a text.
HOSTILE = [
    "</script><script>document.title='pwned'</script>", "<!--<script>", "--><img src=x onerror=\"document.title='pwned'\">",
    "<svg/onload=document.title='pwned'>", "\" onmouseover=\"document.title='pwned'", "javascript:document.title='pwned'",
    "]]><![CDATA[", "&lt;b&gt;&#60;", "${document.title='pwned'}", "{{7*7}}", "\u202egnitirw thgir-ot-tfel\u202c \u2066x\u2069",
    "a\u0000b\u0001\u001b[31mred\u0085", "\u2028var x\u2029", "zero\u200bwidth\ufeff \U000e0041tag", "𝔘𝔫𝔦 ☃ Ω", "__proto__", "constructor", "",
]


def report_of(rounds, value=0.5):
    metrics = {"helpful_accuracy": value, "helpful_accuracy_low": value - 0.05, "helpful_accuracy_high": value + 0.05,
               "verifier_auc": value, "verifier_auc_low": value - 0.05, "verifier_auc_high": value + 0.05, "steps_to_fool": None,
               "prover_steps": 12, "control_auc_result": 0.5, "control_auc_operand": 0.6, "helpful_fully_shown": 0.9,
               "best_of_1": 0.5, "best_of_2": 0.6, "best_of_16": 0.7}
    return {"summary": {"metrics": {"base_accuracy": 0.3, "base_accuracy_low": 0.25, "base_accuracy_high": 0.35, "base_fully_shown": 0.8},
                        "tables": {"auc": [[0.5] * rounds for _ in range(rounds + 1)]}},
            "rounds": [{"metrics": dict(metrics, helpful_accuracy=value + 0.1 * r), "tables": {}} for r in range(rounds)]}


def sample_of(i, **more):
    return {"stage": "test", "round": i % 3, "step": 1, "id": f"problem-{i // 6}", "role": ["helpful", "sneaky"][i % 2],
            "verdict": "correct", "score": i / 10, "reward": None, "tokens": 9, "greedy": False, "question": "How many?",
            "solution": "3 + 4 = 7\n#### 7", "gold": "7", **more}


def make_run(name, samples=(), report=None, metrics=(), **files):
    """A run directory; `samples` are objects, or bytes to be taken as they are. Others: name.json from an object."""
    run = path(name)
    os.makedirs(run)
    with gzip.open(os.path.join(run, "samples.jsonl.gz"), "wb") as file:
        for line in samples:
            file.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
    with open(os.path.join(run, "metrics.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in metrics)
    if report is not None:
        files["report"] = report
    for file_name, content in files.items():
        with open(os.path.join(run, file_name + ".json"), "w", encoding="utf-8") as file:
            json.dump(content, file)
    return run


def hostile_run(name="<img src=x onerror=document.title='pwned'>"):
    """Every text that reaches the page is hostile, keys of objects included; some lines are no UTF-8, some no JSON."""
    texts = HOSTILE
    samples = [sample_of(i, **{field: texts[(i + shift) % len(texts)] for shift, field in
                               enumerate(("id", "question", "solution", "gold", "role", "verdict", "stage"))}) for i in range(3 * len(texts))]
    samples += [sample_of(i, solution=text, score=9 + i) for i, text in enumerate(texts)]
    samples += [json.dumps(sample_of(0, solution="raw BYTES", score=99)).encode().replace(b"BYTES", b"\xff\xfe\xc0\xaf\xed\xa0\x80") + b"\n",
                b"{\"solution\": \"cut sho", b"\n", b"[]\n", b"null\n"]
    named = {text.replace("\0", ""): 0.5 for text in texts}
    report = report_of(3)
    report["summary"]["tables"].update({key: [[0.1, 0.9]] for key in named})
    report["rounds"][1]["metrics"].update(named)
    report["rounds"][1]["labels"] = {key: {"rows": [key], "columns": [key, key]} for key in named}
    report["rounds"][1]["tables"] = {key: [[0.1, 0.9]] for key in named}
    curves = [{"stage": text or "x", "round": r, "step": s, text.replace("\0", "") or "y": s / 3} for text in texts for r in range(2) for s in range(3)]
    attack = {key: {"metrics": {key + "steps_to_exploit": None, **named}, "tables": {key + "_curve": [[0, 1, 2]] * 4}} for key in named}
    return make_run(name, samples, report, curves, attack=attack, environment={"engine": texts[0], "processor": texts[1], "features": texts[2], "threads": 1},
                    data={"source": texts[3], "problems": 1, "digest": texts[4]})


class Page(HTMLParser):
    """Elements, attributes and texts of a page."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.handlers, self.text, self.scripts, self.html = [], [], [], [], html
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag == "script":
            self.scripts.append(dict(attrs))

    def handle_data(self, data):
        (self.text if self.cdata_elem is None else self.scripts[-1].setdefault("texts", []) if self.cdata_elem == "script" else []).append(data)

    @property
    def data_text(self):
        return re.search(r'<script id="data" type="application/json">(.*?)</script>', self.html, re.S).group(1)

    @property
    def data(self):
        return json.loads(self.data_text)


def read_page(file):
    with open(file, encoding="utf-8") as page:
        return Page(page.read())
