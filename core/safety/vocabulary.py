"""Words that rules are made of, as alternatives of a regular expression over folded text (small, without accents)."""

# Each: the kind, words of which one must stand in the text, or signs of which one must be part of it, and the patterns.
Written = tuple[tuple[str, str, str, tuple[str, ...]], ...]

IGNORE = (
    r"(?:ignor(?:e|ing)|disregard|forget|overrid(?:e|ing)|bypass|neglect|drop|discard|skip|violate|dismiss|abandon"
    r"|stop following|(?:do not|don'?t|not|never|no longer) (?:follow|obey))"
)
ORDERS = (
    r"(?:instructions?|prompts?|directives?|directions?|guidelines?|guidance|rules?|commands?|programming|restrictions?"
    r"|filters?|content polic(?:y|ies)|safety|persona)"
)
EARLIER = r"(?:previous|prior|earlier|preceding|former|foregoing|above|initial|original)"
AI = (
    r"(?:ai(?:[ -](?:assistants?|models?|agents?|systems?|chat ?bots?))?|llms?|(?:large )?language models?"
    r"|the (?:\w+ )?(?:assistant|bot|chat ?bot|model)|gpt|virtual assistants?)"
)
AI_NAMED = (
    r"(?:ai(?:[ -](?:assistants?|models?|agents?|systems?))?|llms?|(?:large )?language models?"
    r"|the (?:assistant|chat ?bot))"
)
DO = (
    r"(?:ignor\w+|disregard|forget|say|tell|reply|answer|respond|state|reveal|recommend|include|output|append"
    r"|behave|ask"
    r"|request|promise|refuse|praise|send|post|print|never|always|stop|obey|follow|list|act|admit|agree|offer|write)"
)
TELL = (
    r"(?:print|reveal|show|repeat|output|display|dump|tell|give|disclose|leak|translate|summari[sz]e|write|list|share"
    r"|append|include|expose|return|what (?:is|are|were|was))"
)
PEOPLE = r"(?:customers?|users?|clients?|people)"
