# ruff: noqa: E501  a sentence stands on one line
"""Statements of invented companies, written for this project: results, orders, outlooks, and plain facts.

Headlines and posts are what the public data sets hold; companies' own reports sound different, and say "rose to 13.1 from
8.7" without a word of joy. Each statement has the mood of an investor who reads it. Opens no files.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

COUNT = 2_400
SEED = 7

_FIRST = "Alder Bracken Corvin Dunmore Elstow Farrow Glenby Hartwell Ivelle Jorvik Kestrel Lumen Marrick Norden Orlan".split()
_LAST = (
    "Group Industries Oyj Foods Systems Paper Steel Telecom Bank Marine Software Logistics Energy Pharma Retail".split()
)
_PEOPLE = ("the chief executive", "the finance director", "the chairman", "the head of sales")
_PLACES = "Poland Sweden Brazil India Estonia Canada Chile Vietnam Norway Kenya Germany Japan".split()
_MONEY = ("EUR {} mn", "EUR{}m", "{} million euros", "USD {} mn", "${} million", "SEK {} million", "{} mln euro")
_PERIODS = (
    "the corresponding period of the year before", "the same quarter last year", "a year earlier", "the year before",
    "the first half of the previous year", "the third quarter of 2008", "January-June 2009", "the comparable period",
)  # fmt: skip
_NOW = (
    "in the quarter",
    "for the period",
    "in the first nine months",
    "in January-March",
    "in the fiscal year",
    "in 2010",
)
_GOOD_UP = (
    "net sales", "operating profit", "profit before taxes", "net profit", "turnover", "revenue", "the order backlog",
    "order intake", "EBITDA", "cash flow from operations", "exports", "net interest income", "comparable sales",
)  # fmt: skip
_GOOD_DOWN = (
    "operating loss",
    "net loss",
    "the pretax loss",
    "operating costs",
    "net debt",
    "loan losses",
    "sick leave",
)
_COUNTED = ("the number of subscribers", "passenger volumes", "market share", "earnings per share", "the gross margin")
_PRODUCTS = (
    "elevators", "mobile networks", "paper machines", "cranes", "a payment system", "wind turbines", "ship engines",
    "packaging lines", "medical scanners", "a data centre", "rail carriages", "ventilation for a hospital",
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A sentence and its mood: negative, neutral or positive."""

    text: str
    label: str


def statements(count: int = COUNT, seed: int = SEED) -> list[Statement]:
    """So many different ones, a third results, the rest news and facts.

    >>> made = statements(300)
    >>> len({one.text for one in made}), sorted({one.label for one in made})
    (300, ['negative', 'neutral', 'positive'])
    """
    chance = random.Random(seed)
    made: dict[str, Statement] = {}
    kinds = (_result, _result, _compared, _turned, _good, _bad, _plain, _plain, _plain)
    while len(made) < count:
        one = chance.choice(kinds)(chance)
        made.setdefault(one.text, one)
    return list(made.values())


def rows(count: int = COUNT, seed: int = SEED) -> Iterator[Mapping[str, str]]:
    """As rows to train with."""
    for one in statements(count, seed):
        yield {"text": one.text, "label": one.label}


def _company(chance: random.Random) -> str:
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"


def _amounts(chance: random.Random, *, up: bool) -> tuple[str, str]:
    """Now and before, in the same money."""
    low = chance.uniform(0.5, 400)
    high = low * chance.uniform(1.04, 2.4)
    form, digits = chance.choice(_MONEY), 0 if low > 60 and chance.random() < 0.5 else 1
    told = [form.format(f"{value:,.{digits}f}") for value in (low, high)]
    return (told[1], told[0]) if up else (told[0], told[1])


def _cased(text: str) -> str:
    return text[0].upper() + text[1:]


def _result(chance: random.Random) -> Statement:
    """A figure that moved, said with a verb."""
    good_up = chance.random() < 0.75
    up = chance.random() < 0.5
    measure = chance.choice(_GOOD_UP if good_up else _GOOD_DOWN)
    if chance.random() < 0.15:
        good_up, measure = True, chance.choice(_COUNTED)
    now, before = _amounts(chance, up=up)
    share = f"{chance.uniform(1.5, 64):.{chance.choice((0, 1))}f}"
    verbs = ("rose", "increased", "grew", "climbed", "went up", "improved") if up else (
        "fell", "decreased", "declined", "dropped", "went down", "shrank"
    )  # fmt: skip
    verb = chance.choice(verbs[:5] if up and not good_up else verbs)
    forms = (
        f"{measure} {verb} to {now} from {before} {{in}} {chance.choice(_PERIODS)}.",
        f"{measure} {verb} by {share} % to {now}.",
        f"{measure} of {_company(chance)} {verb} {share} percent {chance.choice(_NOW)}.",
        f"{_company(chance)} said {measure} {verb} to {now} {chance.choice(_NOW)}, from {before} {{in}} {chance.choice(_PERIODS)}.",
        f"{chance.choice(_NOW)}, {measure} {verb} {share} % and amounted to {now}.",
        f"{measure} {verb} year-on-year, to {now}.",
    )
    text = (
        chance.choice(forms).replace("{in} a year", "a year").replace("{in} the year", "the year").replace("{in}", "in")
    )
    return Statement(_cased(text), "positive" if up == good_up else "negative")


