"""Evidence → an answer without a model. Pure.

`compose` is the way in; `choosing` picks the orders, `order_wording` says them, `quoting` picks the policies' words, `cards` draws an
order, `phrases` holds what is said that is no fact.
"""
