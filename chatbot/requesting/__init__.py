"""Asking the shop for something to be done: the bot collects what is needed, checks the rule, shows it, and asks on a clear yes."""
