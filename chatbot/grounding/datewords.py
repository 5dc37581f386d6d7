"""Calendar words in several languages: which month, which weekday. Pure."""

from collections.abc import Iterable

from chatbot.grounding.number_words import any_of

_MONTHS = """
january jan januar janvier enero ene januari gennaio gen janeiro
february feb februar février fevrier fév febrero februari febbraio fevereiro
march mar märz mrz mars marzo maart mrt março
april apr avril avr abril abr aprile
may mai mayo mei maggio maio
june jun juni juin junio giugno junho
july jul juli juillet juil julio luglio julho
august aug août aout agosto ago augustus
september sep sept septembre septiembre settembre setembro
october oct oktober okt octobre octubre ottobre outubro
november nov novembre noviembre novembro
december dec dezember dez décembre déc diciembre dic dicembre dezembro
"""
_WEEKDAYS = """
monday mon montag lundi lunes maandag lunedì segunda-feira
tuesday tue tues dienstag mardi martes dinsdag martedì terça-feira
wednesday wed mittwoch mercredi miércoles woensdag mercoledì quarta-feira
thursday thu thur thurs donnerstag jeudi jueves donderdag giovedì quinta-feira
friday fri freitag vendredi viernes vrijdag venerdì sexta-feira
saturday sat samstag samedi sábado zaterdag sabato
sunday sun sonntag dimanche domingo zondag domenica
"""
MONTHS = {word: n for n, line in enumerate(_MONTHS.split("\n")[1:-1], 1) for word in line.split()}
WEEKDAYS = {word: n for n, line in enumerate(_WEEKDAYS.split("\n")[1:-1]) for word in line.split()}  # Monday is 0
FULL_MONTHS = frozenset(word for word in MONTHS if len(word) > 4 or word in ("juni", "juli", "juin"))
FULL_WEEKDAYS = frozenset(word for word in WEEKDAYS if len(word) > 5 or word == "lundi")


def alternatives(words: Iterable[str]) -> str:
    """A regular expression for any of the words, longest first."""
    return any_of(words)
