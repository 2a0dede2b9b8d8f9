"""How can the same personal value be counted without being known? By a keyed pseudonym of it."""

from hashlib import blake2b

LEAST_KEY = 16
"""Characters of a key: addresses can be guessed one by one, so the key must not be guessable."""

_BYTES = 4


class Pseudonyms:
    """Gives what stands in the place of a personal value: what kind it is and, with a key, which one.

    The pseudonym is BLAKE2b (RFC 7693) of the normalized value in its keyed mode, 8 hex digits: who has not
    got the key can neither turn it back nor try values. Two different values share one with odds of 1 in
    4.3 billion, so of n values about n² / 8.6 billion pairs do: one pair of 100,000 values, none of 10,000
    with odds of 99 %. It serves counting and comparing, never as proof that two values are the same.
    Another key gives other pseudonyms, and with them other ids of events that hold one.

    >>> Pseudonyms("").placeholder("email", "Jane@Example.org")
    '<email>'
    >>> Pseudonyms("a key of sixteen").placeholder("email", "Jane@Example.org")
    '<email:11935d2b>'
    """

    def __init__(self, key: str) -> None:
        """Use a key; an empty one turns pseudonyms off."""
        # What BLAKE2 takes as a key is bounded; its hash is as good a key as the whole.
        self._keyed = blake2b(digest_size=_BYTES, key=blake2b(key.encode()).digest()) if key else None

    def placeholder(self, kind: str, value: str) -> str:
        """Give the placeholder of a value, the same for each way of writing it.

        Args:
            kind: What it is; the same digits as something else have another pseudonym.
            value: As it stands in the text; case, and in a number spaces and signs, do not count.
        """
        if self._keyed is None:
            return f"<{kind}>"
        normal = value.lower()
        if kind != "email":
            normal = "".join(filter(str.isalnum, normal))
        hashed = self._keyed.copy()
        hashed.update(f"{kind}:{normal}".encode("utf-8", "surrogatepass"))
        return f"<{kind}:{hashed.hexdigest()}>"
