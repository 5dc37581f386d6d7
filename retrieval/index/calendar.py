"""Which of the versions that an index holds answer on a day, for tens of thousands of them in a blink. Pure.

The rule is `versions.newest`: of the versions of a document that cover a day, the one uploaded last. Here it is worked out for all
documents at once over columns of numbers, because a search may be about any day, and on most days nearly every version answers:
what is worth knowing is which ones do not.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date

import numpy as np

from retrieval.versions import Period

_ALWAYS = np.iinfo(np.int32).max  # later than any date's ordinal
_COLUMNS = ("version", "document", "number", "first", "after", "audience")


class Calendar:
    """Versions with the days they cover. It changes in place; whoever shares it between threads holds a lock."""

    def __init__(self) -> None:
        self._place: dict[int, int] = {}  # version id -> its row
        self._audiences: dict[str, int] = {}
        self._of_document: Counter[int] = Counter()
        self._crowded: set[int] = set()  # documents with several versions
        self._rows = np.zeros(0, dtype=np.dtype([(name, np.int64) for name in _COLUMNS]))

    def __len__(self) -> int:
        return len(self._place)

    def __contains__(self, version_id: int) -> bool:
        return version_id in self._place

    def put(self, version_id: int, document_id: int, period: Period, audience: str = "") -> None:
        """Hold a version, or know it better: its period may have changed."""
        self.drop(version_id)
        row = len(self._place)
        if row == len(self._rows):
            self._rows = np.resize(self._rows, max(64, 2 * row))
        first = period.start.toordinal() if period.start else 0
        after = 0 if period.superseded else period.end.toordinal() if period.end else _ALWAYS
        code = self._audiences.setdefault(audience, len(self._audiences))
        self._rows[row] = (version_id, document_id, period.number, first, after, code)
        self._place[version_id] = row
        self._of_document[document_id] += 1
        if self._of_document[document_id] == 2:
            self._crowded.add(document_id)

    def drop(self, version_id: int) -> None:
        """Forget a version; one that is not held is no error."""
        row = self._place.pop(version_id, None)
        if row is None:
            return
        document_id = int(self._rows[row]["document"])
        self._of_document[document_id] -= 1
        if self._of_document[document_id] < 2:
            self._crowded.discard(document_id)
        if not self._of_document[document_id]:
            del self._of_document[document_id]
        last = len(self._place)  # the last row moves into the gap
        if row != last:
            self._rows[row] = self._rows[last]
            self._place[int(self._rows[row]["version"])] = row

    def silent(self, day: date, audiences: Collection[str] | None = None) -> np.ndarray:
        """The ids, ascending, of the versions that do not answer on that day, or are for none of these audiences (None: any)."""
        rows = self._rows[: len(self._place)]
        ordinal = day.toordinal()
        answers = (rows["first"] <= ordinal) & (ordinal < rows["after"])
        if self._crowded:
            answers &= ~self._overtaken(rows, answers)
        if audiences is not None:
            codes = [self._audiences[name] for name in audiences if name in self._audiences]
            answers &= np.isin(rows["audience"], codes)
        return np.sort(rows["version"][~answers])

    def _overtaken(self, rows: np.ndarray, covers: np.ndarray) -> np.ndarray:
        """Which rows cover the day although a later upload of their document does too."""
        places = np.flatnonzero(covers & np.isin(rows["document"], list(self._crowded)))
        places = places[np.lexsort((rows["number"][places], rows["document"][places]))]
        documents = rows["document"][places]
        overtaken = np.zeros(len(rows), dtype=bool)
        overtaken[places[:-1][documents[:-1] == documents[1:]]] = True
        return overtaken