def _compared(chance: random.Random) -> Statement:
    """A figure beside an older one, without a verb that says which way."""
    good_up = chance.random() < 0.7
    up = chance.random() < 0.5
    measure = chance.choice(_GOOD_UP[:12] if good_up else _GOOD_DOWN[:3])
    now, before = _amounts(chance, up=up)
    forms = (
        f"{measure} totalled {now}, compared to {before} in {chance.choice(_PERIODS[5:])}.",
        f"{measure} was {now} {chance.choice(_NOW)} ({before} the year before).",
        f"{_company(chance)}'s {measure.removeprefix('the ')} amounted to {now}, as against {before} in {chance.choice(_PERIODS[5:])}.",
        f"{measure} came to {now}, {'up' if up else 'down'} from {before}.",
    )
    return Statement(_cased(chance.choice(forms)), "positive" if up == good_up else "negative")


def _turned(chance: random.Random) -> Statement:
    """From loss to profit, or the other way."""
    company, good = _company(chance), chance.random() < 0.5
    first, second = _amounts(chance, up=chance.random() < 0.5)
    forms = (
        (
            f"{company} swung to a net profit of {first} {chance.choice(_NOW)}, versus a loss of {second} a year earlier.",
            f"Profit for the period was {first}, compared with a loss of {second} in {chance.choice(_PERIODS[5:])}.",
            f"{company} returned to profit, with pretax earnings of {first}.",
            f"The operating loss narrowed to {first} as sales recovered.",
        )
        if good
        else (
            f"{company} posted a net loss of {first} {chance.choice(_NOW)}, against a profit of {second} a year earlier.",
            f"The operating result was a loss of {first}, down from a profit of {second}.",
            f"{company} slipped to a pretax loss of {first} as demand weakened.",
            f"The net loss widened to {first} {chance.choice(_NOW)}.",
        )
    )
    return Statement(chance.choice(forms), "positive" if good else "negative")


def _filled(chance: random.Random, forms: Sequence[str]) -> str:
    text = chance.choice(forms)
    amount, _ = _amounts(chance, up=True)
    values: dict[str, Callable[[], str]] = {
        "{A}": lambda: _company(chance),
        "{B}": lambda: _company(chance),
        "{money}": lambda: amount,
        "{n}": lambda: f"{chance.choice((12, 25, 40, 65, 110, 180, 240, 350, 600, 1200)):,}",
        "{p}": lambda: f"{chance.uniform(2, 40):.1f}",
        "{place}": lambda: chance.choice(_PLACES),
        "{product}": lambda: chance.choice(_PRODUCTS),
        "{who}": lambda: chance.choice(_PEOPLE),
        "{year}": lambda: str(chance.randint(2008, 2027)),
        "{day}": lambda: f"{chance.randint(1, 28)} {chance.choice(('March', 'May', 'August', 'October'))}",
    }
    for mark, value in values.items():
        while mark in text:
            text = text.replace(mark, value(), 1)
    return text


def _good(chance: random.Random) -> Statement:
    return Statement(_filled(chance, _GOOD), "positive")


def _bad(chance: random.Random) -> Statement:
    return Statement(_filled(chance, _BAD), "negative")


def _plain(chance: random.Random) -> Statement:
    return Statement(_filled(chance, _PLAIN), "neutral")


