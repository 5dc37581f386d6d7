"""Language models: endpoints, streaming, routing, metering.

Public face: `client`, `routing`, `metering`, `errors`. Other apps import nothing else.
"""
