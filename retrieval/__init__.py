"""Policy documents in, ranked passages out.

Public face: `ingestion`, `search`, `policies` (published text for reading), `audiences`, `rendering`, `sentences`, `errors`; the console, which shows
the life of a document, also reads `models`. Other apps import nothing else.
"""
