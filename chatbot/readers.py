"""What kind of reader somebody is to the policies: a stranger, or a customer who has proved who they are. Never staff."""

from datetime import datetime

from orders.viewer import Viewer
from retrieval.audiences import Audience


def reader(viewer: Viewer, *, at: datetime) -> Audience:
    """Who may be shown what is for signed-in customers at that moment; the proof expires."""
    return Audience.CUSTOMERS if viewer.is_verified(at=at) else Audience.EVERYONE
