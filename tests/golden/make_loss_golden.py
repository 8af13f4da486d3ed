#!/usr/bin/env python3
"""Losses of the learning steps, their gradients, and three updates of AdamW, computed by PyTorch in double precision from
the definitions in losses.h: writes losses_tiny.json. The decoder is make_golden.py's. Run it again only to change the
cases: python3 make_loss_golden.py > losses_tiny.json
"""
import json
import sys

import torch

import make_golden as golden

golden.SHAPE.update(vocab=13, layers=1, heads=2, kv_heads=1, hidden=6, rope_theta=100.0)
TOKENS = [[1, 4, 2, 8, 5], [7, 1, 4], [2, 8, 6, 3, 11, 9], [12, 10, 3], [0, 0, 9, 5, 12, 7]]
BEGIN = [2, 1, 3, 1, 2]
LABEL = [1, 0, 1, 0, 0]
PROBLEM = [7, 7, 7, 9, 7]
PROMPTS = [[9], [2, 8, 5], [12, 0], [3, 3, 3, 3], [1]]  # what the reference sees before each solution
ADVANTAGE = [1.2, -0.7, 0.4, -1.5, 0.9]
VERIFIERS = [("sum", "bradley_terry", 0.02, 0.0, False), ("sum", "cross_entropy", 0.05, 0.3, False),
             ("mean", "mean_square", 0.1, 0.0, False), ("mean", "bradley_terry", 0.0, 0.2, True),
             ("last", "cross_entropy", 0.01, 0.0, False), ("sum", "cross_entropy", 0.03, 0.5, True)]
