"""A byte-level BPE tokenizer: trained here, read by llama.cpp as "gpt2" / "qwen2".

The pre-tokenizer repeats llama.cpp's QWEN2 expression, so that both sides cut a
text into the same tokens (evaluate.mjs compares them).
"""

from __future__ import annotations

import random
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<tool_call>",
    "</tool_call>",
)


def category_class(letter: str) -> str:
    """A character class for one Unicode main category; `re` has no \\p{L}."""
    spans: list[str] = []
    start = -1
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(letter)
        if inside and start < 0:
            start = code
        elif not inside and start >= 0:
            spans.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = -1
    return "".join(spans)


def pre_tokenizer() -> re.Pattern[str]:
    """llama.cpp's LLAMA_VOCAB_PRE_TYPE_QWEN2 expression."""
    letters, numbers = category_class("L"), category_class("N")
    return re.compile(
        r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]"
        rf"|[^\r\n{letters}{numbers}]?[{letters}]+"
        rf"|[{numbers}]"
        rf"| ?[^\s{letters}{numbers}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )


def byte_characters() -> list[str]:
    """GPT-2's printable stand-in for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(spare)) for byte in range(256)]


class Tokenizer:
    """Byte-level BPE with a fixed vocabulary order: bytes, merges, special tokens."""

    def __init__(self, merges: list[tuple[str, str]]) -> None:
        self.merges = merges
        self.bytes = byte_characters()
        self.tokens = [*self.bytes, *(left + right for left, right in merges), *SPECIAL_TOKENS]
        self.ids = {token: index for index, token in enumerate(self.tokens)}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.pattern = pre_tokenizer()
        self.cache: dict[str, list[int]] = {}

    def words(self, text: str) -> list[str]:
        """The text cut by the pre-tokenizer, in byte characters."""
        return ["".join(self.bytes[byte] for byte in word.encode()) for word in self.pattern.findall(text)]

    def encode_word(self, word: str, rng: random.Random | None = None) -> list[int]:
        """Merges one word; with a generator, some merges are skipped (BPE dropout)."""
        parts = list(word)
        while len(parts) > 1:
            pairs = [
                (self.ranks[pair], index)
                for index, pair in enumerate(zip(parts, parts[1:]))
                if pair in self.ranks and (rng is None or rng.random() > 0.3)
            ]
            if not pairs:
                break
            index = min(pairs)[1]
            parts[index : index + 2] = [parts[index] + parts[index + 1]]
        return [self.ids[part] for part in parts]

    def encode(self, text: str, dropout: float = 0.0, rng: random.Random | None = None) -> list[int]:
        """Token ids of plain text; `dropout` is the share of words cut unusually."""
        result: list[int] = []
        for word in self.words(text):
            if rng is not None and rng.random() < dropout:
                result.extend(self.encode_word(word, rng))
                continue
            if word not in self.cache:
                self.cache[word] = self.encode_word(word)
            result.extend(self.cache[word])
        return result

    def decode(self, ids: Iterable[int]) -> str:
        """The text of plain tokens; special tokens are left out."""
        values = {char: byte for byte, char in enumerate(self.bytes)}
        plain = "".join(self.tokens[index] for index in ids if index < len(self.tokens) - len(SPECIAL_TOKENS))
        return bytes(values[char] for char in plain).decode(errors="replace")


def learn_merges(texts: Iterable[str], vocabulary: int) -> list[tuple[str, str]]:
    """The most frequent pairs, until bytes, merges and special tokens fill the vocabulary."""
    counts: Counter[str] = Counter()
    plain = Tokenizer([])
    for text in texts:
        counts.update(plain.words(text))
    words = [list(word) for word in counts]
    weights = list(counts.values())
    pair_counts: Counter[tuple[str, str]] = Counter()
    places: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for index, word in enumerate(words):
        for pair in zip(word, word[1:]):
            pair_counts[pair] += weights[index]
            places[pair].add(index)
    merges: list[tuple[str, str]] = []
    known = set(plain.bytes)
    while len(merges) < vocabulary - 256 - len(SPECIAL_TOKENS):
        best = max(pair_counts, key=lambda pair: (pair_counts[pair], pair))
        if best[0] + best[1] in known:
            pair_counts.pop(best)
            continue
        known.add(best[0] + best[1])
        merges.append(best)
        for index in list(places[best]):
            merge_in_word(words, index, weights[index], best, pair_counts, places)
        pair_counts.pop(best, None)
    return merges


def merge_in_word(
    words: list[list[str]],
    index: int,
    weight: int,
    pair: tuple[str, str],
    pair_counts: Counter[tuple[str, str]],
    places: defaultdict[tuple[str, str], set[int]],
) -> None:
    """Applies one merge to one word and keeps the pair statistics right."""
    word = words[index]
    for old in zip(word, word[1:]):
        pair_counts[old] -= weight
        places[old].discard(index)
    at = 0
    while at < len(word) - 1:
        if (word[at], word[at + 1]) == pair:
            word[at : at + 2] = [pair[0] + pair[1]]
        at += 1
    for new in zip(word, word[1:]):
        pair_counts[new] += weight
        places[new].add(index)
