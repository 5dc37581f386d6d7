"""Addresses of the console. Every one of them passes the gate in access.py, apart from signing in and out."""

from django.urls import path

from console import conversations, documents, home, signing_in, uploads

app_name = "console"
urlpatterns = [
    path("", home.home, name="home"),
    path("login/", signing_in.sign_in, name="login"),
    path("logout/", signing_in.sign_out, name="logout"),
    path("documents/", documents.document_list, name="documents"),
    path("uploads/", uploads.upload, name="upload"),
    path("documents/<slug:slug>/", documents.document_page, name="document"),
    path("versions/<int:pk>/text/", documents.version_text, name="version-text"),
    path("versions/<int:pk>/original/", documents.original_file, name="version-original"),
    path("versions/<int:pk>/withdraw/", documents.withdraw_version, name="version-withdraw"),
    path("versions/<int:pk>/retry/", documents.retry_version, name="version-retry"),
    path("conversations/", conversations.conversation_list, name="conversations"),
    path("conversations/<uuid:pk>/", conversations.conversation_page, name="conversation"),
    path("conversations/<uuid:pk>/resolve/", conversations.resolve, name="conversation-resolve"),
    path("activity/", home.activity, name="activity"),
]
