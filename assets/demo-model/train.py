"""Trains the tokenizer and the model on the generated tickets and writes the GGUF.

Run generate_tickets.py first. Needs torch and numpy only; a checkpoint and the
torch answers for evaluate.mjs go to the work folder.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from gguf_writer import FILE_TYPES, Value, write_gguf
from instructions import Message, instruction_words, small_talk_chat, training_chat
from model import DemoModel, Shape
from ticket_grammar import Ticket
from tokenizer import SPECIAL_TOKENS, Tokenizer, learn_merges

FOLDER = Path(__file__).resolve().parent
IGNORED = -100
LANGUAGE_SHARE = 0.1
LANGUAGE_WEIGHT = 0.1
MAX_LENGTH = 1600
TOKEN_NORMAL, TOKEN_CONTROL, TOKEN_USER_DEFINED = 1, 3, 4
Sample = tuple[list[int], list[bool]]


def read_tickets(work: Path) -> list[Ticket]:
    lines = (work / "train-tickets.jsonl").read_text(encoding="utf-8").splitlines()
    return [Ticket(row["subject"], row["text"], row["label"], "") for row in map(json.loads, lines)]


def encode_chat(tokenizer: Tokenizer, messages: list[Message], rng: random.Random | None) -> Sample:
    """Token ids of a ChatML chat, and which of them the model must learn to say."""
    start, end = tokenizer.ids["<|im_start|>"], tokenizer.ids["<|im_end|>"]
    ids: list[int] = []
    spoken: list[bool] = []
    for message in messages:
        speaks = message["role"] == "assistant"
        head = [start, *tokenizer.encode(message["role"] + "\n")]
        content = tokenizer.encode(message["content"], 0.0 if speaks else 0.03, rng)
        ids += [*head, *content, end, *tokenizer.encode("\n")]
        spoken += [False] * len(head) + [speaks] * (len(content) + 1) + [False]
    return ids, spoken


def epoch_batches(tokenizer: Tokenizer, tickets: list[Ticket], rng: random.Random, tokens: int) -> list[list[Sample]]:
    """One pass over the tickets as new chats, in batches of similar length."""
    order = tickets[:]
    rng.shuffle(order)
    samples: list[Sample] = []
    while order:
        if rng.random() < 0.02:
            samples.append(encode_chat(tokenizer, small_talk_chat(rng), rng))
            continue
        turns = rng.choices((1, 2, 3, 5), (70, 15, 10, 5))[0]
        chosen = [order.pop() for _ in range(min(turns, len(order)))]
        ids, spoken = encode_chat(tokenizer, training_chat(chosen, rng), rng)
        if len(ids) <= MAX_LENGTH:
            samples.append((ids, spoken))
    samples.sort(key=lambda sample: len(sample[0]) * (0.9 + 0.2 * rng.random()))
    batches: list[list[Sample]] = [[]]
    longest = 0
    for sample in samples:
        longest = max(longest, len(sample[0]))
        if batches[-1] and longest * (len(batches[-1]) + 1) > tokens:
            batches.append([])
            longest = len(sample[0])
        batches[-1].append(sample)
    rng.shuffle(batches)
    return batches


def batch_loss(model: DemoModel, batch: list[Sample]) -> tuple[Tensor, Tensor]:
    """Answer loss and a light language-modelling loss on a share of the other positions."""
    length = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    spoken = torch.zeros(len(batch), length, dtype=torch.bool)
    real = torch.zeros(len(batch), length, dtype=torch.bool)
    for row, (tokens, flags) in enumerate(batch):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        spoken[row, : len(tokens)] = torch.tensor(flags)
        real[row, : len(tokens)] = True
    states = model.states(ids[:, :-1])
    target = ids[:, 1:]
    says = spoken[:, 1:]
    reads = real[:, 1:] & ~says & (torch.rand(target.shape) < LANGUAGE_SHARE)
    answer = functional.cross_entropy(model.logits(states[says]), target[says])
    language = functional.cross_entropy(model.logits(states[reads]), target[reads])
    return answer, language


def endless(tokenizer: Tokenizer, tickets: list[Ticket], rng: random.Random, tokens: int) -> Iterator[list[Sample]]:
    while True:
        yield from epoch_batches(tokenizer, tickets, rng, tokens)


def train(model: DemoModel, batches: Iterator[list[Sample]], steps: int, peak: float) -> None:
    """AdamW with warm-up and cosine decay to zero."""
    matrices = [p for p in model.parameters() if p.dim() == 2]
    norms = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": norms, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=peak, betas=(0.9, 0.98))
    began = time.monotonic()
    recent: list[tuple[float, float]] = []
    for step in range(steps):
        rate = peak * min(1.0, (step + 1) / 60) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in optimizer.param_groups:
            group["lr"] = rate
        answer, language = batch_loss(model, next(batches))
        optimizer.zero_grad(set_to_none=True)
        (answer + LANGUAGE_WEIGHT * language).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        recent.append((answer.item(), language.item()))
        if step % 25 == 24 or step == steps - 1:
            means = np.mean(recent, axis=0)
            print(f"step {step + 1}/{steps}: answer {means[0]:.4f} language {means[1]:.3f} "
                  f"{time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
            recent.clear()


def token_types(tokenizer: Tokenizer) -> list[int]:
    """Tool-call marks stay visible in the text, the other special tokens do not."""
    types = [TOKEN_NORMAL] * (len(tokenizer.tokens) - len(SPECIAL_TOKENS))
    return types + [TOKEN_USER_DEFINED if "tool_call" in token else TOKEN_CONTROL for token in SPECIAL_TOKENS]


def metadata(tokenizer: Tokenizer, shape: Shape, matrix_type: str) -> dict[str, Value]:
    """Everything llama.cpp needs besides the tensors."""
    ids = tokenizer.ids
    return {
        "general.architecture": "llama",
        "general.type": "model",
        "general.name": "Nightshift demo",
        "general.basename": "nightshift-demo",
        "general.version": "1",
        "general.size_label": "1M",
        "general.author": "Nightshift",
        "general.license": "mit",
        "general.description": "A tiny ticket sorter for trying and testing Nightshift only. It knows nothing else.",
        "general.languages": ["en"],
        "general.tags": ["text-generation", "demo", "test"],
        "general.file_type": FILE_TYPES[matrix_type],
        "general.quantization_version": 2,
        "llama.vocab_size": shape.vocabulary,
        "llama.context_length": shape.context,
        "llama.embedding_length": shape.width,
        "llama.block_count": shape.layers,
        "llama.feed_forward_length": shape.hidden,
        "llama.attention.head_count": shape.heads,
        "llama.attention.head_count_kv": shape.kv_heads,
        "llama.attention.layer_norm_rms_epsilon": shape.epsilon,
        "llama.rope.dimension_count": shape.head_width,
        "llama.rope.freq_base": shape.rope_base,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokenizer.tokens,
        "tokenizer.ggml.token_type": token_types(tokenizer),
        "tokenizer.ggml.merges": [f"{left} {right}" for left, right in tokenizer.merges],
        "tokenizer.ggml.bos_token_id": ids["<|endoftext|>"],
        "tokenizer.ggml.eos_token_id": ids["<|im_end|>"],
        "tokenizer.ggml.padding_token_id": ids["<|endoftext|>"],
        "tokenizer.ggml.fim_pre_token_id": ids["<|fim_prefix|>"],
        "tokenizer.ggml.fim_suf_token_id": ids["<|fim_suffix|>"],
        "tokenizer.ggml.fim_mid_token_id": ids["<|fim_middle|>"],
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.ggml.add_eos_token": False,
        "tokenizer.chat_template": (FOLDER / "chat_template.jinja").read_text(encoding="utf-8").rstrip("\n"),
    }


def export(model: DemoModel, tokenizer: Tokenizer, path: Path, matrix_type: str) -> None:
    """The parameters under llama.cpp's names; without output.weight it reuses the embedding."""
    tensors = {
        (name if name.endswith(".weight") else f"{name}.weight"): value.detach().numpy().astype(np.float32)
        for name, value in model.state_dict().items()
    }
    write_gguf(path, metadata(tokenizer, model.shape, matrix_type), tensors, matrix_type)
    print(f"{path.name}: {path.stat().st_size} bytes")


