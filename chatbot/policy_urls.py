"""Addresses of the public policy pages; retrieval versions never change, so every one of them lasts."""

from django.urls import path

from chatbot import policy_pages

urlpatterns = [
    path("policies/", policy_pages.policy_list, name="policies"),
    path("policies/<slug:slug>/<int:version>/", policy_pages.policy_page, name="policy"),
]
