"""Titles and descriptions of invented things, composed so that they do not read so. No title comes twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from apps.recommender.sample.wordings import Family, Name, words

PLAIN_TRIES = 12  # tries before a model's name or a number makes the title new


@dataclass(frozen=True, slots=True)
class Article:
    """What is written about a thing. thing: what it is, in a sentence;  volume: of its series from 1, or 0

    chosen: its size, colour and the like
    """

    title: str
    description: str
    thing: str
    maker: str
    chosen: dict[str, str]
    volume: int


def articles(family: Family, makers: tuple[str, ...], chance: Random) -> Iterator[Article]:
    """As many things of a family as are asked for: those whose titles are written out, then composed ones."""
    seen: set[str] = set()
    publisher = chance.choice(makers)
    for number, title in enumerate(family.titles, 1):
        seen.add(title)
        maker = publisher if family.series else chance.choice(makers)
        thing = "set" if family.series else "one"
        yield Article(title, _told(family, thing, "", maker, chance), thing, maker, {}, number if family.series else 0)
    order = list(range(len(family.names)))
    chance.shuffle(order)
    number = 0
    while True:
        maker = chance.choice(makers)
        if family.names:
            name = family.names[order[number % len(order)]]
            title, trait, chosen = _composed(family, name, maker, chance, seen)
            thing = name.text
        else:
            title, trait, chosen, thing = _edition(family, chance, seen), "", {}, "one"
        number += 1
        seen.add(title)
        yield Article(title, _told(family, thing, trait, maker, chance), thing, maker, chosen, 0)


def _composed(
    family: Family, name: Name, maker: str, chance: Random, seen: set[str]
) -> tuple[str, str, dict[str, str]]:
    """A title that is not there yet, the trait and the choices that stand in it."""
    tries = 0
    while True:
        trait = chance.choice(family.traits) if name.traits and family.traits and chance.random() < 0.5 else ""
        chosen = {what: chance.choice(some) for what, some in family.choices.items()} if name.choices else {}
        model = chance.choice(words()["models"]) if tries > 2 or chance.random() < 0.3 or not chosen else ""
        title = _title(name.text, maker, model, trait, list(chosen.values()), chance)
        if tries > PLAIN_TRIES:
            title = f"{title}, model {chance.randint(100, 99_999)}"
        if title not in seen:
            return title, trait, chosen
        tries += 1


def _title(name: str, maker: str, model: str, trait: str, chosen: list[str], chance: Random) -> str:
    shown = chosen if not trait or chance.random() < 0.5 else chosen[:1]
    named = f"{model} {name}" if model and chance.random() < 0.4 else name
    if model and named == name:
        named = f"{name} “{model}”" if chance.random() < 0.5 else f"{name} {model}"
    if chance.random() < 0.45 or not (trait or shown or model):
        named = f"{maker} {named}"
    tail = f" with {trait}" if trait else ""
    form = chance.random()
    if shown and form < 0.25:
        tail += f" ({', '.join(shown)})"
    elif shown and form < 0.75:
        tail += f", {', '.join(shown)}"
    elif shown:
        tail += f" \N{EN DASH} {' / '.join(shown)}"
    title = named + tail
    return title[0].upper() + title[1:]


def _edition(family: Family, chance: Random, seen: set[str]) -> str:
    tries = 0
    while True:
        title = f"{chance.choice(family.titles)}, {chance.choice(words()['editions'])}"
        if tries > PLAIN_TRIES:
            title += f", no. {chance.randint(2, 99_999)}"
        if title not in seen:
            return title
        tries += 1


def _told(family: Family, thing: str, trait: str, maker: str, chance: Random) -> str:
    """Two or three sentences, and who makes it."""
    fitting = [text for about, text in family.tells if not about or any(one in thing for one in about)]
    some = chance.sample(fitting, min(len(fitting), chance.choice((1, 2, 2, 3))))
    if len(some) < 2 and family.names:
        some.append(chance.choice(words()["tells"]))
    if family.series:
        some.append(f"From the series {family.series} by {maker}.")
    elif family.titles and not family.names:
        some.append(f"Published by {maker}.")
    elif trait and chance.random() < 0.6:
        some.append(f"By {maker}, with {trait}.")
    elif chance.random() < 0.6:
        some.append(f"{chance.choice(('From', 'Made by', 'By'))} {maker}.")
    return " ".join(some)
