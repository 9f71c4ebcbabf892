"""Messages of known wants, written for these tests, with vectors that lie around one direction a want."""

from collections.abc import Mapping

import numpy as np

from core.backend.encoder import Floats

WANTS: Mapping[str, tuple[str, ...]] = {
    "parcel": ("where is my parcel {}", "my parcel {} has not arrived", "track my parcel {} please"),
    "password": ("I forgot my password {}", "please reset my password {}", "cannot log in, password {} is refused"),
    "invoice": ("send me the invoice {}", "I need a copy of invoice {}", "the invoice {} is missing"),
    "sofa": ("the sofa {} arrived damaged", "my new sofa {} has a torn cover", "damaged sofa {} in the box"),
}


def messages(each: int) -> tuple[list[str], list[str]]:
    """returns: texts, all different, and their wants"""
    rows = [(said[at % len(said)].format(f"a{at}"), want) for want, said in WANTS.items() for at in range(each)]
    return [text for text, _ in rows], [want for _, want in rows]


def vectors_of(wants: list[str], spread: float = 0.6, dim: int = 64, seed: int = 3) -> Floats:
    """Unit rows; spread: length of the chance part beside the want's own direction of length 1."""
    chance = np.random.default_rng(seed)
    names = sorted(set(wants))
    own = chance.normal(size=(len(names), dim))
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    noise = chance.normal(size=(len(wants), dim))
    noise *= spread / np.linalg.norm(noise, axis=1, keepdims=True)
    rows = own[[names.index(want) for want in wants]] + noise
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
