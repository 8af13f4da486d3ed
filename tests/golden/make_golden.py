#!/usr/bin/env python3
"""Logits, losses and gradients of a tiny Llama, computed by PyTorch in double precision: writes llama_tiny.json.

The architecture is written down here from its definition, with the conventions of Hugging Face's LlamaForCausalLM
(rotate_half, weights [out][in], grouped heads repeated in place), and autograd makes the gradients. Run it again only
to change the case: python3 make_golden.py > llama_tiny.json
"""
import json
import math
import sys

import torch

SHAPE = {"vocab": 19, "width": 8, "layers": 2, "heads": 4, "kv_heads": 2, "head_dim": 4, "hidden": 12, "context": 16,
         "rope_theta": 500.0, "norm_eps": 1e-5}
TOKENS = [[3, 1, 4, 1, 5, 9, 2, 6], [18, 0, 7, 7], [11, 12, 3, 14, 15, 16, 17, 0, 1, 2, 3, 4, 5]]
BEGIN = [3, 1, 6]
COEFFICIENT = [0.7, -1.3, 0.45]  # d loss / d score
LOGPROB_SCALE = -0.11            # the log-probability feature gets LOGPROB_SCALE * (index of the token + 1)


def tensors(shape):
    w, d = shape["width"], shape["head_dim"]
    yield "model.embed_tokens.weight", (shape["vocab"], w), 0.5
    for i in range(shape["layers"]):
        at = f"model.layers.{i}."
        yield at + "input_layernorm.weight", (w,), 0
        yield at + "self_attn.q_proj.weight", (shape["heads"] * d, w), 0.6
        yield at + "self_attn.k_proj.weight", (shape["kv_heads"] * d, w), 0.6
        yield at + "self_attn.v_proj.weight", (shape["kv_heads"] * d, w), 0.4
        yield at + "self_attn.o_proj.weight", (w, shape["heads"] * d), 0.3
        yield at + "post_attention_layernorm.weight", (w,), 0
        yield at + "mlp.gate_proj.weight", (shape["hidden"], w), 0.5
        yield at + "mlp.up_proj.weight", (shape["hidden"], w), 0.5
        yield at + "mlp.down_proj.weight", (w, shape["hidden"]), 0.3
    yield "model.norm.weight", (w,), 0
    yield "lm_head.weight", (shape["vocab"], w), 0.4
    yield "score.weight", (1, w), 0.5
    yield "score.bias", (1,), 0.3
    yield "logprob.weight", (1,), 0.3


def make_weights():
    torch.manual_seed(20241)
    made = {}
    for name, size, deviation in tensors(SHAPE):
        noise = torch.randn(size, dtype=torch.float32)
        made[name] = (deviation * noise if deviation else 1 + 0.2 * noise).double().requires_grad_(True)
    return made


def rms_norm(x, weight):
    return weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + SHAPE["norm_eps"]))


def rotate_half(x):
    half = x.shape[-1] // 2
    return torch.cat((-x[..., half:], x[..., :half]), dim=-1)


def rotary(length):
    d = SHAPE["head_dim"]
    frequency = 1.0 / (SHAPE["rope_theta"] ** (torch.arange(0, d, 2, dtype=torch.float64) / d))
    angle = torch.outer(torch.arange(length, dtype=torch.float64), frequency)
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos(), angle.sin()


def attention(w, at, x):
    length, d, heads, kv = x.shape[0], SHAPE["head_dim"], SHAPE["heads"], SHAPE["kv_heads"]
    q = (x @ w[at + "q_proj.weight"].T).view(length, heads, d).transpose(0, 1)
    k = (x @ w[at + "k_proj.weight"].T).view(length, kv, d).transpose(0, 1)
    v = (x @ w[at + "v_proj.weight"].T).view(length, kv, d).transpose(0, 1)
    cos, sin = rotary(length)
    q, k = q * cos + rotate_half(q) * sin, k * cos + rotate_half(k) * sin
    k, v = k.repeat_interleave(heads // kv, 0), v.repeat_interleave(heads // kv, 0)
    score = q @ k.transpose(1, 2) / math.sqrt(d)
    score = score.masked_fill(torch.ones(length, length).triu(1).bool(), -math.inf)
    mixed = torch.softmax(score, -1) @ v
    return mixed.transpose(0, 1).reshape(length, heads * d) @ w[at + "o_proj.weight"].T


def hidden(w, tokens):
    x = w["model.embed_tokens.weight"][torch.tensor(tokens)]
    for i in range(SHAPE["layers"]):
        at = f"model.layers.{i}."
        x = x + attention(w, at + "self_attn.", rms_norm(x, w[at + "input_layernorm.weight"]))
        y = rms_norm(x, w[at + "post_attention_layernorm.weight"])
        gate = torch.nn.functional.silu(y @ w[at + "mlp.gate_proj.weight"].T)
        x = x + (gate * (y @ w[at + "mlp.up_proj.weight"].T)) @ w[at + "mlp.down_proj.weight"].T
    return rms_norm(x, w["model.norm.weight"])


def lm_case(w, name, head):
    loss, logits = 0, []
    for tokens, begin in zip(TOKENS, BEGIN):
        row = hidden(w, tokens) @ w[head].T
        logits.append(row)
        loss = loss + torch.nn.functional.cross_entropy(row[begin - 1:-1], torch.tensor(tokens[begin:]), reduction="sum")
    return finish(w, name, loss / sum(len(t) - b for t, b in zip(TOKENS, BEGIN)), "logits", torch.cat(logits))


def score_case(w, kind, feature):
    scores = []
    for tokens, begin in zip(TOKENS, BEGIN):
        h = hidden(w, tokens)
        part = (h @ w["score.weight"].T).squeeze(-1)
        if kind != "last":  # LlamaForSequenceClassification's head has no bias, LlamaForTokenClassification's has
            part = part + w["score.bias"]
        if feature:
            part = part + w["logprob.weight"] * LOGPROB_SCALE * torch.arange(1, len(tokens) + 1, dtype=torch.float64)
        scores.append(part[-1] if kind == "last" else part[begin:].sum() if kind == "sum" else part[begin:].mean())
    scores = torch.stack(scores)
    name = kind + ("_logprob" if feature else "")
    return finish(w, name, (scores * torch.tensor(COEFFICIENT, dtype=torch.float64)).sum(), "scores", scores)


def numbers(tensor):
    return [float("%.8g" % x) for x in tensor.detach().reshape(-1).tolist()]


def finish(w, name, loss, what, values):
    for tensor in w.values():
        tensor.grad = None
    loss.backward()
    gradients = {key: numbers(tensor.grad) for key, tensor in w.items() if tensor.grad is not None}
    return {"name": name, "loss": float("%.12g" % loss.item()), what: numbers(values), "gradients": gradients}


def main():
    w = make_weights()
    cases = [lm_case(w, "lm_untied", "lm_head.weight"), lm_case(w, "lm_tied", "model.embed_tokens.weight"),
             score_case(w, "sum", False), score_case(w, "mean", True), score_case(w, "last", False)]
    json.dump({"shape": SHAPE, "tokens": TOKENS, "begin": BEGIN, "coefficient": COEFFICIENT,
               "logprob_scale": LOGPROB_SCALE, "weights": {k: [float("%.9g" % x) for x in v.reshape(-1).tolist()]
                                                           for k, v in w.items()}, "cases": cases},
              sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