_GOOD = (
    "{A} has received an order worth {money} for {product} from {B}.",
    "{A} has won a contract to deliver {product} to {place}.",
    "{A} and {B} have signed an agreement worth {money} on the supply of {product}.",
    "{A} will supply {product} to {place}, its largest order there so far.",
    "{A} raises its full-year outlook after a strong quarter.",
    "{A} now expects its sales to grow by more than {p} % this year.",
    "The company expects its operating profit to improve clearly in {year}.",
    "{A} proposes a dividend of {money}, more than the year before.",
    "{A} gained market share in {place} and {place}, {who} said.",
    "Shares of {A} closed {p} % higher after the report.",
    "{A} will hire {n} people as demand for {product} grows.",
    "{A} expands its plant in {place} to meet growing demand.",
    "The new agreement strengthens the position of {A} in {place}.",
    "The acquisition will have a positive effect on the result of {A} from {year} on.",
    "With the new line, {A} can double its output and lower its costs by {p} %.",
    "The programme is expected to bring annual savings of {money}.",
    "{B} lifted its rating of {A} to buy and sees {p} % more in the shares.",
    "Demand for {product} was stronger than expected, said {who} of {A}.",
    "{A} was named supplier of the year by {B} for the quality of its work.",
    "{A} was awarded a patent that secures its lead in {product}.",
    "Customers have taken to the new service, and {A} expects it to become profitable in {year}.",
    "{who} of {A} was very satisfied with the quarter, the best in the company's history.",
    "The cooperation lets {A} enter {place}, a market of {money} a year.",
    "Thanks to the deal {A} becomes the largest maker of its kind in {place}.",
)

_BAD = (
    "{A} will cut {n} jobs at its plant in {place}.",
    "{A} starts talks with its staff on lay-offs of up to {n} people.",
    "{A} closes its factory in {place} because of weak demand.",
    "{A} warns that its result for {year} will fall short of its earlier forecast.",
    "{A} lowers its outlook and no longer expects sales to grow.",
    "{A} writes down {money} on its business in {place}.",
    "{A} was ordered to pay {money} in damages to {B}.",
    "Shares of {A} lost {p} % after the profit warning.",
    "{B} cut its rating of {A} to sell.",
    "{A} loses its contract for {product} in {place} to {B}.",
    "{A} pays no dividend for {year}.",
    "The strike at {A} halted deliveries for {n} days and will weigh on the result.",
    "Deliveries of {product} are late, and {A} expects penalties of {money}.",
    "Competition in {place} has become harder and prices have fallen, said {who} of {A}.",
    "Demand for {product} was weaker than expected, and stocks have grown.",
    "{A} recalls {product} because of a fault that may cost {money}.",
    "The authority suspects {A} of price fixing and searched its offices in {place}.",
    "Rising raw material prices burdened the margin of {A}.",
    "{who} of {A} resigned after the accounts had to be corrected.",
    "{A} has had to give temporary notice to {n} workers in {place}.",
    "The company's customers have put off their investments, which cut the orders of {A} by {p} %.",
    "{A} failed to agree with its banks and may run out of cash in {year}.",
    "A fire at the {place} site stopped production of {product}; the damage is put at {money}.",
)

_PLAIN = (
    "{A} is based in {place} and has about {n} employees.",
    "{A} makes {product} and has offices in {place} and {place}.",
    "The value of the deal was not disclosed.",
    "No financial details of the agreement between {A} and {B} were given.",
    "The annual general meeting of {A} will be held on {day} {year}.",
    "{A} publishes its interim report on {day}.",
    "The holding of {B} in {A} was {p} % of the shares and votes on {day}.",
    "{B} has given notice that its share of the voting rights in {A} is {p} %.",
    "{A} has appointed a new head of its unit in {place} as of {day}.",
    "The board of {A} consists of {n} members, of whom one is elected each year.",
    "The delivery includes {product}, installation and training of the staff.",
    "Construction starts in {year} and is planned to take two years.",
    "{A} and {B} develop {product} together in {place}.",
    "The order will be delivered between {year} and {year}.",
    "{A} has bought a {p} % stake in {B} from a private investor.",
    "{A} sells its property in {place} to {B}; the price is {money}.",
    "{A} is part of {B} and lists its shares in {place}.",
    "The subscription period of the options ends on {day} {year}.",
    "The shares entitle to a dividend from {year} on.",
    "The building will have {n} flats and a car park.",
    "{A} has launched a service for {product} in {place}.",
    "The companies have agreed not to disclose the price.",
    "The transaction is subject to the approval of the authorities in {place}.",
    "{A} has moved its office in {place} to a new address.",
    "The market for {product} in {place} is about {money} a year.",
    "The turnover of the unit was {money} in {year}, and it employed {n} people.",
    "{A} operates in {n} places and serves customers in industry and trade.",
    "{who} of {A} will present the results at a press conference on {day}.",
    "The share capital of {A} was {money} at the end of the period.",
    "{A} has transferred {n} of its own shares to members of its staff.",
    "The plant is located in {place} and was built in {year}.",
    "{A}'s profit for the period was {money}.",
    "Net sales of the division are expected to be at the level of the year before.",
    "The letter of intent covers {product}; a final contract is to follow in {year}.",
)


def main(arguments: Sequence[str]) -> None:
    """Print some of them, to look at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40)
    for one in statements(parser.parse_args(arguments).count):
        print(f"{one.label:<9}{one.text}")


if __name__ == "__main__":
    main(sys.argv[1:])
