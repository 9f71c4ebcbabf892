"""The sample's words: 25 categories of things that no shop sells, written for this project."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

NO_TRAITS, NO_CHOICES, NEITHER = "<", ">", "~"
"""Marks before a name for which the family's choices only, its traits only, or neither make sense."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a thing is called. traits, choices: whether those of its family fit it"""

    text: str
    traits: bool
    choices: bool


@dataclass(frozen=True)
class Family:
    """Things of one kind in one category.

    titles: written out, used before titles are composed of the names;  series: whose volumes they are, "" for none
    price: lowest and highest;  choices: what there is to choose from, by what it is called
    tells: sentences for a description, with the words of which one must stand in the name (none: fits all)
    then: families of what is bought with it or after it, "category.family"
    repeat: whether people buy it again and again;  gift: whether it is bought for others in December
    """

    key: str
    category: str
    titles: tuple[str, ...]
    series: str
    names: tuple[Name, ...]
    traits: tuple[str, ...]
    price: tuple[float, float]
    choices: Mapping[str, tuple[str, ...]]
    tells: tuple[tuple[tuple[str, ...], str], ...]
    then: tuple[str, ...]
    repeat: bool
    gift: bool


@dataclass(frozen=True)
class Category:
    """A department of the shop. months: how much is going on in January … December;  makers: invented firms"""

    key: str
    title: str
    months: tuple[float, ...]
    makers: tuple[str, ...]
    families: tuple[Family, ...]


@cache
def categories() -> tuple[Category, ...]:
    """All departments, by their key."""
    folder = files(__package__) / "departments"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    return tuple(
        _category(name.removesuffix(".toml"), tomllib.loads((folder / name).read_text("utf-8"))) for name in names
    )


@cache
def department_titles() -> dict[str, str]:
    """What departments are called in the shop, by their key."""
    return {one.key: one.title for one in categories()}


@cache
def words() -> dict[str, Any]:
    """What all categories share: models' names, editions, unusual titles."""
    return tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))


@cache
def comments() -> dict[str, list[str]]:
    """What buyers write, by how content they are: praise, mixed, blame."""
    return tomllib.loads((files(__package__) / "comments.toml").read_text("utf-8"))


def _category(key: str, told: dict[str, Any]) -> Category:
    families = tuple(_family(name, key, one) for name, one in told.items() if isinstance(one, dict))
    return Category(key, told["title"], tuple(told["months"]), tuple(told["makers"]), families)


def _family(name: str, category: str, told: dict[str, Any]) -> Family:
    key = f"{category}.{name}"
    titles = (*words()["unusual"].get(key, ()), *told.get("titles", ()))
    low, high = told["price"]
    return Family(
        key=key,
        category=category,
        titles=titles,
        series=told.get("series", ""),
        names=tuple(_name(one) for one in told.get("names", ())),
        traits=tuple(told.get("traits", ())),
        price=(low, high),
        choices={what: tuple(some) for what, some in told.get("choices", {}).items()},
        tells=tuple(_tell(one) for one in told["tells"]),
        then=tuple(one if "." in one else f"{category}.{one}" for one in told.get("then", ())),
        repeat=told.get("repeat", False),
        gift=told.get("gift", False),
    )


def _name(written: str) -> Name:
    mark = written[0] if written[0] in NO_TRAITS + NO_CHOICES + NEITHER else ""
    text = written.removeprefix(mark)
    traits = mark not in (NO_TRAITS, NEITHER) and " with " not in text  # "a lid with a lid" reads badly
    return Name(text, traits, mark not in (NO_CHOICES, NEITHER))


def _tell(written: str) -> tuple[tuple[str, ...], str]:
    about, mark, text = written.rpartition(":: ")
    return (tuple(about.split("/")) if mark else ()), text
