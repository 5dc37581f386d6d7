"""What every room needs of a database beyond Django: threads that keep their connection, and statements that are built once.

It knows no room; every room may know it.
"""
