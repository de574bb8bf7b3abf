"""Writes the training tickets, the held-out set and the bundled example batches.

Deterministic: the same seed gives the same files. It stops with an error when a
held-out sentence or noun occurs in the training tickets.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import tempfile
from pathlib import Path
from typing import Any

from instructions import (
    JSON_FORMS,
    LABEL_FORMS,
    TASKS,
    Message,
    chat,
    check_split,
    main_prompt,
)
from ticket_grammar import LABELS, LIST_SECTIONS, SLOT, Split, Ticket, expansions, load_split, make_tickets

FOLDER = Path(__file__).resolve().parent
EXAMPLES = FOLDER.parent / "examples"
DETERMINER = re.compile(r"^(the|a|an|my) ", re.IGNORECASE)
MIN_RUN_WORDS = 5


def skeletons(split: Split) -> set[str]:
    """Every sentence of a split with its nouns blanked out, framed phrases included."""
    templates = [
        template
        for section, lines in split.sections.items()
        if section.split(".")[0] not in LIST_SECTIONS
        for template in lines
    ]
    for label in LABELS:
        for kind in ("np", "clause", "vp"):
            phrases = split.sections.get(f"{kind}.{label}", [])
            frames = split.sections.get(f"frame.{kind}", [])
            templates += [frame.replace("{cue}", phrase) for frame in frames for phrase in phrases]
    sentences = {SLOT.sub("{}", full).lower().rstrip(".!?,") for template in templates for full in expansions(template)}
    return sentences - {"{}", ""}  # a bare noun is no sentence


def noun_pattern(split: Split) -> re.Pattern[str]:
    """Matches any noun of the split as whole words, without its article."""
    words: set[str] = set()
    prefixes: set[str] = set()
    for section, nouns in split.sections.items():
        if section == "noun.ref_prefix":
            prefixes.update(re.escape(noun.strip().lower()) + r"\d" for noun in nouns)
        elif section.startswith("noun."):
            words.update(re.escape(DETERMINER.sub("", noun).lower()) for noun in nouns)
    return re.compile(r"(?<!\w)(?:(?:" + "|".join(sorted(words)) + r")(?!\w)|" + "|".join(sorted(prefixes)) + ")")


def check_no_leak(train: Split, heldout: Split, tickets: list[Ticket]) -> None:
    """Fails when a held-out sentence or noun is found in the training data."""
    corpus = "\n".join(ticket.clean + "\n" + ticket.message().lower() for ticket in tickets)
    shared = skeletons(train) & skeletons(heldout)
    assert not shared, f"sentences in both splits: {sorted(shared)}"
    runs = 0
    leaks: list[str] = []
    for skeleton in sorted(skeletons(heldout)):
        longest = max((part.strip() for part in skeleton.split("{}")), key=lambda part: len(part.split()))
        if len(longest.split()) >= MIN_RUN_WORDS:
            runs += 1
            leaks += [longest] if longest in corpus else []
    assert not leaks, f"held-out wordings in the training data: {leaks}"
    pattern = noun_pattern(heldout)
    found = sorted(set(pattern.findall(corpus)))
    assert not found, f"held-out nouns in the training data: {found}"
    for forms in (TASKS, LABEL_FORMS, JSON_FORMS):
        assert not set(forms["train"]) & set(forms["heldout"]), "an instruction is in both splits"
    nouns = sum(len(values) for section, values in heldout.sections.items() if section.startswith("noun."))
    print(
        f"leak check passed: {len(skeletons(heldout))} held-out sentences, {runs} wordings of {MIN_RUN_WORDS}+ words "
        f"and {nouns} nouns searched in {len(tickets)} training tickets ({len(corpus)} characters), none found"
    )


def batch_line(custom_id: str, messages: list[Message], form: str, forced: bool) -> str:
    """One request line of an OpenAI batch file."""
    body: dict[str, Any] = {
        "model": "demo",
        "messages": messages,
        "max_tokens": 24 if form == "json" else 8,
        "temperature": 0,
    }
    if forced:
        body["response_format"] = {"type": "json_object"}
    line = {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body}
    return json.dumps(line, ensure_ascii=False)


def main_chat(ticket: Ticket, form: str) -> list[Message]:
    """A chat with the main system prompt of the form."""
    return [{"role": "system", "content": main_prompt(form)}, {"role": "user", "content": ticket.message()}]


def write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(lines)} lines")


def write_table(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{path.name}: {len(rows)} rows")


def write_heldout(tickets: list[Ticket], rng: random.Random) -> None:
    """The held-out set: half label form, half JSON form, half of each with a held-out instruction."""
    lines: list[str] = []
    rows: list[list[str]] = []
    for number, ticket in enumerate(tickets, start=1):
        form = "label" if number % 2 else "json"
        custom_id = f"heldout-{form}-{number:04d}"
        lines.append(batch_line(custom_id, chat("heldout", ticket.message(), form, rng, 0.5), form, forced=False))
        rows.append([custom_id, ticket.label])
    write_lines(FOLDER / "heldout.jsonl", lines)
    write_table(FOLDER / "heldout-labels.csv", ["custom_id", "label"], rows)


def write_examples(tickets: list[Ticket], json_tickets: list[Ticket]) -> None:
    """The bundled batches and the table with their source and truth."""
    ids = [f"ticket-{number:04d}" for number in range(1, len(tickets) + 1)]
    lines = [
        batch_line(custom_id, main_chat(ticket, "label"), "label", forced=False)
        for custom_id, ticket in zip(ids, tickets)
    ]
    write_lines(EXAMPLES / "tickets.jsonl", lines)
    rows = [[custom_id, ticket.subject, ticket.text, ticket.label] for custom_id, ticket in zip(ids, tickets)]
    write_table(EXAMPLES / "tickets.csv", ["custom_id", "subject", "text", "label"], rows)
    json_ids = [f"json-{number:04d}" for number in range(1, len(json_tickets) + 1)]
    json_lines = [
        batch_line(custom_id, main_chat(ticket, "json"), "json", forced=True)
        for custom_id, ticket in zip(json_ids, json_tickets)
    ]
    write_lines(EXAMPLES / "tickets-json.jsonl", json_lines)
    json_rows = [[i, ticket.subject, ticket.text, ticket.label] for i, ticket in zip(json_ids, json_tickets)]
    write_table(EXAMPLES / "tickets-json.csv", ["custom_id", "subject", "text", "label"], json_rows)


def write_inbox(tickets: list[Ticket]) -> None:
    """The table of the README's walkthrough: tickets as a help desk exports them."""
    rows = [[str(10_000 + number), ticket.subject, ticket.text, ticket.label] for number, ticket in enumerate(tickets)]
    write_table(EXAMPLES / "inbox.csv", ["ticket", "subject", "text", "label"], rows)


def main() -> None:
    """Command line: where the training tickets go, how many, and the seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "nightshift-demo-model")
    parser.add_argument("--train-tickets", type=int, default=60000)
    parser.add_argument("--seed", type=int, default=20250101)
    options = parser.parse_args()
    train, heldout = load_split("train"), load_split("heldout")
    check_split(train)
    check_split(heldout)
    train_tickets = make_tickets(train, options.train_tickets, random.Random(options.seed), long_share=0.03)
    check_no_leak(train, heldout, train_tickets)
    rng = random.Random(options.seed + 1)
    unseen = make_tickets(heldout, 2050, rng)
    options.out.mkdir(parents=True, exist_ok=True)
    EXAMPLES.mkdir(parents=True, exist_ok=True)
    rows = [
        json.dumps({"subject": t.subject, "text": t.text, "label": t.label}, ensure_ascii=False) for t in train_tickets
    ]
    write_lines(options.out / "train-tickets.jsonl", rows)
    write_heldout(unseen[:1000], rng)
    write_examples(unseen[1000:2000], unseen[2000:])
    write_inbox(make_tickets(heldout, 2000, random.Random(options.seed + 2)))


if __name__ == "__main__":
    main()
