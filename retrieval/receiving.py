"""An upload becomes a version row and a file under a name of ours. Nothing is read yet; what is acknowledged is kept."""

import hashlib
import logging
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.text import slugify

from retrieval.errors import NotPossibleNow, NotStored, RetrievalError, Unchanged, Unreadable
from retrieval.history import write_down, write_down_each
from retrieval.models import UNFINISHED, Audience, Document, DocumentVersion, GovernedBy, Release, State
from retrieval.publishing import changing_documents
from retrieval.queueing import send_to_queue

logger = logging.getLogger(__name__)

LIVING = (*UNFINISHED, State.READY, State.PUBLISHED)


def receive(
    file: bytes | str | PathLike[str],
    filename: str,
    *,
    title: str = "",
    category: str = "",
    effective_from: date | None = None,
    effective_until: date | None = None,
    author: Any = None,
    note: str = "",
    document: Document | None = None,
    governed_by: str = "",
    audience: str = "",
    release: str = Release.AT_ONCE,
    queue: bool = True,
) -> DocumentVersion:
    """Store an upload as the next version of its document and return it, in state received; work is queued after the commit.

    file: the bytes, or a path to them. The document is the one given, else the one whose newest version has this file name,
    else a new one. governed_by: a value of GovernedBy, for the whole document; "" leaves it as it is. audience: a value of Audience,
    for this version; "" takes that of the version before it, or everyone. release: a value of Release. queue=False is for callers
    that call `ingestion.advance` themselves.
    Raises Unreadable (empty, too large), NotPossibleNow (dates the wrong way round), Unchanged (the newest version is this very
    file with these dates), NotStored (disk full or not writable).
    """
    version = _stored(
        file, filename, effective_from=effective_from, effective_until=effective_until, author=author, note=note, release=release
    )
    about = {"title": title, "category": category, "governed_by": governed_by}
    return _kept(version, audience=audience, document=document, queue=queue, **about)


def receive_all(
    files: Sequence[tuple[bytes | str | PathLike[str], str]],
    *,
    title: str = "",
    category: str = "",
    governed_by: str = "",
    audience: str = "",
    author: Any = None,
    **stated: Any,
) -> list[DocumentVersion | RetrievalError]:
    """`receive` for several files, each (the file, its name), without queueing: what `receive` would return for each, or raise.

    Those that begin a document are kept in one transaction, so that a folder costs little a file. Raises only what is no file's fault.
    """
    outcomes: list[DocumentVersion | RetrievalError] = [
        _attempt(_stored, file, name, author=author, **stated) for file, name in files
    ]
    left = [version for version in outcomes if isinstance(version, DocumentVersion)]
    about = {"title": title, "category": category, "governed_by": governed_by}
    try:
        begun = _begin_documents(left, audience=audience or Audience.EVERYONE, author=author, **about)
        left = [version for version in left if version.filename not in begun or begun[version.filename] is not version]
        for place, outcome in enumerate(outcomes):
            if left and outcome is left[0]:
                outcomes[place] = _attempt(_kept, left.pop(0), audience=audience, document=None, queue=False, **about)
    except BaseException:
        for version in left:
            version.file.delete(save=False)  # no row points to it
        raise
    return outcomes


def shown_name(filename: str) -> str:
    """The user's file name, fit to be shown: printable, without steps through folders, at most 255 characters."""
    text = unicodedata.normalize("NFC", filename).replace("\\", "/")
    text = "".join(character for character in text if character.isprintable())
    parts = [part for part in PurePosixPath(text).parts if part not in ("/", "..", ".")]
    return "/".join(parts)[-255:] or "document"


def title_from(filename: str) -> str:
    """A readable title for "gift-cards_2024.pdf": "Gift cards 2024"."""
    words = re.sub(r"[-_\s]+", " ", PurePosixPath(filename).stem).strip()
    return (words[:1].upper() + words[1:])[:200] or "Document"


def _stored(
    file: bytes | str | PathLike[str],
    filename: str,
    *,
    effective_from: date | None = None,
    effective_until: date | None = None,
    note: str = "",
    **stated: Any,
) -> DocumentVersion:
    """A version that is not saved, with its file written. Raises Unreadable, NotPossibleNow, NotStored."""
    if effective_from and effective_until and effective_until <= effective_from:
        raise NotPossibleNow("The last day must lie after the first day on which the document applies.")
    data = _bytes(file)
    version = DocumentVersion(
        filename=shown_name(filename),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        effective_from=effective_from,
        effective_until=effective_until,
        stated_until=effective_until,
        state_at=timezone.now(),
        note=note[:500],
        **stated,
    )
    _store(version, data)
    return version


