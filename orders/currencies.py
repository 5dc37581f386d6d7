"""Currencies as customers write them beside a sum, as a pattern. Pure."""

CURRENCIES = (
    r"usd|eur|gbp|cad|aud|nzd|chf|jpy|cny|inr|sek|nok|dkk|pln|czk|huf|krw|brl|mxn|dollars?|bucks|euros?|pounds?|cents?|quid|francs?|franken"
    r"|yen|yuan|won|rupees?|rupien|reais|pesos?|kr|kronor|kroner|krona|krone|zł|zloty|kč|forint"
)
