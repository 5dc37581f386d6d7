"""One conversation turn, its records, the customer's pages and the API.

Read `answering` first. Public face for the floors above: `answering`, `conversations`, `models`, `citations`, `throttling`.
"""
