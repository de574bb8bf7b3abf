"""A small llama-architecture transformer, computed the way llama.cpp computes it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    """The sizes of the network; heads of 64 so that every GPU backend has a fast kernel."""

    vocabulary: int
    width: int = 128
    layers: int = 2
    heads: int = 2
    kv_heads: int = 1
    hidden: int = 384
    context: int = 2048
    rope_base: float = 10000.0
    epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads


class RootMeanSquare(nn.Module):
    """RMSNorm with a weight."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape.width))
        self.epsilon = shape.epsilon

    def forward(self, value: Tensor) -> Tensor:
        return value * torch.rsqrt(value.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotary_table(shape: Shape) -> tuple[Tensor, Tensor]:
    """Cosines and sines for every position and pair."""
    frequency = shape.rope_base ** (-torch.arange(0, shape.head_width, 2).float() / shape.head_width)
    angle = torch.outer(torch.arange(shape.context).float(), frequency)
    return angle.cos(), angle.sin()


def rotate(value: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotates neighbouring pairs (0,1), (2,3), ...: llama.cpp's "normal" rope, so no permutation on export."""
    even, odd = value[..., 0::2], value[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


class Block(nn.Module):
    """Attention with shared key/value heads, then SwiGLU."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        kv_width = shape.kv_heads * shape.head_width
        self.attn_norm = RootMeanSquare(shape)
        self.attn_q = nn.Linear(shape.width, shape.width, bias=False)
        self.attn_k = nn.Linear(shape.width, kv_width, bias=False)
        self.attn_v = nn.Linear(shape.width, kv_width, bias=False)
        self.attn_output = nn.Linear(shape.width, shape.width, bias=False)
        self.ffn_norm = RootMeanSquare(shape)
        self.ffn_gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.ffn_down = nn.Linear(shape.hidden, shape.width, bias=False)

    def attention(self, value: Tensor, cosine: Tensor, sine: Tensor, mask: Tensor) -> Tensor:
        batch, length, _ = value.shape
        shape = self.shape
        query = self.attn_q(value).view(batch, length, shape.heads, -1).transpose(1, 2)
        key = self.attn_k(value).view(batch, length, shape.kv_heads, -1).transpose(1, 2)
        content = self.attn_v(value).view(batch, length, shape.kv_heads, -1).transpose(1, 2)
        query, key = rotate(query, cosine, sine), rotate(key, cosine, sine)
        repeats = shape.heads // shape.kv_heads
        key, content = key.repeat_interleave(repeats, 1), content.repeat_interleave(repeats, 1)
        score = query @ key.transpose(-1, -2) * shape.head_width**-0.5 + mask
        mixed = score.softmax(-1) @ content
        return self.attn_output(mixed.transpose(1, 2).reshape(batch, length, shape.width))

    def forward(self, value: Tensor, cosine: Tensor, sine: Tensor, mask: Tensor) -> Tensor:
        value = value + self.attention(self.attn_norm(value), cosine, sine, mask)
        inner = self.ffn_norm(value)
        return value + self.ffn_down(functional.silu(self.ffn_gate(inner)) * self.ffn_up(inner))


class DemoModel(nn.Module):
    """Decoder-only transformer; the embedding is also the output matrix."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = RootMeanSquare(shape)
        self.cosine, self.sine = rotary_table(shape)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.04)

    def states(self, ids: Tensor) -> Tensor:
        """Final states for a batch of token ids padded on the right."""
        length = ids.shape[1]
        mask = torch.full((length, length), float("-inf")).triu(1)
        value = self.token_embd(ids)
        for block in self.blk:
            value = block(value, self.cosine[:length], self.sine[:length], mask)
        return self.output_norm(value)

    def logits(self, states: Tensor) -> Tensor:
        return states @ self.token_embd.weight.t()

    @torch.no_grad()
    def greedy(self, ids: list[int], limit: int, end: int) -> list[int]:
        """The greedy continuation up to the end token; plain and slow, for checks."""
        answer: list[int] = []
        for _ in range(limit):
            state = self.states(torch.tensor([ids + answer]))[0, -1]
            token = int(self.logits(state).argmax())
            if token == end:
                break
            answer.append(token)
        return answer
