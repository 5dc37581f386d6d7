"""The instructions in force, and publishing others. Every turn reads them from the database, so a new version counts at once everywhere."""

from datetime import datetime

from django.db import IntegrityError, transaction

from chatbot.instructions.models import InstructionsVersion
from chatbot.instructions.wording import AS_INSTALLED, Instructions, installed_text
from database.lanes import in_database
from database.prepared import Prepared


class PublishedMeanwhile(Exception):
    """Somebody else published a version since the form was opened. number: that version."""

    def __init__(self, number: int) -> None:
        super().__init__(f"version {number} was published meanwhile")
        self.number = number


async def instructions_in_force() -> Instructions:
    """Those of the newest version; those that come with the product while there is none."""
    return await in_database(newest)


def newest() -> Instructions:
    rows = _newest.rows()
    return Instructions(*rows[0]) if rows else AS_INSTALLED


def draft_to_edit() -> Instructions:
    """The instructions in force with their words written out, as a form shows them."""
    told = newest()
    return told if told.text else Instructions(text=installed_text())


def publish(
    told: Instructions, *, note: str, by: str, at: datetime, based_on: int, restores: int | None = None
) -> InstructionsVersion:
    """Put instructions in force as a new version. based_on: the number of the version that was looked at.

    Raises PublishedMeanwhile if that is not the newest any more.
    """
    try:
        with transaction.atomic():
            number = newest().number
            if number != based_on:
                raise PublishedMeanwhile(number)
            return InstructionsVersion.objects.create(
                number=number + 1,
                text=told.text,
                shop_name=told.shop,
                tone=told.tone,
                language=told.language,
                forbidden=told.forbidden,
                note=note,
                author=by,
                restores=restores,
                made_at=at,
            )
    except IntegrityError:  # two at the same moment: the number is unique
        raise PublishedMeanwhile(newest().number) from None


def instructions_of(version: InstructionsVersion) -> Instructions:
    return Instructions(version.number, version.text, version.shop_name, version.tone, version.language, version.forbidden)


_newest = Prepared(
    lambda: InstructionsVersion.objects.order_by("-number").values_list(
        "number", "text", "shop_name", "tone", "language", "forbidden"
    )[:1]
)
