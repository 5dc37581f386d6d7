"""Office files as what they are: ZIP archives of XML. Both can be bombs, so nothing here is trusted.

An archive is measured before anything is unpacked, only parts that are asked for by name are unpacked, nothing is written to disk
(a name such as "../../x" or a link leads nowhere), archives in archives are never opened, and XML is parsed without entities.
"""

import io
import posixpath
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]

from retrieval.readers import CannotRead

MAX_PART = 30_000_000  # bytes of XML in one part, unpacked; a thousand pages of text have about ten million
MAX_TOTAL = 300_000_000  # bytes of all parts as the archive declares them, pictures included
MAX_READ = 100_000_000  # bytes unpacked of one file, all parts that were asked for
MAX_PARTS = 10_000
MAX_RATIO = 150  # unpacked to packed, of a part of more than a million bytes; XML of real documents packs to a tenth or a thirtieth
DAMAGED = (
    "This file is damaged and cannot be opened. Please open it in the program it came from, save it again and upload the new file."
)
BOMB = "This file unpacks to far more than a text needs, so it was not opened. Please save it again and upload the new file."
FOREIGN = (
    "This file contains definitions that office programs never write, so it was not opened. Please save it again and upload that."
)
LOCKED = "This document is protected by a password. Please save a copy without it and upload that."
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, etree.LxmlError)
_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "remove_comments": True, "remove_pis": True}
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Archive:
    """An office file, opened and measured. Raises CannotRead for one that is damaged, locked, or made to harm."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as error:
            raise CannotRead(DAMAGED) from error
        infos = self._zip.infolist()
        _check_sizes(infos)
        self._infos = {info.filename: info for info in infos}
        if len(self._infos) < len(infos):
            raise CannotRead(FOREIGN)  # two parts of one name: programs would disagree on which of them is the document
        self._left = MAX_READ

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    @property
    def names(self) -> Iterable[str]:
        return self._infos.keys()

    def bytes_of(self, name: str) -> bytes:
        """A part, unpacked: never more than a part may have, whatever the archive declares. Raises CannotRead, also if it is missing."""
        info = self._infos.get(name)
        if info is None or stat.S_ISLNK(info.external_attr >> 16):
            raise CannotRead(DAMAGED)
        try:
            with self._zip.open(info) as part:
                data = part.read(MAX_PART + 1)
        except BROKEN as error:
            raise CannotRead(DAMAGED) from error
        self._left -= len(data)
        if len(data) > MAX_PART or self._left < 0:
            raise CannotRead(BOMB)
        return data

    def xml(self, name: str) -> Any:
        """The root element of a part. Raises CannotRead."""
        return harmless(self.bytes_of(name))

    def xml_if_there(self, name: str) -> Any | None:
        return self.xml(name) if name in self._infos else None

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Of an Open XML part: relation id → (last word of its type, target): a part's name, or "" and an address outside."""
        folder, name = posixpath.split(part)
        root = self.xml_if_there(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
        found = {}
        for relation in root.iter(_RELATIONS) if root is not None else ():
            kind, target = relation.get("Type", "").rpartition("/")[2], relation.get("Target", "")
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/")
            found[relation.get("Id", "")] = (kind, target)
        return found


def harmless(xml: bytes) -> Any:
    """The root of an XML text without comments and instructions. Raises CannotRead if it is broken or declares anything of its own."""
    _check_declarations(xml)
    try:
        root = etree.fromstring(xml, etree.XMLParser(**_SAFE))
    except BROKEN as error:
        raise CannotRead(DAMAGED) from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise CannotRead(FOREIGN)
    return root


def elements(xml: bytes, *tags: str) -> Iterator[Any]:
    """Yield the elements of those names one by one, each gone when the next one comes: for parts of many megabytes."""
    _check_declarations(xml)
    try:
        for _, element in etree.iterparse(io.BytesIO(xml), events=("end",), tag=tags, **_SAFE):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except BROKEN as error:
        raise CannotRead(DAMAGED) from error


def _check_declarations(xml: bytes) -> None:
    if any("<!DOCTYPE".encode(encoding) in xml for encoding in ("ascii", "utf-16-le", "utf-16-be")):
        raise CannotRead(FOREIGN)


def _check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    if any(info.flag_bits & 1 for info in infos):
        raise CannotRead(LOCKED)
    if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_TOTAL:
        raise CannotRead(BOMB)
    for info in infos:
        too_much = info.file_size > MAX_PART and info.filename.endswith((".xml", ".rels"))
        if too_much or (info.file_size > 1_000_000 and info.file_size > MAX_RATIO * max(info.compress_size, 1)):
            raise CannotRead(BOMB)
    for one, following in pairwise(sorted(infos, key=lambda info: info.header_offset)):
        if one.header_offset + one.compress_size > following.header_offset:
            raise CannotRead(BOMB)  # parts that share their bytes: how a small file unpacks to a huge one
