"""What the shop knows about an order, and who may see it.

Public face: `records`, `references`, `viewer`, `lookup`, `verification`, `importing`, `errors`. Other apps import nothing else.
"""
