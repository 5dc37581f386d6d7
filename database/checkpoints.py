"""What SQLite has written ahead moves into its file beside the turns, not within one.

Left alone, SQLite does so whenever a commit finds a thousand pages waiting, and that commit waits for the disk: every few turns one
customer waited tens of milliseconds longer. Here a thread does it every few seconds; SQLite's own way stays as the net beneath.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3.0


async def keep_up() -> None:
    """Runs until it is cancelled; returns at once where the database is not a file."""
    if connection.vendor != "sqlite":
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoints") as executor:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await asyncio.get_running_loop().run_in_executor(executor, write_back)


def write_back() -> None:
    """Move what no reader needs any more; waits for nobody, and nobody waits for it. Never raises."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except DatabaseError:
        logger.warning("what was written ahead could not be moved into the database file", exc_info=True)
