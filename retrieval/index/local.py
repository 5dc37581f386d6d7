"""An index in this process: vectors in blocks, terms in a lexicon. A replica that follows `IndexChange`.

Readers work on a `_View`, which never changes; a change makes a new one, so a search sees the old state or the new, never a mix.
A change costs what it adds, not what is stored. See `snapshot.py` for what is on disk, and `upkeep.py` for what is done meanwhile.
"""

import logging
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.index import rows
from retrieval.index.backend import Candidates
from retrieval.index.calendar import Calendar
from retrieval.index.lexicon import Entry as LexiconEntry
from retrieval.index.lexicon import Lexicon, Terms
from retrieval.index.log import UNREAD, Entry, News, Position, newest_position
from retrieval.index.scans import Wanted
from retrieval.index.storing import Store
from retrieval.index.upkeep import Upkeep
from retrieval.index.vectors import FULL, Block, merged, nearest
from retrieval.models import Chunk, DocumentVersion, IndexChange, State
from retrieval.versions import Period

logger = logging.getLogger(__name__)

_DAYS_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Day:
    """What answers on one day: the versions that do not, and which rows of each block may be found."""

    silent: np.ndarray
    wanted: Mapping[Block, Wanted]


_Key = tuple[date, frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class _View:
    """One state of the replica. position: id and key of the last log row it has read.

    days: what was worked out so far; earlier: what was worked out for the state before, of which most still holds.
    """

    position: Position
    blocks: tuple[Block, ...]
    terms: Terms
    days: dict[_Key, _Day] = field(default_factory=dict)
    earlier: Mapping[_Key, _Day] = field(default_factory=dict)


class LocalIndex:
    """The replica of this process. folder: where its snapshot and its larger lexicon are; None: in memory alone."""

    def __init__(self, folder: Path | None = None, *, upkeep: Upkeep | None = None) -> None:
        self._lock = threading.Lock()  # held by whoever makes a new view
        self._store = Store(folder)
        self._upkeep = upkeep or Upkeep()
        self._calendar = Calendar()  # as of the newest view
        self._lexicon = Lexicon()
        self._view = _View(UNREAD, (), self._lexicon.commit())
        self.unsaved = 0  # chunks that came or went since the last snapshot

    def candidates(
        self,
        terms: Mapping[str, float],
        vector: Any,
        *,
        recipe: str,
        as_of: date,
        limit: int,
        audiences: Collection[str] | None = None,
    ) -> Candidates:
        view, day = self._on(as_of, None if audiences is None else frozenset(audiences))
        dense: dict[int, float] = {}
        if vector is not None:
            comparable = (
                (block, wanted)
                for block, wanted in day.wanted.items()
                if block.recipe == recipe and block.scan.dimension == len(vector)
            )
            dense = nearest(comparable, vector, limit)
        return Candidates(
            dense=dense,
            lexical=dict(sorted(view.terms.best(terms, day.silent, limit), key=lambda hit: (-hit[1], hit[0]))),
            frequency={term: view.terms.frequency(term) for term in terms},
            size=view.terms.size,
        )

    def catch_up(self) -> _View:
        """Read what the log has grown by, and return the state after it. One small query when there is nothing new."""
        view = self._view
        news = News(view.position)
        if news.is_same_log and not news.entries:
            return view
        with self._lock:
            news = News(self._view.position)  # another thread may have been faster
            if not news.is_same_log and self._view.position == UNREAD and self._restore():
                news = News(self._view.position)
            if not news.is_same_log:
                logger.info("the search index is made from the database")
                self._load_everything()
            elif news.entries:
                self._apply(news.entries)
        self._upkeep.consider(self)
        return self._view

    def rebuild(self) -> int:
        with self._lock:
            self._load_everything()
        self._upkeep.consider(self)
        return self._view.terms.size

    def wait(self) -> None:
        self._upkeep.wait()

    # --- for the upkeep ---------------------------------------------------------------------------------------------

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self._view.blocks

    @property
    def size(self) -> int:
        """How many chunks there are."""
        return self._view.terms.size

    @property
    def can_be_saved(self) -> bool:
        return self._store.is_usable and self._lexicon.folder is not None

    @property
    def outgrew_memory(self) -> bool:
        """Whether a larger lexicon could lie in a folder but does not."""
        return self._store.is_usable and self._lexicon.folder is None

    def save(self) -> bool:
        """Write a snapshot of what the index is now; False if another process is at it. Raises OSError."""
        with self._store.saving() as saving:
            if saving is None:
                return False
            with self._lock:
                view, unsaved = self._view, self.unsaved
                linked = saving.link(self._lexicon)
            if linked:
                saving.write(view.position, view.blocks)
                with self._lock:
                    self.unsaved -= unsaved
            return linked

    def exchange(self, old: Collection[Block], new: Collection[Block]) -> bool:
        """Put blocks with the same rows in the place of others; False if those are not there any more."""
        with self._lock:
            view, scans = self._view, {id(block.scan) for block in old}
            there = [block for block in view.blocks if id(block.scan) in scans]
            if len(there) != len(scans):
                return False
            # rows may have left since the new blocks were begun
            alive = np.concatenate([block.chunks[block.alive] for block in there])
            fitting = [replace(block, alive=block.alive & np.isin(block.chunks, alive)) for block in new]
            kept = [block for block in view.blocks if id(block.scan) not in scans]
            self._view = replace(view, blocks=(*fitting, *kept), days={}, earlier={})
        return True

    # --- views; the caller holds the lock ---------------------------------------------------------------------------

    def _on(self, day: date, audiences: frozenset[str] | None) -> tuple[_View, _Day]:
        """The state of now, and what answers in it on a day."""
        view = self.catch_up()
        found = view.days.get((day, audiences))
        if found is None:
            with self._lock:
                view = self._view  # the one that the calendar belongs to
                silent = self._calendar.silent(day, audiences)
                earlier = view.earlier.get((day, audiences))
                known = earlier.wanted if earlier is not None and np.array_equal(earlier.silent, silent) else {}
                found = _Day(silent, {block: known.get(block) or block.wanted(silent) for block in view.blocks})
                if len(view.days) >= _DAYS_REMEMBERED:
                    view.days.clear()
                view.days[day, audiences] = found
        return view, found

    def _restore(self) -> bool:
        """Begin with the snapshot; False if there is none that fits this database."""
        restored = self._store.restored()
        if restored is None:
            return False
        if not News(restored.position).is_same_log:
            logger.info("the snapshot of the search index does not belong to this state of the database")
            self._store.give_up(restored.lexicon)
            return False
        self._calendar = _calendar()  # perhaps newer than the snapshot: the news that are read next make up for it
        self._replace_lexicon(restored.lexicon)
        self._view = _View(restored.position, restored.blocks, restored.lexicon.commit())
        self.unsaved = 0
        return True

    def _load_everything(self) -> None:
        position = newest_position()
        calendar = _calendar()
        lexicon = self._store.new_lexicon(Chunk.objects.filter(version__state=State.PUBLISHED).count())
        blocks = _add(rows.published(), lexicon)
        terms = lexicon.commit()
        self._replace_lexicon(lexicon)
        self._calendar, self._view = calendar, _View(position, blocks, terms)
        self.unsaved = terms.size

    def _apply(self, news: list[Entry]) -> None:
        """Make the next view. What a version is now decides, not the order of what happened to it."""
        view = self._view
        touched = {entry.version_id for entry in news}
        now = {held[0]: held for held in _held(DocumentVersion.objects.published().filter(pk__in=touched))}
        added = {entry.version_id for entry in news if entry.action == IndexChange.Action.ADDED}
        fresh = {version_id for version_id in now if version_id in added or version_id not in self._calendar}
        gone = fresh | (touched - now.keys())
        terms = view.terms
        blocks = view.blocks
        if gone:
            try:
                self._lexicon.remove(gone)
                leaving = np.array(sorted(gone), dtype=np.int64)
                kept = [block.without(leaving) for block in blocks]
                blocks = merged([*kept, *_add(rows.published(fresh), self._lexicon)])
                terms = self._lexicon.commit()
            except BaseException:
                self._forget_half_a_change()
                raise
        for version_id in touched:
            self._calendar.drop(version_id)
        for held in now.values():
            self._calendar.put(*held)
        self.unsaved += abs(terms.size - view.terms.size) + len(gone)
        self._view = _View(Position(*news[-1][:2]), blocks, terms, earlier=view.days)

    def _forget_half_a_change(self) -> None:
        try:
            self._lexicon.rollback()
        except Exception:  # whatever tantivy, or a lack of memory, says
            logger.exception("the search index cannot go back to its last state and will be made anew")
            self._view = replace(self._view, position=UNREAD)

    def _replace_lexicon(self, lexicon: Lexicon) -> None:
        old, self._lexicon = self._lexicon, lexicon
        self._store.give_up(old)  # searches that still read it keep its files open


def _add(chunks: Iterable[rows.ChunkRow], lexicon: Lexicon) -> tuple[Block, ...]:
    """Read chunks into the lexicon and into new blocks, per recipe and dimension, a full block at a time."""
    waiting: dict[tuple[str, int], list[rows.ChunkRow]] = {}
    blocks: list[Block] = []
    for chunk in chunks:
        lexicon.add([LexiconEntry(chunk.chunk, chunk.version, chunk.head, chunk.body)])
        if chunk.vector:
            kind = chunk.recipe, len(chunk.vector)
            waiting.setdefault(kind, []).append(chunk._replace(head=[], body=[]))  # their terms would fill the memory
            if len(waiting[kind]) == FULL:
                blocks.append(_block(waiting.pop(kind)))
    return (*blocks, *(_block(entries) for entries in waiting.values()))


def _block(chunks: list[rows.ChunkRow]) -> Block:
    matrix = np.frombuffer(b"".join(chunk.vector for chunk in chunks), dtype="<f4").reshape(len(chunks), -1)
    ids = np.array([(chunk.chunk, chunk.version) for chunk in chunks], dtype=np.int64)
    return Block.of(chunks[0].recipe, matrix, ids[:, 0].copy(), ids[:, 1].copy())


def _calendar() -> Calendar:
    calendar = Calendar()
    for held in _held(DocumentVersion.objects.published()):
        calendar.put(*held)
    return calendar


def _held(versions: Any) -> Iterable[tuple[int, int, Period, str]]:
    names = ("pk", "document_id", "number", "effective_from", "effective_until", "audience")
    for pk, document, number, start, end, audience in versions.values_list(*names).iterator(chunk_size=2000):
        yield pk, document, Period(number, start, end, end), audience
