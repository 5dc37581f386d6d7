"""The keys of numbers, for rows by the million: most numbers are letters and digits, perhaps after a sign. Pure."""

from orders import references

LONGEST = 100  # of a parcel; an order's is cut shorter still


def key_of(number: str) -> str:
    """As `orders.references.key_of`, no longer than can be stored: some signs are written out as many letters."""
    bare = number.upper().strip("# ")
    return bare if bare.isascii() and bare.isalnum() else references.key_of(number)[:LONGEST]


def digits_of(number: str, key: str) -> str:
    """As `orders.references.digits_of` of a number whose key is known."""
    if key.isascii():
        return key if key.isdigit() else "".join(filter(str.isdigit, key))
    return references.digits_of(number)