def _kept(
    version: DocumentVersion, *, title: str, category: str, governed_by: str, audience: str, document: Document | None, queue: bool
) -> DocumentVersion:
    """Save a version with a stored file as the next one of its document. Raises Unchanged."""
    try:
        with changing_documents():
            version.document = _document(document, version.filename, title.strip(), category.strip(), governed_by)
            last = version.document.versions.order_by("-number").only("number", "audience").first()
            version.number = last.number + 1 if last else 1
            version.audience = audience or (last.audience if last else Audience.EVERYONE)
            newest = version.document.versions.filter(state__in=LIVING).defer("markdown").order_by("-number").first()
            if newest is not None and _same(newest, version):
                raise Unchanged(newest)
            version.save()
            write_down(version.pk, State.RECEIVED, at=version.state_at, by=version.author)
            if queue:
                transaction.on_commit(lambda: send_to_queue(version.pk))
    except BaseException:
        version.file.delete(save=False)  # no row points to it
        raise
    return version


def _begin_documents(
    versions: Sequence[DocumentVersion], *, title: str, category: str, governed_by: str, audience: str, author: Any
) -> dict[str, DocumentVersion]:
    """Save versions whose file names no document has, each as the first of a new one, and return them by file name."""
    with changing_documents():
        names = {version.filename for version in versions}
        known = set(DocumentVersion.objects.filter(filename__in=names).order_by().values_list("filename", flat=True))
        begun: dict[str, DocumentVersion] = {}
        for version in versions:
            if version.filename not in known:
                begun.setdefault(version.filename, version)
        titles = [title.strip()[:200] or title_from(name) for name in begun]
        documents = Document.objects.bulk_create(
            Document(slug=slug, title=one, category=category.strip()[:100], governed_by=governed_by or GovernedBy.TODAY)
            for slug, one in zip(_free_slugs(titles), titles, strict=True)
        )
        for version, document in zip(begun.values(), documents, strict=True):
            version.document, version.number, version.audience = document, 1, audience
        DocumentVersion.objects.bulk_create(begun.values())
        write_down_each([(version.pk, "") for version in begun.values()], State.RECEIVED, at=timezone.now(), by=author)
    return begun


def _bytes(file: bytes | str | PathLike[str]) -> bytes:
    limit = settings.MAX_UPLOAD_MB * 1024 * 1024
    too_large = Unreadable(f"This file is larger than {settings.MAX_UPLOAD_MB} MB. Please split it, or ask for a higher limit.")
    if not isinstance(file, bytes):
        try:
            with Path(file).open("rb") as source:
                file = source.read(limit + 1)  # never more than one byte too many
        except OSError as error:
            raise Unreadable("This file could not be opened.") from error
    if len(file) > limit:
        raise too_large
    if not file:
        raise Unreadable("This file is empty.")
    return file


def _store(version: DocumentVersion, data: bytes) -> Any:
    """Write the file under a random name; the ending is kept only where it is plain, for people who look into the folder."""
    ending = PurePosixPath(version.filename).suffix.lower()
    name = secrets.token_hex(16) + (ending if re.fullmatch(r"\.[a-z]{2,8}", ending) else "")
    try:
        version.file.save(name, ContentFile(data), save=False)
    except OSError as error:
        raise NotStored from error
    return version.file


def _same(newest: DocumentVersion, version: DocumentVersion) -> bool:
    """Whether an upload says nothing new: the same bytes for the same readers, and no dates or the same ones."""
    dates = (version.effective_from, version.stated_until)
    same_text = newest.sha256 == version.sha256 and newest.audience == version.audience
    return same_text and dates in ((None, None), (newest.effective_from, newest.stated_until))


def _document(document: Document | None, filename: str, title: str, category: str, governed_by: str) -> Document:
    """The document this upload belongs to. Inside the lock, so that two uploads of one new file make one document."""
    if document is None:
        later = DocumentVersion.objects.filter(document=OuterRef("document"), number__gt=OuterRef("number"))
        named = DocumentVersion.objects.filter(filename=filename).exclude(Exists(later)).select_related("document")
        newest = named.only("document").order_by("-document").first()
        document = newest.document if newest else None
    if document is None:
        title = title[:200] or title_from(filename)
        governed_by = governed_by or GovernedBy.TODAY
        return Document.objects.create(slug=_free_slugs([title])[0], title=title, category=category[:100], governed_by=governed_by)
    said = {"title": title[:200], "category": category[:100], "governed_by": governed_by}
    changed = {name: value for name, value in said.items() if value and value != getattr(document, name)}
    for name, value in changed.items():
        setattr(document, name, value)
    if changed:
        document.save(update_fields=list(changed))
    return document


def _free_slugs(titles: Sequence[str]) -> list[str]:
    """An address for each title that no document has, nor another of them."""
    wished = [slugify(title)[:80].strip("-") or "document" for title in titles]
    taken = set(Document.objects.filter(slug__in=wished).values_list("slug", flat=True))
    free = []
    for slug in wished:
        free.append(f"{slug}-{secrets.token_hex(3)}" if slug in taken else slug)
        taken.add(slug)
    return free


def _attempt(step: Callable[..., DocumentVersion], *about: Any, **more: Any) -> DocumentVersion | RetrievalError:
    try:
        return step(*about, **more)
    except RetrievalError as error:
        return error
