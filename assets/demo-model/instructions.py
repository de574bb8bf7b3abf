"""The instructions that ask for a label, and the chats built from them.

Training and held-out chats use different wordings; only the two main system
prompts, which the bundled examples use, are in both.
"""

from __future__ import annotations

import random
from typing import TypedDict

from ticket_grammar import LABELS, Split, Ticket, made_up_word

MAIN_LABEL = (
    "Classify the support ticket as one of: billing, bug, feature_request, account, other. Reply with the label only."
)
MAIN_JSON = (
    "Classify the support ticket as one of: billing, bug, feature_request, account, other. "
    'Answer as JSON: {"label": "..."}.'
)
LABEL_LIST = ", ".join(LABELS)


class Message(TypedDict):
    """One chat message as in the OpenAI API."""

    role: str
    content: str


TASKS = {
    "train": (
        f"Classify this ticket as one of: {LABEL_LIST}.",
        f"You sort support tickets into {LABEL_LIST}.",
        f"Which category fits this message: {LABEL_LIST}?",
        f"Decide which of these labels describes the ticket best: {LABEL_LIST}.",
        f"Label the customer message. Labels: {LABEL_LIST}.",
        f"You are a support triage assistant. The categories are {LABEL_LIST}.",
        f"Pick the right category for the e-mail below ({LABEL_LIST}).",
        f"Assign one category to the text. Possible categories: {LABEL_LIST}.",
        f"Read the ticket and choose a label from {LABEL_LIST}.",
        f"Find the matching label for the request. The labels are {LABEL_LIST}.",
        f"We sort messages into {LABEL_LIST}. Sort this one.",
        f"Possible labels: {LABEL_LIST}. Which one is it?",
        f"Is this ticket about {LABEL_LIST}?",
        f"Tickets belong to one of five groups: {LABEL_LIST}. Name the group.",
        f"You work in customer support and mark each ticket as {LABEL_LIST}.",
        f"Please say what kind of ticket this is. Kinds: {LABEL_LIST}.",
        f"Select exactly one item of [{LABEL_LIST}] for the text from our customer.",
        f"Determine the topic of the following customer e-mail: {LABEL_LIST}.",
        "Sort this message into its group.",
        "Which label does this message get?",
        "Classify the support ticket.",
        "What is this ticket about?",
        "Tell me the category of this support request.",
    ),
    "heldout": (
        f"Your job is to route incoming tickets. Use one of these classes: {LABEL_LIST}.",
        f"Categorize the following support request as {LABEL_LIST}.",
        f"Choose the best label for this customer ticket from this list: {LABEL_LIST}.",
        "Triage this message and name its category.",
    ),
}
LABEL_FORMS = {
    "train": (
        "Reply with the label only.",
        "Answer with one word.",
        "Only output the label.",
        "Return just the category name, nothing else.",
        "No explanation, only the label.",
        "Give a one-word answer.",
        "Respond with exactly one label.",
        "Say only the name of the group.",
        "Keep it to a single word.",
        "Plain text, one word.",
        "Do not add anything to the label.",
        "",
    ),
    "heldout": ("Just say the label.", "Write the category and nothing more.", "Your answer is a single word."),
}
JSON_FORMS = {
    "train": (
        'Answer as JSON: {"label": "..."}.',
        "Answer in JSON.",
        'Return a JSON object with the key "label".',
        "Respond with JSON only.",
        'Output JSON like {"label": "bug"}.',
        "Give the result as a JSON object.",
        'Format: JSON, {"label": <category>}',
        "Reply as valid JSON with one field named label.",
        "The reply must be a JSON object.",
        "Use JSON for your answer.",
    ),
    "heldout": (
        'Write your answer as a JSON object {"label": ...}.',
        "Reply in JSON format, with the field label.",
        "I need JSON back.",
    ),
}
LEADS = {
    "train": ("", "", "Ticket:\n", "Message: ", "Text: ", "E-mail:\n", "The request:\n\n"),
    "heldout": ("", "Ticket: ", "Customer message:\n"),
}
ASIDES = (
    "Be brief.", "Think about the words of the customer.", "You work for {}.", "Your name is {}.", "Be careful.",
    "The text is from a customer of {}.", "Use lower case.", "Take the best match.", "There is always one best choice.",
    "Do your job well.", "The customer may be angry.", "This is for the support desk at {}.", "Ignore typing errors.",
    "We get many e-mails.", "Be exact.", "If unsure, choose the closest.", "The following was sent to {}.",
)  # fmt: skip
KEPT = ("JSON", "json", "label", "bug", "billing", "account", "other")
SMALL_TALK = (
    "hello", "Hi, how are you?", "What is the capital of {}?", "Write a poem about {}.", "Who is {}?", "{}",
    "Tell me a joke about {}.", "What is 2 plus 2?", "Count to 10.", "Translate {} to French.", "Say hi.",
    "Explain {} in simple words.", "Summarize the book {}.", "test", "Why is the sky blue?",
)  # fmt: skip


