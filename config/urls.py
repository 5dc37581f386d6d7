"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

from config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.alive, name="health"),
    path("health/ready", health.ready, name="health-ready"),
    path("", include("chatbot.urls")),
    path("console/", include("console.urls")),
]
