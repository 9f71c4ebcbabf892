"""Varied short texts for measuring and calibrating, made from parts: questions, complaints, headlines, titles."""

import random

_WHO = ["I", "my sister", "our office", "a customer", "the company", "they", "my neighbour", "the new tenant"]
_DID = [
    "ordered", "returned", "lost", "paid for", "cancelled", "received", "complained about", "compared", "reported",
    "raised", "sold", "announced", "delayed", "recommended", "exchanged", "reviewed",
]  # fmt: skip
_WHAT = [
    "a blue kettle", "the annual report", "two train tickets", "a wooden table", "the wrong parcel", "a debit card",
    "quarterly earnings", "an electric bike", "the insurance policy", "a gift voucher", "new running shoes",
    "the security update", "a bank transfer", "the monthly invoice", "garden furniture", "a reading lamp",
]  # fmt: skip
_WHEN = [
    "last Tuesday", "before Christmas", "three weeks ago", "this morning", "in the second quarter", "yesterday at noon",
    "when the shop opened", "after the merger", "twice in one week", "on a rainy afternoon",
]  # fmt: skip
_WHY = [
    "because the price had gone up", "although nobody had asked for it", "and nothing has happened since",
    "but the app still shows an error", "so the shares fell by four per cent", "while the old one was being repaired",
    "as analysts had expected", "without telling anyone",
]  # fmt: skip
_FRAMES = [
    "{who} {did} {what} {when}", "how do I know whether {who} {did} {what}?", "{what}: {who} {did} it {when}, {why}.",
    "Can somebody explain why {who} {did} {what} {when}?", "{did} {what} {when} {why}", "{what}", "Thanks! {who} {did}",
    "{who} {did} {what} {when} {why}. What should happen next, and who decides about {what2}?",
]  # fmt: skip


def short_texts(n: int, seed: int = 7) -> list[str]:
    """returns: n texts of 1 to about 40 words, nearly all different"""
    chance = random.Random(seed)  # noqa: S311  nothing secret
    texts = []
    for number in range(n):
        text = chance.choice(_FRAMES).format(
            who=chance.choice(_WHO), did=chance.choice(_DID), what=chance.choice(_WHAT), when=chance.choice(_WHEN),
            why=chance.choice(_WHY), what2=chance.choice(_WHAT),
        )  # fmt: skip
        if chance.random() < 0.5:
            text = f"{text} Reference {number}."
        texts.append(text[:1].upper() + text[1:])
    return texts
