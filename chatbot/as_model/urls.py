"""Addresses of the OpenAI-compatible interface; no trailing slash, as its clients ask."""

from django.urls import path

from chatbot.as_model import views

urlpatterns = [
    path("chat/completions", views.chat_completions, name="openai-chat-completions"),
    path("models", views.models, name="openai-models"),
    path("models/<path:name>", views.model, name="openai-model"),
]
