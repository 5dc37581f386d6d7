"""Views in a database of the shop's own do what every source of orders must do: in SQLite, PostgreSQL and MariaDB."""

import pytest

from tests.orders.sources.contract import SourceContract
from tests.orders.sources.contract_orders import ANA, signed_in
from tests.orders.sources.sql_shops import a_shop, sqlite_address


class TestSQLite(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def shop(cls, tmp_path_factory):
        with a_shop(sqlite_address(tmp_path_factory.mktemp("shop"))) as shop:
            yield shop


@pytest.mark.django_db  # so that it runs where PostgreSQL is
class TestPostgreSQL(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def shop(cls, postgresql_address):
        with a_shop(postgresql_address) as shop:
            yield shop


class TestMariaDB(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def shop(cls, new_mariadb):
        with a_shop(new_mariadb()) as shop:
            yield shop

    async def test_letters_that_its_collation_takes_for_one_are_two_mailboxes(self, shop):
        """The server itself says that they are equal, as WordPress and Magento set it up."""
        columns = "(order_id, number, customer_email, status)"
        shop.run(f"INSERT INTO shop_orders {columns} VALUES (900, 'M-900', 'josé@example.com', 'shipped')")
        try:
            for email in ("jose@example.com", "josè@example.com", "josé@example.com "):
                found = await self.numbers(shop, signed_in(email))
                assert found == (["M-900"] if email.strip() == "josé@example.com" else [])
            assert await self.numbers(shop, ANA, references=("M-900",)) == []
        finally:
            shop.run("DELETE FROM shop_orders WHERE order_id = 900")
