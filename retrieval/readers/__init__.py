"""Files to Markdown, one module a format. Runs in a process of its own with limits (see `reading.py`), so it imports no Django.

`python -m retrieval.readers MEMORY_MB SECONDS` reads a file from standard input and writes JSON to standard output.
"""

from dataclasses import dataclass

MAX_CHARACTERS = 3_000_000  # of Markdown: about a thousand pages


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says. title: as the document itself states it, else "". pages: None for formats without pages."""

    markdown: str
    title: str = ""
    pages: int | None = None


class CannotRead(Exception):
    """str(error) is a sentence that staff can act on."""
