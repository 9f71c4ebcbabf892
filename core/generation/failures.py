"""Why there is no answer of a chat model. Imports nothing heavy, for it goes over the wire."""

from enum import StrEnum


class Failure(StrEnum):
    """Why there is no answer of the model. After the first six, often enough in a row, it rests."""

    TIMEOUT = "timeout"  # not finished in time: dead, slow, or dripping
    UNREACHABLE = "unreachable"  # nobody listens there
    REFUSED = "refused"  # it said no: an HTTP error, or too long a prompt
    EMPTY = "empty"
    GARBLED = "garbled"  # a web page, or nothing that can be read
    RAMBLING = "rambling"  # longer than is read
    RESTING = "resting"  # it failed again and again, and is left alone for a while
    UNSUPPORTED = "unsupported"  # it said nothing, or too little, that the sources support
