"""Language models: endpoints, streaming, routing, metering.

Public face: `client`, `endpoints`, `routing`, `metering`, `errors`; for the console also the tables, `keys`, `server_addresses` and
`probing`. Other apps import nothing else.
"""
