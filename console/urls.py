"""Addresses of the console. Every one of them passes the gate in access.py, apart from signing in and out."""

from django.urls import path

from console import (
    addresses,
    chunks,
    conversations,
    deciding,
    documents,
    home,
    playground,
    signing_in,
    unanswered,
    uploads,
    version_life,
    writing,
)

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
    path("versions/<int:pk>/decide/", deciding.decide, name="version-decide"),
    path("versions/<int:pk>/audience/", deciding.change_audience, name="version-audience"),
    path("versions/<int:pk>/history/", version_life.version_history, name="version-history"),
    path("versions/<int:pk>/changes/", version_life.version_changes, name="version-changes"),
    path("versions/<int:pk>/chunks/", chunks.version_chunks, name="version-chunks"),
    path("versions/<int:pk>/chunks/<int:number>/", chunks.version_chunk, name="version-chunk"),
    path("addresses/", addresses.address_list, name="addresses"),
    path("addresses/<int:pk>/", addresses.address_page, name="address"),
    path("addresses/<int:pk>/read/", addresses.read_address, name="address-read"),
    path("addresses/<int:pk>/pause/", addresses.pause_address, name="address-pause"),
    path("addresses/<int:pk>/change/", addresses.change_address, name="address-change"),
    path("addresses/<int:pk>/remove/", addresses.remove_address, name="address-remove"),
    path("search/", playground.playground, name="search"),
    path("unanswered/", unanswered.unanswered_list, name="unanswered"),
    path("unanswered/<int:pk>/", unanswered.unanswered_group, name="unanswered-group"),
    path("unanswered/<int:pk>/now/", unanswered.unanswered_now, name="unanswered-now"),
    path("unanswered/<int:pk>/decide/", unanswered.decide, name="unanswered-decide"),
    path("write/", writing.write, name="write"),
    path("conversations/", conversations.conversation_list, name="conversations"),
    path("conversations/<uuid:pk>/", conversations.conversation_page, name="conversation"),
    path("conversations/<uuid:pk>/resolve/", conversations.resolve, name="conversation-resolve"),
    path("activity/", home.activity, name="activity"),
]
