from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from console.roles import ensure_roles

        # the groups' tables belong to auth; a fresh database has both roles as soon as they exist
        post_migrate.connect(ensure_roles, sender=apps.get_app_config("auth"), dispatch_uid="console.roles")
