"""Turns the sentence grammar in grammar/*.txt into support tickets.

One split (train or held-out) is one text file, so that the two can be compared
sentence by sentence and noun by noun; nothing here mixes them.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LABELS = ("billing", "bug", "feature_request", "account", "other")
SLOT = re.compile(r"\{(\w+)\}")
CHOICE = re.compile(r"\(([^()|]*\|[^()]*)\)")
GRAMMAR_FOLDER = Path(__file__).resolve().parent / "grammar"
CENTS = {"train": ("", ".00", ".50", ".99"), "heldout": (".20", ".49", ".75", ".95")}
LIST_SECTIONS = ("noun", "np", "clause", "vp")
FRAMED_SHARE = 0.55
BLURRED_SHARE = 0.65


@dataclass(frozen=True)
class Split:
    """The sentences and nouns of one split, by section name."""

    name: str
    sections: dict[str, list[str]]

    def nouns(self, slot: str) -> list[str]:
        return self.sections["noun." + slot]


@dataclass(frozen=True)
class Ticket:
    """One ticket; `clean` is its text before typos, kept for the leak check."""

    subject: str
    text: str
    label: str
    clean: str

    def message(self) -> str:
        return f"Subject: {self.subject}\n\n{self.text}" if self.subject else self.text


def load_split(name: str) -> Split:
    """Reads one grammar file: sentences are one per line, nouns are comma lists."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    noun_section = False
    for raw in (GRAMMAR_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1], [])
            noun_section = line[1:-1].split(".")[0] in LIST_SECTIONS
        elif noun_section:
            current.extend(part.strip() for part in line.split(",") if part.strip())
        else:
            current.append(line)
    return Split(name, sections)


def expansions(template: str) -> list[str]:
    """All readings of a template with its (a|b) choices resolved, slots kept."""
    match = CHOICE.search(template)
    if match is None:
        return [template]
    head, tail = template[: match.start()], template[match.end() :]
    return [full for part in match.group(1).split("|") for full in expansions(head + part + tail)]


@lru_cache(maxsize=1)
def letter_chains() -> tuple[dict[str, list[str]], frozenset[str]]:
    """Which letter follows which two in the training words, and the words that must not be made up."""
    known: set[str] = set()
    for name in ("train", "heldout"):
        for section, lines in load_split(name).sections.items():
            if name == "train" or section.startswith("noun."):
                known.update(re.findall(r"[a-z]+", " ".join(lines).lower()))
    chains: dict[str, list[str]] = {}
    train = load_split("train").sections
    for line in sorted(line for lines in train.values() for line in lines):
        for word in re.findall(r"[a-z]{3,}", SLOT.sub(" ", line).lower()):
            marked = f"^^{word}$"
            for at in range(len(marked) - 2):
                chains.setdefault(marked[at : at + 2], []).append(marked[at + 2])
    return chains, frozenset(known)


def made_up_word(rng: random.Random) -> str:
    """A word that looks English and means nothing.

    Unseen names fall apart into pieces of known words; training must show such
    pieces in many meaningless words, or `Invoxia` would count as an invoice.
    """
    chains, known = letter_chains()
    while True:
        word = "^^"
        while not word.endswith("$"):
            word += rng.choice(chains[word[-2:]])
        word = word[2:-1]
        if 3 < len(word) < 13 and word not in known and f"{word}s" not in known:
            return word.capitalize()


def fill_slot(split: Split, slot: str, rng: random.Random) -> str:
    """One value for a slot, from the nouns of this split only."""
    if slot == "number":
        return str(rng.choice((2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 80, 99, 120, 404, 503)))
    if slot == "amount":
        value = f"{rng.randint(3, 899)}{rng.choice(CENTS[split.name])}"
        return rng.choice((f"${value}", f"{value} EUR", f"{value} dollars", f"£{value}", f"€{value}"))
    if slot == "ref":
        return f"{rng.choice(split.nouns('ref_prefix'))}{rng.randint(1000, 99999)}"
    if slot == "email":
        name = re.sub(r"[^a-z]+", ".", rng.choice(split.nouns("person")).lower()).strip(".")
        return f"{name}@{rng.choice(split.nouns('mail_domain'))}"
    if split.name == "train" and slot in ("product", "person", "company", "city") and rng.random() < 0.4:
        return made_up_word(rng)
    if split.name == "train" and slot in ("feature", "object") and rng.random() < 0.25:
        name = f"{rng.choice(split.nouns('topic'))} {rng.choice(split.nouns('tool'))}"
        return f"the {name}" if slot == "feature" else f"{name}s"
    if split.name == "train" and slot in ("feature", "object") and rng.random() < 0.3:
        words = " ".join(made_up_word(rng).lower() for _ in range(rng.randint(1, 2)))
        return f"the {words}" if slot == "feature" else f"{words}s"
    return rng.choice(split.nouns(slot))


