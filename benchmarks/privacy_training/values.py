"""Made-up values of each type, from Faker's lists in many countries. Needs Faker (MIT), when they are made."""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from core.privacy.features import Lists, hashed

if TYPE_CHECKING:
    from faker import Faker

LOCALES = (
    "en_US en_GB en_IE en_AU en_CA en_IN en_NZ de_DE de_AT de_CH fr_FR fr_CA fr_CH es_ES es_MX it_IT pt_PT pt_BR "
    "nl_NL nl_BE sv_SE no_NO da_DK fi_FI pl_PL cs_CZ sk_SK hu_HU ro_RO hr_HR sl_SI lt_LT tr_TR vi_VN id_ID"
).split()
ENGLISH = ("en_US", "en_GB", "en_AU", "en_CA", "en_IE")
TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Mr", "Mrs", "Ms", "Dr", "Miss", "Prof.", "Professor")
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
PEOPLES = (
    "German French Spanish Italian Portuguese Dutch Swedish Danish Norwegian Finnish Polish Czech Hungarian Greek "
    "Turkish Russian Ukrainian Chinese Japanese Korean Indian Mexican Brazilian Canadian American British Irish "
    "Scottish Welsh Australian Muslim Christian Jewish Buddhist Hindu Catholic"
).split()
OUR_IDS = (
    "#######",
    "########",
    "##########",
    "??-######",
    "???-####-#####",
    "#####",
    "??########",
    "####-####-##",
    "A#######",
)


