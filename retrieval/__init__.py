"""Policy documents in, ranked passages out.

Public face: `ingestion`, `search`, `errors`, and `policies` (published text for reading). Other apps import nothing else.
"""
