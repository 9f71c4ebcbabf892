"""Statements of companies' results: what moved, what is compared, what turned. The rest is in mood_statements.py."""

import random
from dataclasses import dataclass

from benchmarks.mood_words import amounts, cased, company_name, said_so, share_of

_BEFORE = (
    "in the corresponding period of the year before", "in the same quarter last year", "a year earlier",
    "the year before", "in the first half of the previous year", "in the third quarter of 2008", "in January-June 2009",
    "in the comparable period", "in the corresponding quarter in 2007", "in the previous fiscal year",
)  # fmt: skip
_NOW = (
    "in the quarter", "for the period", "in the first nine months", "in January-March", "in the fiscal year", "in 2010",
    "in the third quarter", "in April-June", "in the reporting period", "during the half-year",
)  # fmt: skip
_SALES = (
    "net sales", "turnover", "revenue", "the order backlog", "order intake", "exports", "net interest income",
    "comparable sales", "sales", "group sales", "sales in the Nordic countries", "the value of orders received",
)  # fmt: skip
_PROFITS = (
    "operating profit", "profit before taxes", "net profit", "EBITDA", "cash flow from operations", "pretax profit",
    "EBIT", "operating income", "profit for the period", "operating profit excluding one-off items",
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
_COUNTED = (
    "the number of subscribers", "passenger volumes", "market share", "earnings per share", "the gross margin", "EPS",
    "the number of customers", "cargo volumes", "the load factor", "visitors to the site", "the equity ratio",
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A sentence and its mood: negative, neutral or positive."""

    text: str
    label: str


def moved(chance: random.Random) -> Statement:
    """A figure that moved, said with a verb."""
    good_up = chance.random() < 0.78
    up = chance.random() < 0.5
    measure = chance.choice(chance.choice((_SALES, _PROFITS, _COUNTED)) if good_up else _GOOD_DOWN)
    verbs = ("rose", "increased", "grew", "climbed", "went up") if up else (
        "fell", "decreased", "declined", "dropped", "went down", "shrank"
    )  # fmt: skip
    verb, share, a = chance.choice(verbs), share_of(chance), company_name(chance)
    if measure in _COUNTED:
        forms = [
            f"{measure} of {a} {verb} by {share} % {chance.choice(_NOW)}.",
            f"{measure} {verb} by {share} percent from {chance.choice(_BEFORE).removeprefix('in ')}.",
            f"{a} said {measure} {verb} {chance.choice(_NOW)}.",
        ]
    else:
        now, before = amounts(chance, up=up)
        since = chance.choice(_BEFORE)
        forms = [
            f"{measure} {verb} to {now} from {before} {since}.",
            f"{measure} {verb} to {now} from {before} {since}, representing {share_of(chance)} % of net sales.",
            f"{measure} {verb} by {share} % to {now}.",
            f"{measure} {verb} by {share} % to {now} {chance.choice(_NOW)}, compared to {before} {since}.",
            f"{measure} of {a} {verb} {share} percent {chance.choice(_NOW)}.",
            said_so(chance, a, f"{measure} {verb} to {now} {chance.choice(_NOW)}, from {before} {since}", it=False),
            f"{chance.choice(_NOW)}, {measure} {verb} {share} % and amounted to {now}.",
            f"{measure} {verb} year-on-year, to {now}.",
            f"the company's {measure.removeprefix('the ')} {verb} to {now} {chance.choice(_NOW)}.",
        ]
    return Statement(cased(chance.choice(forms)), "positive" if up == good_up else "negative")


def compared(chance: random.Random) -> Statement:
    """A figure beside an older one, without a verb that says which way."""
    good_up, up = chance.random() < 0.75, chance.random() < 0.5
    since = chance.choice(_BEFORE)
    if chance.random() < 0.25:
        low = chance.uniform(0.02, 1.2)
        small, large = f"{low:.2f}", f"{low * chance.uniform(1.1, 2.5):.2f}"
        now, before = (large, small) if up else (small, large)
        forms = [
            f"EPS stood at EUR {now} versus EUR {before} {since}.",
            f"diluted earnings per share were {now} euros against {before} {since}.",
            f"earnings per share (EPS) amounted to EUR{now}, compared with EUR{before} {since}.",
        ]
        return Statement(cased(chance.choice(forms)), "positive" if up else "negative")
    measure = chance.choice(chance.choice((_SALES, _PROFITS)) if good_up else _GOOD_DOWN[:5])
    now, before = amounts(chance, up=up)
    forms = [
        f"{measure} totalled {now}, compared to {before} {since}.",
        f"{measure} was {now} {chance.choice(_NOW)} ({before} the year before).",
        f"{measure} was {now} ({before}) {chance.choice(_NOW)}.",
        f"{company_name(chance)}'s {measure.removeprefix('the ')} amounted to {now}, as against {before} {since}.",
        f"{measure} came to {now}, {'up' if up else 'down'} from {before}.",
        said_so(
            chance,
            company_name(chance),
            f"posted {measure.removeprefix('the ')} of {now} {chance.choice(_NOW)}, compared to {before} {since}",
        ),
        f"{measure} was {now}, {'up' if up else 'down'} {share_of(chance)} % on {since.removeprefix('in ')}.",
        f"{measure} totalled {now}, {'up' if up else 'down'} from {before} {since}.",
    ]
    return Statement(cased(chance.choice(forms)), "positive" if up == good_up else "negative")


def turned(chance: random.Random) -> Statement:
    """From loss to profit, or the other way; a loss that grows or shrinks."""
    a, good, since = company_name(chance), chance.random() < 0.5, chance.choice(_BEFORE)
    first, second = amounts(chance, up=chance.random() < 0.5)
    now = chance.choice(_NOW)
    if good:
        small, large = amounts(chance, up=False)
        forms = [
            f"{a} swung to a net profit of {first} {now}, versus a loss of {second} {since}.",
            f"profit for the period was {first}, compared with a loss of {second} {since}.",
            said_so(chance, a, f"returned to profit, with pretax earnings of {first}"),
            said_so(chance, a, f"turned to a net profit of {first} {now}, from a loss of {second} {since}"),
            f"the operating loss narrowed to {small} from {large} {since}.",
            f"{now}, the company's net loss narrowed to {small} from {large} {since}.",
            said_so(chance, a, f"its net loss narrowed to {small} {now} from {large}", it=False),
            f"cash flow from operations totalled {first}, compared to a negative {second} {since}.",
            f"the operating result was {first}, compared to a loss of {second} {since}.",
            f"the pretax loss totalled {small}, compared to a loss of {large} {since}.",
            f"operating profit totalled {first}, compared to an operating loss of {second} {since}.",
        ]
    else:
        small, large = amounts(chance, up=False)
        forms = [
            f"{a} posted a net loss of {first} {now}, against a profit of {second} {since}.",
            f"the operating result was a loss of {first}, down from a profit of {second}.",
            said_so(chance, a, f"slipped to a pretax loss of {first} as demand weakened"),
            f"the net loss widened to {large} {now} from {small}.",
            f"cash flow from operations was a negative {first}, compared to {second} {since}.",
            f"the operating loss totalled {first}, compared to a profit of {second} {since}.",
            f"the operating loss was {first} {now}, as against a profit of {second} {since}.",
            f"the pretax loss totalled {large}, compared to a loss of {small} {since}.",
            f"sales were {small} ({large}) and the result before taxes was a loss of {first} (a profit of {second}).",
            f"{now}, the operating loss grew to {large} from {small} {since}.",
        ]
    return Statement(cased(chance.choice(forms)), "positive" if good else "negative")


def bare(chance: random.Random) -> Statement:
    """A figure with nothing to compare it with."""
    measure = chance.choice((*_SALES, *_PROFITS))
    money, other = amounts(chance, up=True)
    a = company_name(chance)
    forms = [
        f"{a}'s {measure.removeprefix('the ')} in {chance.randint(2004, 2027)} totalled {money}.",
        f"{measure} totalled {money} or {share_of(chance)} % of net sales.",
        f"{measure} was {money} {chance.choice(_NOW)}, including {other} of one-off items.",
        f"the company had {measure.removeprefix('the ')} of {money} and about {chance.randint(2, 90) * 50} employees.",
        f"{a} reported net sales of {money} with an operating margin of {share_of(chance)} per cent.",
        f"{measure} for the whole of {chance.randint(2004, 2027)} is estimated at {money}.",
        said_so(chance, a, f"its {measure.removeprefix('the ')} {chance.choice(_NOW)} was {money}", it=False),
    ]
    return Statement(cased(chance.choice(forms)), "neutral")