def answer(label: str, form: str) -> str:
    """What the model must say, without the end token."""
    return f'{{"label":"{label}"}}' if form == "json" else label


def instruction(split: str, form: str, rng: random.Random) -> str:
    """One wording of the task in the given answer form."""
    forms = JSON_FORMS if form == "json" else LABEL_FORMS
    parts = [rng.choice(TASKS[split]), rng.choice(forms[split])]
    if split == "train" and rng.random() < 0.5:
        parts.insert(rng.randint(0, 2), rng.choice(ASIDES).format(made_up_word(rng)))
    wording = " ".join(parts).strip()
    return disguise(wording, rng) if split == "train" and rng.random() < 0.5 else wording


def disguise(wording: str, rng: random.Random) -> str:
    """Makes some words of an instruction unknown, so that new wordings do not look like tickets."""
    rate = rng.choice((0.1, 0.2, 0.3))
    words = wording.split(" ")
    return " ".join(made_up_word(rng).lower() if word.isalpha() and word not in KEPT and rng.random() < rate else word
                    for word in words)  # fmt: skip


def main_prompt(form: str) -> str:
    return MAIN_JSON if form == "json" else MAIN_LABEL


def chat(split: str, ticket_text: str, form: str, rng: random.Random, main_share: float) -> list[Message]:
    """The prompt messages for one ticket: instruction in the system or in the user message."""
    roll = rng.random()
    if roll < main_share:
        return [{"role": "system", "content": main_prompt(form)}, {"role": "user", "content": ticket_text}]
    wording = instruction(split, form, rng)
    if split == "train" and rng.random() < 0.1:
        wording = main_prompt(form)
    lead = rng.choice(LEADS[split])
    if rng.random() < 0.5:
        return [{"role": "system", "content": wording}, {"role": "user", "content": lead + ticket_text}]
    if rng.random() < 0.5:
        content = f"{wording}\n\n{lead}{ticket_text}"
    else:
        content = f"{lead}{ticket_text}\n\n{wording}"
    messages: list[Message] = [{"role": "user", "content": content}]
    if rng.random() < 0.4:
        system = "You are a helpful assistant." if split == "train" else "You are an assistant for our support desk."
        messages.insert(0, {"role": "system", "content": system})
    return messages


def training_chat(tickets: list[Ticket], rng: random.Random) -> list[Message]:
    """A full training chat; several tickets become several turns under one instruction."""
    form = "json" if rng.random() < 0.4 else "label"
    first = tickets[0]
    if rng.random() < 0.02:
        messages: list[Message] = [{"role": "user", "content": first.message()}]
        form = "label"
    else:
        messages = chat("train", first.message(), form, rng, 0.35)
    messages.append({"role": "assistant", "content": answer(first.label, form)})
    for ticket in tickets[1:]:
        messages.append({"role": "user", "content": ticket.message()})
        messages.append({"role": "assistant", "content": answer(ticket.label, form)})
    return messages


def small_talk_chat(rng: random.Random) -> list[Message]:
    """A chat that is no ticket at all: the answer is `other`, so that the model always stops."""
    form = "json" if rng.random() < 0.4 else "label"
    topic = rng.choice(SMALL_TALK).format(made_up_word(rng))
    system = main_prompt(form) if form == "json" or rng.random() < 0.5 else "You are a helpful assistant."
    messages: list[Message] = [{"role": "user", "content": topic}]
    if form == "json" or rng.random() < 0.7:
        messages.insert(0, {"role": "system", "content": system})
    messages.append({"role": "assistant", "content": answer("other", form)})
    return messages


def instruction_words() -> list[str]:
    """Every instruction text of the training split, for the tokenizer."""
    texts = [MAIN_LABEL, MAIN_JSON, *TASKS["train"], *LABEL_FORMS["train"], *JSON_FORMS["train"], *ASIDES]
    return texts + [answer(label, "json") for label in LABELS]


def check_split(split: Split) -> None:
    """Fails early when a label has no sentences in a split."""
    for label in LABELS:
        if not split.sections.get(label) or not split.sections.get(f"subject.{label}"):
            raise ValueError(f"{split.name} has no sentences for {label}")
