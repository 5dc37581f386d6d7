"""The keys of numbers, for rows by the million: most numbers are letters and digits, perhaps after a sign. Pure."""

from orders import references


def key_of(number: str) -> str:
    """As `orders.references.key_of`."""
    bare = number.upper().strip("# ")
    return bare if bare.isascii() and bare.isalnum() else references.key_of(number)


def digits_of(number: str, key: str) -> str:
    """As `orders.references.digits_of` of a number whose key is known."""
    if key.isascii():
        return key if key.isdigit() else "".join(filter(str.isdigit, key))
    return references.digits_of(number)
