"""What a database driver complains about, in a sentence for staff. The sentence holds nothing of the complaint: that is for the log."""

from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolIsEmpty

from orders.errors import OrdersUnavailable

# what they call it: the SQLSTATE of PostgreSQL, the number of MySQL and MariaDB, words of SQLite
_NO_VIEW = {"42P01", "3F000", 1146, "no such table", "no such column"}
_NOT_ALLOWED = {"42501", 1142, 1143, 1356, "access to", "not authorized"}
_TOO_LONG = {"57014", "55P03", 3024, 1969, 1205, 2013, "interrupted", "database is locked"}
_REFUSED = {"28000", "28P01", 1044, 1045, 1698, "password authentication failed", "no password supplied"}
_NO_DATABASE = {"3D000", 1049}


class TooSlow(OrdersUnavailable):
    """The database was there, and did not finish in time."""


def is_missing(error: DBAPIError) -> bool:
    """Whether a view is not there."""
    return _is(error, _NO_VIEW)


def is_forbidden(error: DBAPIError) -> bool:
    """Whether a view may not be read."""
    return _is(error, _NOT_ALLOWED)


def as_ours(error: Exception, seconds: float) -> OrdersUnavailable:
    """The error for our callers; the complaint belongs into its cause."""
    if isinstance(error, OrdersUnavailable):
        return error
    if isinstance(error, (ModuleNotFoundError, NoSuchModuleError)):
        return OrdersUnavailable("The driver for this kind of database is not installed: pip install -r requirements-mysql.txt.")
    if isinstance(error, PoolIsEmpty):
        return TooSlow("All connections to the order database are in use.")
    if isinstance(error, DBAPIError):
        if _is(error, _TOO_LONG):
            return TooSlow(f"The order database needed more than {seconds:g} s.")
        if _is(error, _REFUSED):
            return OrdersUnavailable("The order database refuses the user or password of ORDERS_DATABASE_URL.")
        if _is(error, _NO_DATABASE):
            return OrdersUnavailable("There is no database of the name in ORDERS_DATABASE_URL.")
        if _is(error, _NOT_ALLOWED):
            return OrdersUnavailable(
                "The user of ORDERS_DATABASE_URL may not read a view, or the view not its tables: see the log."
            )
        if _is(error, _NO_VIEW):
            return OrdersUnavailable("A view of orders, or a column of it, is not there any more: see the log.")
        if error.connection_invalidated or _has_no_state(error):
            return OrdersUnavailable("There is no connection to the order database.")
    if isinstance(error, SQLAlchemyError):
        return OrdersUnavailable("The order database reported an error: see the log.")
    return OrdersUnavailable("Orders could not be read from the order database: see the log.")


def _is(error: DBAPIError, known: set[object]) -> bool:
    said = error.orig
    if getattr(said, "sqlstate", None) in known:
        return True
    first = said.args[0] if said is not None and said.args else None
    if isinstance(first, int):
        return first in known
    text = str(said).lower()
    return any((isinstance(word, str) and " " in word and word in text) or word == text for word in known)


def _has_no_state(error: DBAPIError) -> bool:
    """A complaint of the driver, before the server could say anything: refused, unknown host, no file."""
    first = error.orig.args[0] if error.orig is not None and error.orig.args else None
    if isinstance(first, int):
        return 2000 <= first < 3000
    return type(error.orig).__name__ == "OperationalError" and getattr(error.orig, "sqlstate", None) is None