POLICIES = [(0.2, 0.0, 0.0, False), (0.2, 0.3, 0.0, True), (0.5, 0.1, 0.2, True)]
UPDATES = {"rates": [0.01, 0.02, 0.02], "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-4, "weight_decay": 0.3, "clip": 0.5}


def log_rows(w, tokens, begin, head):
    """log softmax rows that predict the solution, and log p of its tokens."""
    rows = torch.log_softmax(golden.hidden(w, tokens)[begin - 1:-1] @ w[head].T, -1)
    return rows, rows.gather(1, torch.tensor(tokens[begin:]).unsqueeze(1)).squeeze(1)


def language_loss(w, head, chosen):
    picked = [log_rows(w, t, b, head)[1] for t, b, c in zip(TOKENS, BEGIN, chosen) if c]
    return -torch.cat(picked).mean()


def score(w, tokens, begin, kind, feature):
    part = (golden.hidden(w, tokens) @ w["score.weight"].T).squeeze(-1)[begin:]
    if kind != "last":
        part = part + w["score.bias"]
    if feature:
        part = part + w["logprob.weight"] * log_rows(w, tokens, begin, "model.embed_tokens.weight")[1].detach()
    return part[-1] if kind == "last" else part.sum() if kind == "sum" else part.mean()


def verifier_case(w, kind, loss, penalty, lm_weight, feature):
    v = torch.stack([score(w, t, b, kind, feature) for t, b in zip(TOKENS, BEGIN)])
    y = torch.tensor(LABEL, dtype=torch.float64)
    if loss == "cross_entropy":
        main = torch.nn.functional.binary_cross_entropy_with_logits(v, y)
    elif loss == "mean_square":
        main = ((torch.sigmoid(v) - y) ** 2).mean()
    else:
        pairs = [(a, b) for a in range(5) for b in range(5) if LABEL[a] > LABEL[b] and PROBLEM[a] == PROBLEM[b]]
        main = -torch.stack([torch.nn.functional.logsigmoid(v[a] - v[b]) for a, b in pairs]).mean()
    total = main + penalty * (v ** 2).mean()
    if lm_weight > 0:
        total = total + lm_weight * language_loss(w, "model.embed_tokens.weight", LABEL)
    return finish(w, {"step": "verifier", "head": kind, "kind": loss, "lambda": penalty, "lm_weight": lm_weight,
                      "feature": feature}, total)


def policy_case(w, reference, behaviour, clip, kl_weight, entropy_weight, tied):
    head = "model.embed_tokens.weight" if tied else "lm_head.weight"
    surrogate = kl = entropy = torch.zeros((), dtype=torch.float64)
    clipped, at = 0, 0
    for tokens, begin, prompt, advantage in zip(TOKENS, BEGIN, PROMPTS, ADVANTAGE):
        rows, chosen = log_rows(w, tokens, begin, head)
        other, _ = log_rows(reference, prompt + tokens[begin:], len(prompt), "model.embed_tokens.weight")
        ratio = (chosen - torch.tensor(behaviour[at + begin:at + len(tokens)], dtype=torch.float64)).exp()
        held = ratio.clamp(1 - clip, 1 + clip)
        surrogate = surrogate - torch.minimum(ratio * advantage, held * advantage).sum()
        clipped += int((held * advantage < ratio * advantage).sum())
        kl = kl + (rows.exp() * (rows - other.detach())).sum()
        entropy = entropy - (rows.exp() * rows).sum()
        at += len(tokens)
    targets = sum(len(t) - b for t, b in zip(TOKENS, BEGIN))
    total = (surrogate + kl_weight * kl - entropy_weight * entropy) / len(TOKENS)
    return finish(w, {"step": "policy", "clip": clip, "kl_weight": kl_weight, "entropy_weight": entropy_weight, "tied": tied,
                      "kl": kl.item() / len(TOKENS), "entropy": entropy.item() / targets, "clipped": clipped / targets}, total)


def finish(w, case, loss):
    for tensor in w.values():
        tensor.grad = None
    loss.backward()
    case["loss"] = loss.item()
    case["gradients"] = {k: golden.numbers(t.grad) for k, t in w.items() if t.grad is not None}
    return case


def updated(w):
    """Three steps of language modelling on a tied head."""
    w = {k: t.detach().clone().requires_grad_(True) for k, t in w.items()
         if k.startswith("model.")}
    decayed = [t for k, t in w.items() if "norm" not in k]
    kept = [t for k, t in w.items() if "norm" in k]
    adamw = torch.optim.AdamW([{"params": decayed, "weight_decay": UPDATES["weight_decay"]},
                               {"params": kept, "weight_decay": 0.0}], lr=1.0, eps=UPDATES["epsilon"],
                              betas=(UPDATES["beta1"], UPDATES["beta2"]))
    norms = []
    for rate in UPDATES["rates"]:
        for group in adamw.param_groups:
            group["lr"] = rate
        adamw.zero_grad()
        language_loss(w, "model.embed_tokens.weight", [1] * 5).backward()
        norms.append(torch.nn.utils.clip_grad_norm_(list(w.values()), UPDATES["clip"]).item())
        adamw.step()
    return dict(UPDATES, norms=norms, weights={k: golden.numbers(t) for k, t in w.items()})


def main():
    w = golden.make_weights()
    torch.manual_seed(99)
    reference = {k: (t.detach() + 0.3 * torch.randn(t.shape)).float().double() for k, t in w.items()}
    behaviour = (-2.5 - 0.9 * torch.randn(sum(map(len, TOKENS)))).tolist()
    cases = [finish(w, {"step": "language", "tied": tied},
                    language_loss(w, "model.embed_tokens.weight" if tied else "lm_head.weight", [1] * 5))
             for tied in (False, True)]
    cases += [verifier_case(w, *v) for v in VERIFIERS] + [policy_case(w, reference, behaviour, *p) for p in POLICIES]
    json.dump({"shape": golden.SHAPE, "tokens": TOKENS, "begin": BEGIN, "label": LABEL, "problem": PROBLEM, "prompts": PROMPTS,
               "advantage": ADVANTAGE, "behaviour": behaviour,
               "weights": {k: [float("%.9g" % x) for x in t.reshape(-1).tolist()] for k, t in w.items()},
               "reference": {k: [float("%.9g" % x) for x in t.reshape(-1).tolist()] for k, t in reference.items()},
               "cases": cases, "updated": updated(w)}, sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
