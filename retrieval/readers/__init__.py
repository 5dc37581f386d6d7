"""Files to Markdown, one module a format. Runs in a process of its own with limits (see `reading.py`), so it imports no Django.

`python -m retrieval.readers MEMORY_MB SECONDS` takes a file on standard input, or several small ones, and writes a JSON list to
standard output, with one object for each:

    in    a line of JSON {"files": [["returns.pdf", bytes] …], "ocr": "/usr/bin/tesseract" or null}, then the bytes of the files
    out   {"markdown", "title", "pages": number or null, "notices": [sentence …], "pictures": [page …]}
          or {"reason": sentence, "pictures": [page …]} for a file that cannot be read

`pictures` are the pages without text, which a second reading with `ocr` could recognise. The exit status is 0 for both answers.
"""

from dataclasses import dataclass

MAX_CHARACTERS = 3_000_000  # of Markdown: about a thousand pages


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says. title: as the document itself states it, else "". pages: None for formats without pages.

    notices: sentences for staff about what was not read, or may be read wrongly. pictures: the pages that are pictures without text.
    """

    markdown: str
    title: str = ""
    pages: int | None = None
    notices: tuple[str, ...] = ()
    pictures: tuple[int, ...] = ()


class CannotRead(Exception):
    """str(error) is a sentence that staff can act on. pictures: the pages whose text could be recognised, if that is the reason."""

    def __init__(self, reason: str, pictures: tuple[int, ...] = ()) -> None:
        super().__init__(reason)
        self.pictures = pictures
