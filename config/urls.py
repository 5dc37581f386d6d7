"""Every address of the product, but for /health and /health/ready, which `config/health.py` answers before all else."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("chatbot.urls")),
    path("console/", include("console.urls")),
]
