"""`manage.py add_staff NAME`: give a person a way into the console, change their role, or close their account."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from console.roles import Role, ensure_roles


class Command(BaseCommand):
    help = "Add a person to the console, change the role of one, or close an account. Access changes at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=[str(role) for role in Role], default=str(Role.SUPPORT))
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input, one line")
        parser.add_argument("--close", action="store_true", help="close the account; what the person did stays on record")

    def handle(self, *, username: str, role: str, password_stdin: bool, close: bool, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if close:
            self._close(user, username)
            return
        is_new = user is None
        user = user or User(username=username)
        try:
            user.clean_fields(exclude=["password"])
            if is_new or password_stdin:
                password = sys.stdin.readline().rstrip("\n") if password_stdin else _asked()
                validate_password(password, user)
                user.set_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.is_active = True
        with transaction.atomic():
            ensure_roles()
            user.save()
            user.groups.set(Group.objects.filter(name=role))
        self.stdout.write(f"{username} is {role}{', with a new account' if is_new else ' now'}.")

    def _close(self, user: User | None, username: str) -> None:
        if user is None:
            raise CommandError(f"There is no account {username}.")
        user.is_active = False
        user.save(update_fields=["is_active"])
        self.stdout.write(f"The account {username} is closed.")


def _asked() -> str:
    """A password typed twice, not shown."""
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Password, again: "):
        raise CommandError("The two passwords differ.")
    return password
