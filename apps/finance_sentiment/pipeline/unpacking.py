"""Unpack an answer piece by piece, and stop where it grows too large: a gzip bomb costs no more than the cap."""

import zlib

from apps.finance_sentiment.errors import FetchFailed

ACCEPTED = "gzip, deflate"
_STEP = 65_536
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class Unpacker:
    """Takes the pieces of one answer and holds what they unpack to.

    encoding: as the server names it;  most: bytes, unpacked
    """

    def __init__(self, encoding: str, most: int) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", *_WINDOWS):
            raise FetchFailed(f"the server packs its answer in an unknown way ({name:.30})", remedy="tell its owner")
        self.most = most
        self._name = name
        self._body = bytearray()
        self._unpack = zlib.decompressobj(_WINDOWS[name]) if name in _WINDOWS else None
        self._begun = False

    def feed(self, piece: bytes) -> None:
        """raises: FetchFailed where there is too much, or what is packed is damaged"""
        if self._unpack is None:
            self._keep(piece)
            return
        try:
            self._feed_packed(piece)
        except zlib.error:
            raise FetchFailed("the server's answer is packed, and damaged", remedy="try again later") from None

    def body(self) -> bytes:
        """What was unpacked. raises: FetchFailed where the end of what was packed is missing"""
        if self._unpack is not None and self._begun and not self._unpack.eof:
            raise FetchFailed("the server's answer breaks off", remedy="try again later")
        return bytes(self._body)

    def so_far(self) -> bytes:
        """What was unpacked until now."""
        return bytes(self._body)

    def _feed_packed(self, piece: bytes) -> None:
        if not self._begun and self._name == "deflate" and piece and piece[0] & 0x0F != 8:
            self._unpack = zlib.decompressobj(-15)  # many servers leave the header out that the standard asks for
        while piece:
            unpack = self._unpack
            assert unpack is not None
            self._begun = True
            self._keep(unpack.decompress(piece, _STEP))
            piece = unpack.unconsumed_tail
            if unpack.eof:
                piece = unpack.unused_data.lstrip(b"\0")
                if piece:  # several members in a row are one answer
                    self._unpack = zlib.decompressobj(_WINDOWS[self._name])

    def _keep(self, some: bytes) -> None:
        if len(self._body) + len(some) > self.most:
            raise FetchFailed(
                f"the answer holds more than {self.most / 1_000_000:g} MB",
                remedy="raise `fetch_most_bytes` if it should",
            )
        self._body += some
