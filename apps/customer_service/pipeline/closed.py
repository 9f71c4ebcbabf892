"""What a customer is told who asks for a person while nobody works: when somebody will, in the customer's language."""

from datetime import datetime
from zoneinfo import ZoneInfo

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_TOLD = {
    "en": "Nobody is at the desk right now. We are back on {day}, {date}, at {time} ({zone}) and will answer here.",
    "de": "Gerade ist niemand da. Wir sind am {day}, {date}, um {time} Uhr ({zone}) wieder da und antworten hier.",
    "fr": "Personne n'est disponible pour l'instant. Nous revenons {day} {date} à {time} ({zone}) et répondrons ici.",
    "es": "Ahora no hay nadie. Volvemos el {day} {date} a las {time} ({zone}) y responderemos aquí.",
}


def told(language: str, opens: datetime, zone: str) -> str:
    """The sentence; English for a language that is not among ours.

    language: as in "de" or "de-AT";  opens: aware;  zone: IANA, in which the time is said

    >>> from datetime import UTC
    >>> told("en", datetime(2026, 1, 5, 9, tzinfo=UTC), "Europe/London")[33:]
    'We are back on Monday, 2026-01-05, at 09:00 (Europe/London) and will answer here.'
    """
    known = language.split("-")[0].lower()
    known = known if known in _TOLD else "en"
    local = opens.astimezone(ZoneInfo(zone))
    day = _DAYS[known][local.weekday()]
    return _TOLD[known].format(day=day, date=f"{local:%Y-%m-%d}", time=f"{local:%H:%M}", zone=zone)