def name_lists() -> tuple[set[str], set[str]]:
    """Given and family names of all of Faker's countries, in small."""
    import faker.providers.person

    given: set[str] = set()
    family: set[str] = set()
    for module in pkgutil.iter_modules(faker.providers.person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for name in dir(provider):
            held = getattr(provider, name)
            if isinstance(held, list | tuple | dict):
                into = given if name.startswith("first_name") else family if name.startswith("last_name") else None
                if into is not None:
                    into |= set(_single_words(held))
    return given, family


def lists_of(common: Iterable[str]) -> Lists:
    """Hashes of the names and of words that are none. common: words in small, found in texts without names"""
    given, family = name_lists()
    return Lists(*(frozenset(map(hashed, words)) for words in (given, family, set(common) - given - family)))


def _single_words(held: Iterable[Any]) -> Iterable[str]:
    for value in held:
        for part in re.findall(r"[^\W\d_]{2,}", value if isinstance(value, str) else ""):
            yield part.lower()


class Values:
    """Draws values. The same seed gives the same values."""

    def __init__(self, seed: int) -> None:
        from faker import Faker

        self.chance = random.Random(seed)
        self._fakers = {locale: Faker(locale) for locale in LOCALES}
        for at, made in enumerate(self._fakers.values()):
            made.seed_instance(seed + at)

    def draw(self, kind: str) -> str:
        """kind: a type of the wire, or GIVEN, FAMILY, GPE, ORGANIZATION, TITLE, NRP, ORG"""
        return re.sub(r"[ \t]+", " ", str(getattr(self, f"_{kind.lower()}")())).strip()

    def _any(self) -> Faker:
        local = ENGLISH if self.chance.random() < 0.4 else LOCALES
        return self._fakers[self.chance.choice(local)]

    def _given(self) -> str:
        return self._any().first_name()

    def _family(self) -> str:
        return self._any().last_name()

    def _person(self) -> str:
        made, drawn = self._any(), self.chance.random()
        if drawn < 0.12:
            return made.first_name()
        if drawn < 0.2:
            return made.last_name()
        if drawn < 0.3:
            middle = self.chance.choice("ABCDEFGHJKLMNPRSTVW") + self.chance.choice(["", "."])
            return f"{made.first_name()} {middle} {made.last_name()}"
        if drawn < 0.36:
            return f"{made.first_name()} {made.last_name()}-{made.last_name()}"
        return f"{made.first_name()} {made.last_name()}"

    def _email_address(self) -> str:
        return self._any().email()

    def _phone_number(self) -> str:
        if self.chance.random() < 0.3:
            form = self.chance.choice(
                [
                    "## ## ## ##",
                    "### ####",
                    "#### ### ###",
                    "(##) ###-###",
                    "+## ### ### ###",
                    "07### ######",
                    "###-###-####",
                ]
            )
            return self._figures(form)
        return self._any().phone_number()

    def _credit_card(self) -> str:
        number = self._fakers["en_US"].credit_card_number()
        if self.chance.random() < 0.4:
            return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
        return number

    def _iban_code(self) -> str:
        number = self._fakers[self.chance.choice(["en_GB", "de_DE", "fr_FR", "it_IT", "nl_NL", "es_ES"])].iban()
        if self.chance.random() < 0.4:
            return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
        return number

    def _domain_name(self) -> str:
        return self._any().url()

    def _ip_address(self) -> str:
        return self._any().ipv4()

    def _us_ssn(self) -> str:
        return self._fakers["en_US"].ssn()

    def _zip_code(self) -> str:
        return self._any().postcode()

    def _age(self) -> int:
        return self.chance.randint(18, 95)

    def _us_driver_license(self) -> str:
        return self._figures(self.chance.choice(["#######", "?############", "####-##-####"]))

    def _id(self) -> str:
        return self._figures(self.chance.choice(OUR_IDS))

    def _gpe(self) -> str:
        made = self._any()
        return self._fakers["en_US"].country() if self.chance.random() < 0.3 else made.city()

    def _organization(self) -> str:
        return self._any().company()

    _org = _organization

    def _title(self) -> str:
        return self.chance.choice(TITLES)

    def _nrp(self) -> str:
        return self.chance.choice(PEOPLES)

    def _date_time(self) -> str:
        day, month, year = self.chance.randint(1, 28), self.chance.randint(1, 12), self.chance.randint(1940, 2026)
        name = MONTHS[month - 1]
        return self.chance.choice(
            [
                f"{day}.{month}.{year}",
                f"{month}/{day}/{year}",
                f"{year}-{month:02d}-{day:02d}",
                f"{day} {name}",
                f"{day} {name} {year}",
                f"{name} {day}",
                f"{name} {day}, {year}",
                f"{day}th of {name}",
                f"{name} {year}",
                self.chance.choice(DAYS),
            ]
        )

    def _street_address(self) -> str:
        made = self._any()
        number = str(self.chance.randint(1, 999))
        street = made.street_name()
        line = self.chance.choice([f"{number} {street}", f"{street} {number}"])
        if self.chance.random() < 0.2:
            line += self.chance.choice([", ", " "]) + self.unit()
        if self.chance.random() < 0.25:
            line += f"{self.chance.choice([', ', ' '])}{made.city()}"
            line += f" {made.postcode()}" if self.chance.random() < 0.6 else ""
        return line.replace("\n", ", ")

    def street(self) -> str:
        """A street with its number, as in countries that put it behind, mostly."""
        name, number = self._any().street_name(), self.chance.randint(1, 999)
        return f"{number} {name}" if self.chance.random() < 0.3 else f"{name} {number}"

    def unit(self) -> str:
        """A flat or suite."""
        return f"{self.chance.choice(['Apt.', 'Suite', 'Flat', 'Apt', 'Unit'])} {self.chance.randint(1, 999)}"

    def like(self, kind: str, value: str) -> str:
        """Another value that is written as this one: parts of an address, kinds of date, small or large letters."""
        made = self._like(kind, value)
        if value == value.lower() and value != value.upper():
            return made.lower()
        return made.upper() if value == value.upper() and value != value.lower() else made

    def _like(self, kind: str, value: str) -> str:
        figures_only = re.fullmatch(r"[\d\s.:/()x+-]+", value) is not None
        if (
            kind
            in ("DATE_TIME", "PHONE_NUMBER", "AGE", "STREET_ADDRESS", "ZIP_CODE", "US_DRIVER_LICENSE", "IP_ADDRESS")
            and figures_only
        ):
            if kind == "DATE_TIME" and len(value) == 4:
                return str(self.chance.randint(1950, 2026))
            if kind == "DATE_TIME":
                return self._figures(re.sub(r"\d(?=\d?(?:[:\s]|$))", "#", value))
            if kind == "PHONE_NUMBER" and self.chance.random() < 0.5:
                return self.draw(kind)
            return self._figures(re.sub(r"\d", "#", value)) if kind != "IP_ADDRESS" else self.draw(kind)
        if kind == "DATE_TIME" and value.title() in DAYS:
            return self.chance.choice(DAYS)
        if kind == "STREET_ADDRESS":
            return self._address_like(value)
        if kind == "PERSON" and " " not in value:
            return self.draw(self.chance.choice(["GIVEN", "FAMILY"]))
        if kind == "PERSON":
            return self._full_name()
        if kind == "TITLE" and len(value) > 5:
            return self._any().job()
        return self.draw(kind)

    def _full_name(self) -> str:
        while " " not in (name := self.draw("PERSON")):
            pass
        return name

    def _address_like(self, value: str) -> str:
        if re.fullmatch(r"(?:apt|suite)\.? \d+", value, flags=re.IGNORECASE):
            return self.unit()
        if "\n" not in value and len(value) < 30:
            return self.street() if re.search(r"\d", value) else self._any().street_name()
        parts = re.split(r"(\n|,)", value)  # every part again, in the order that the country has
        return "".join(part if part in ("\n", ",") else self._part_like(part) for part in parts)

    def _part_like(self, part: str) -> str:
        if re.search(r"(?:apt|suite)", part, flags=re.IGNORECASE):
            return re.sub(r"\d", lambda _: str(self.chance.randint(0, 9)), part)
        words = re.sub(r"\d", lambda _: str(self.chance.randint(0, 9)), part)
        if not re.search(r"[^\W\d_]{3}", part):
            return words
        lead = part[: len(part) - len(part.lstrip())]
        return lead + (self.street() if re.search(r"\d", part) else self.draw("GPE"))

    def _figures(self, form: str) -> str:
        letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
        return re.sub(r"[#?]", lambda m: self.chance.choice("0123456789" if m.group() == "#" else letters), form)
