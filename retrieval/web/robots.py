"""What a site asks of programs that walk through it (robots.txt, RFC 9309). The only importer of protego."""

from dataclasses import dataclass

from protego import Protego

from retrieval.web.addresses import Address

MAX_BYTES = 500 * 1024  # what must be read at least, says the RFC, and all that we read
MAX_DELAY = 30.0  # seconds between two pages; a site that asks for more would never be read through


@dataclass(frozen=True)
class Robots:
    """The rules of one site for one name. Without rules everything is allowed."""

    rules: Protego | None
    name: str

    def allow(self, address: Address) -> bool:
        return self.rules is None or bool(self.rules.can_fetch(address.text, self.name))

    @property
    def delay(self) -> float:
        """Seconds that the site wants between two requests, 0 if it does not say."""
        asked = self.rules.crawl_delay(self.name) if self.rules else None
        return min(max(float(asked or 0), 0.0), MAX_DELAY)


def parse_robots(data: bytes, *, name: str) -> Robots:
    """The rules in a robots.txt for the program of that name. Never fails: lines that cannot be understood say nothing."""
    try:
        return Robots(Protego.parse(data[:MAX_BYTES].decode("utf-8", "replace")), name)
    except ValueError:
        return Robots(None, name)
