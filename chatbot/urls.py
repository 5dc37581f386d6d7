"""Addresses of the customer's pages and of the API."""

from django.urls import include, path

from chatbot import views
from chatbot.api import api

urlpatterns = [
    path("", views.chat, name="chat"),
    path("chat/start/", views.start, name="chat-start"),
    path("chat/new/", views.new, name="chat-new"),
    path("chat/human/", views.human, name="chat-human"),
    path("chat/feedback/", views.feedback, name="chat-feedback"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("", include("chatbot.policy_urls")),
    path("api/v1/", api.urls),
    path("v1/", include("chatbot.as_model.urls")),
]