def write_reference(model: DemoModel, tokenizer: Tokenizer, path: Path, count: int) -> None:
    """Torch's tokens and greedy answers for the first held-out chats, for evaluate.mjs to compare."""
    rows: list[str] = []
    start, end = tokenizer.ids["<|im_start|>"], tokenizer.ids["<|im_end|>"]
    lines = (FOLDER / "heldout.jsonl").read_text(encoding="utf-8").splitlines()
    for index, line in enumerate(lines):
        request = json.loads(line)
        messages = request["body"]["messages"]
        ids, _ = encode_chat(tokenizer, messages, None)
        row = {"custom_id": request["custom_id"], "tokens": [tokenizer.encode(m["content"]) for m in messages]}
        if index < count:
            prompt = [*ids, start, *tokenizer.encode("assistant\n")]
            row["answer"] = tokenizer.decode(model.greedy(prompt, 24, end))
        rows.append(json.dumps(row))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def main() -> None:
    """Command line: the work folder of generate_tickets.py, the size of the run and the seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "nightshift-demo-model")
    parser.add_argument("--output", type=Path, default=FOLDER / "nightshift-demo.gguf")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--vocabulary", type=int, default=3072)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--matrix-type", choices=("F32", "F16", "Q8_0"), default="F32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    began = time.monotonic()
    tickets = read_tickets(options.work)
    texts = [ticket.message() for ticket in tickets[:15000]] + instruction_words() * 200
    tokenizer = Tokenizer(learn_merges(texts, options.vocabulary))
    print(f"tokenizer: {len(tokenizer.tokens)} tokens, {time.monotonic() - began:.0f} s", flush=True)
    model = DemoModel(Shape(vocabulary=len(tokenizer.tokens), layers=options.layers))
    print(f"model: {sum(parameter.numel() for parameter in model.parameters())} parameters", flush=True)
    train(model, endless(tokenizer, tickets, random.Random(options.seed), options.batch_tokens), options.steps,
          options.rate)  # fmt: skip
    export(model, tokenizer, options.output, options.matrix_type)
    write_reference(model, tokenizer, options.work / "torch-reference.jsonl", 50)
    print(f"done in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