def realise(split: Split, section: str, rng: random.Random) -> str:
    """One finished sentence of a section."""
    return finish(split, rng.choice(split.sections[section]), rng)


def framed(split: Split, label: str, rng: random.Random) -> str:
    """A phrase of the label in a frame that says nothing: only the phrase can decide the label."""
    kind = rng.choice(("np", "clause", "vp"))
    frame = rng.choice(split.sections[f"frame.{kind}"])
    return finish(split, frame.replace("{cue}", rng.choice(split.sections[f"{kind}.{label}"])), rng)


def finish(split: Split, template: str, rng: random.Random) -> str:
    """A template with its choices made and its nouns filled in."""
    template = CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), template)
    text = SLOT.sub(lambda match: fill_slot(split, match.group(1), rng), template)
    return text[0].upper() + text[1:]


def add_typos(text: str, rng: random.Random) -> str:
    """One to three slips of the finger."""
    chars = list(text)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(chars) - 1)
        if not (chars[at].isalpha() and chars[at + 1].isalpha()):
            continue
        slip = rng.random()
        if slip < 0.4:
            chars[at], chars[at + 1] = chars[at + 1], chars[at]
        elif slip < 0.7:
            chars[at] = ""
            chars = [char for char in chars if char]
        else:
            chars.insert(at, chars[at])
    return "".join(chars)


def blur(text: str, rng: random.Random) -> str:
    """Loses words, makes others unknown and often shuffles the rest.

    Without this the model learns whole sentences by heart and does badly on new ones.
    """
    rate = rng.choice((0.05, 0.1, 0.2, 0.3))
    words: list[str] = []
    for word in text.split(" "):
        roll = rng.random()
        if roll < rate:
            words.append(made_up_word(rng).lower())
        elif roll > rate / 2 + rate:
            words.append(word)
    if rng.random() < 0.6:
        rng.shuffle(words)
    return " ".join(words)


def add_noise(text: str, split: Split, rng: random.Random) -> str:
    """Case, punctuation and typing noise; training also loses a word now and then."""
    if len(text) > 12 and rng.random() < 0.25:
        text = add_typos(text, rng)
    if split.name == "train" and rng.random() < BLURRED_SHARE:
        text = blur(text, rng)
    roll = rng.random()
    if roll < 0.09:
        return text.lower()
    if roll < 0.12:
        return text.upper()
    if roll < 0.16:
        return text.replace(".", "").replace(",", "")
    if roll < 0.19:
        return text.replace(".", "!!")
    return text


def body_sentences(split: Split, label: str, rng: random.Random, long: bool) -> list[str]:
    """Intent sentences of the label among neutral ones, in random order."""
    intents: list[str] = []
    for _ in range(rng.choices((2, 3, 4), (50, 35, 15))[0]):
        if split.name == "train" and rng.random() < FRAMED_SHARE:
            sentence = framed(split, label, rng)
        else:
            sentence = realise(split, label, rng)
        if rng.random() < 0.25:
            opener = realise(split, "opener", rng)
            keep = sentence.startswith(("I ", "I'", "PDF", "PayPal", "GDPR", "API"))
            sentence = f"{opener} {sentence if keep else sentence[0].lower() + sentence[1:]}"
        if sentence not in intents:
            intents.append(sentence)
    extra = rng.randint(8, 40) if long else rng.choices((0, 1, 2), (45, 40, 15))[0]
    sentences = intents + [realise(split, "distractor", rng) for _ in range(extra)]
    rng.shuffle(sentences)
    if rng.random() < 0.4:
        sentences.append(realise(split, "tail", rng))
    return sentences


def make_ticket(split: Split, label: str, rng: random.Random, long: bool = False) -> Ticket:
    """One complete ticket of the given label."""
    parts = [rng.choice((" ", " ", " ", "\n")).join(body_sentences(split, label, rng, long))]
    if rng.random() < 0.6:
        parts.insert(0, realise(split, "greeting", rng))
    if rng.random() < 0.5:
        parts.append(realise(split, "closing", rng))
        parts.append(realise(split, "signature", rng))
    clean = rng.choice(("\n", "\n", "\n\n", " ")).join(parts)
    subject = ""
    if rng.random() < 0.6:
        subject = realise(split, f"subject.{label}" if rng.random() < 0.6 else "subject.neutral", rng)
    return Ticket(subject, add_noise(clean, split, rng), label, f"{subject}\n{clean}".lower())


def make_tickets(split: Split, count: int, rng: random.Random, long_share: float = 0.0) -> list[Ticket]:
    """`count` tickets with pairwise different messages, the labels equally often."""
    tickets: list[Ticket] = []
    seen: set[str] = set()
    while len(tickets) < count:
        ticket = make_ticket(split, LABELS[len(tickets) % len(LABELS)], rng, rng.random() < long_share)
        if ticket.message() not in seen and ticket.text not in seen:
            seen.update((ticket.message(), ticket.text))
            tickets.append(ticket)
    rng.shuffle(tickets)
    return tickets
