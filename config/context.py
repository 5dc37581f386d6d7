"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def shop(request: HttpRequest) -> dict[str, object]:
    return {"shop_name": settings.SHOP_NAME, "shop_email": settings.SHOP_EMAIL, "demo": settings.DEMO}
