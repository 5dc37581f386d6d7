"""Celery's filesystem broker with whole messages only.

kombu writes a message under its final name, so that a reader may take it while it is still empty, lose it and stop the worker. Here
a message appears by renaming, is claimed by renaming, and one that cannot be read is put aside. Losing one costs seconds in any case:
the sweep finds what is due in the database.
"""

import logging
import uuid
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)
SCHEME = "files"


class Channel(filesystem.Channel):
    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]  # its two parents disagree
        """Write the message beside the others, then give it its name: readers see all of it or nothing."""
        folder = Path(self.data_folder_out)
        name = f"{time_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        draft = folder / f".{name}"
        try:
            draft.write_text(dumps(message), "utf-8")
            draft.rename(folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot add {name} to {folder}: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message of the queue. Two workers never get the same: only one of them can rename it."""
        folder = Path(self.data_folder_in)
        for path in sorted(folder.glob(f"*.{queue}.msg")):
            claimed = path.with_name(f".{path.name}.taken")
            try:
                path.rename(claimed)
                text = claimed.read_text("utf-8")
                claimed.unlink()
            except FileNotFoundError:
                continue  # another worker was faster
            except (OSError, UnicodeDecodeError) as error:
                log.error("message %s cannot be read and is put aside: %s", path.name, error)
                continue
            try:
                return loads(text)
            except ValueError:
                log.error("message %s is broken and is dropped; the sweep finds what it asked for", path.name)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel


def register() -> None:
    """Make `files://` an address that Celery understands."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
