"""Published text for reading: what a citation opens, for ever, and the list of what is in force."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from retrieval.audiences import Audience
from retrieval.models import DocumentVersion


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One version of a policy, as readers see it. state: a value of `models.State`; is_current: in force today.

    markdown: the whole text that spans of passages point into; "" in a list. origin: the address of the public web page that it was
    taken from, "" if there is none.
    """

    slug: str
    title: str
    category: str
    version: int
    markdown: str
    effective_from: date | None
    effective_until: date | None
    state: str
    published_at: datetime | None
    is_current: bool
    origin: str = ""

    @property
    def number(self) -> int:
        return self.version


async def get_policy(slug: str, number: int, *, reader: Audience = Audience.EVERYONE) -> PolicyText | None:
    """One version, whole. None alike for what does not exist, was never published, or is not for this reader."""
    found = DocumentVersion.objects.filter(document__slug=slug, number=number, published_at__isnull=False)
    version = await found.readable_by(reader).select_related("document", "web_origin").afirst()
    if version is None:
        return None
    current = await DocumentVersion.objects.in_force(on=timezone.localdate()).filter(pk=version.pk).aexists()
    origin = getattr(version, "web_origin", None)
    address = origin.address if origin is not None and origin.is_public else ""
    return replace(_text(version, version.markdown, is_current=current), origin=address)


async def list_policies(on: date, *, reader: Audience = Audience.EVERYONE, slug: str = "") -> list[PolicyText]:
    """What answers this reader on a calendar day, by category and title, without the texts. slug: of one policy only."""
    versions = DocumentVersion.objects.in_force(on=on).readable_by(reader).select_related("document").defer("markdown")
    in_force_today = DocumentVersion.objects.in_force(on=timezone.localdate())
    if slug:
        versions, in_force_today = versions.filter(document__slug=slug), in_force_today.filter(document__slug=slug)
    current = {pk async for pk in in_force_today.values_list("pk", flat=True)}
    ordered = versions.order_by("document__category", "document__title", "pk")
    return [_text(version, "", is_current=version.pk in current) async for version in ordered]


def _text(version: DocumentVersion, markdown: str, *, is_current: bool) -> PolicyText:
    return PolicyText(
        slug=version.document.slug,
        title=version.document.title,
        category=version.document.category,
        version=version.number,
        markdown=markdown,
        effective_from=version.effective_from,
        effective_until=version.effective_until,
        state=version.state,
        published_at=version.published_at,
        is_current=is_current,
    )
