"""What a model is told about how to answer: the shop's own words, versioned, and the rules of ours that always hold behind them.

`wording.py` joins both (pure), `versions.py` keeps them, `topics.py` finds what the shop does not want spoken of (pure).
"""
