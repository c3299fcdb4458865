"""Bits of a header, one field after the other."""


class Bits:
    """Reads unsigned numbers of some bits; past the end there is a LookupError.

    Args:
        data: The bytes.
        lowest_first: Whether a byte's lowest bit comes first, and a number's too.
    """

    def __init__(self, data: bytes, *, lowest_first: bool) -> None:
        self._value = int.from_bytes(data, "little" if lowest_first else "big")
        self._total = 8 * len(data)
        self._lowest_first = lowest_first
        self._place = 0

    def read(self, count: int) -> int:
        """Read the next number."""
        end = self._place + count
        if end > self._total:
            raise LookupError("the header ends too early")
        shift = self._place if self._lowest_first else self._total - end
        self._place = end
        return self._value >> shift & ((1 << count) - 1)

    def align(self) -> None:
        """Go on with the next whole byte."""
        self._place = -(-self._place // 8) * 8
