#!/usr/bin/env python3
"""Writes the model directories that test_model_file.c opens, byte by byte from the definition of the formats: a prover
in two shards of BF16, F16, F64 and F32 tensors (the numbers converted by PyTorch), with what else Hugging Face's files
hold. Run it again only to change the case: python3 make_model_files.py
"""
import json
import pathlib
import struct

import torch

HERE = pathlib.Path(__file__).parent / "llama_shards"
VOCAB, WIDTH, HIDDEN = 264, 8, 6
TYPES = {"BF16": torch.bfloat16, "F16": torch.float16, "F64": torch.float64, "F32": torch.float32}


def tensors():
    yield "model.embed_tokens.weight", (VOCAB, WIDTH), "F16"
    at = "model.layers.0."
    yield at + "input_layernorm.weight", (WIDTH,), "F32"
    yield at + "self_attn.q_proj.weight", (8, WIDTH), "BF16"
    yield at + "self_attn.k_proj.weight", (4, WIDTH), "F64"
    yield at + "self_attn.v_proj.weight", (4, WIDTH), "F16"
    yield at + "self_attn.o_proj.weight", (WIDTH, 8), "BF16"
    yield at + "self_attn.rotary_emb.inv_freq", (2,), "F32"
    yield at + "post_attention_layernorm.weight", (WIDTH,), "BF16"
    yield at + "mlp.gate_proj.weight", (HIDDEN, WIDTH), "F64"
    yield at + "mlp.up_proj.weight", (HIDDEN, WIDTH), "F32"
    yield at + "mlp.down_proj.weight", (WIDTH, HIDDEN), "BF16"
    yield "model.norm.weight", (WIDTH,), "F64"
    yield "lm_head.weight", (VOCAB, WIDTH), "BF16"


def awkward(size):
    """Numbers over the whole range of half precision, its subnormal ones and both zeros among them."""
    x = torch.randn(size, dtype=torch.float64) * 2.0 ** torch.randint(-26, 14, size).double()
    x.view(-1)[0], x.view(-1)[1] = 0.0, -0.0
    return x


def raw(tensor):
    tensor = tensor.contiguous().reshape(-1)
    bits = {2: (torch.int16, "<%dh"), 4: (torch.int32, "<%di"), 8: (torch.int64, "<%dq")}[tensor.element_size()]
    values = tensor.view(bits[0]).tolist()
    return struct.pack(bits[1] % len(values), *values)


def write_shard(path, names, made):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name in names:
        body = raw(made[name][1])
        header[name] = {"dtype": made[name][0], "shape": list(made[name][1].shape),
                        "data_offsets": [len(data), len(data) + len(body)]}
        data += body
    text = json.dumps(header).encode()
    text += b" " * 3  # neither the header nor the arrays need to be aligned
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def byte_alphabet():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in printable]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(len(rest))]


def tokenizer():
    specials = ["<|begin|>", "<|stop|>", "</s>"]
    vocab = {c: i for i, c in enumerate(byte_alphabet())}
    added = [{"id": 256 + i, "content": s, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
              "special": True} for i, s in enumerate(specials)]
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            "post_processor": None, "decoder": {"type": "ByteLevel"},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "vocab": vocab, "merges": []}}


def main():
    torch.manual_seed(4)
    HERE.mkdir(exist_ok=True)
    made = {name: (kind, awkward(size).to(TYPES[kind])) for name, size, kind in tensors()}
    names = list(made)
    shards = {"model-00001-of-00002.safetensors": names[5:], "model-00002-of-00002.safetensors": names[:5]}
    for file, members in shards.items():
        write_shard(HERE / file, members, made)
    index = {"metadata": {"total_size": 0}, "weight_map": {n: f for f, members in shards.items() for n in members}}
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": VOCAB, "hidden_size": WIDTH,
              "intermediate_size": HIDDEN, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
              "head_dim": 4, "max_position_embeddings": 32, "rms_norm_eps": 1e-06, "hidden_act": "silu",
              "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}, "attention_bias": False,
              "eos_token_id": 258, "torch_dtype": "bfloat16", "initializer_range": 0.02}
    wanted = {n: [b & 0xffffffff for b in t.float().reshape(-1).view(torch.int32).tolist()] for n, (_, t) in made.items()}
    for file, value in (("model.safetensors.index.json", index), ("config.json", config), ("tokenizer.json", tokenizer()),
                        ("generation_config.json", {"eos_token_id": [257, 256]}), ("expected_bits.json", wanted)):
        (HERE / file).write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
