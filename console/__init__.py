"""Pages for support staff and administrators: one module a subject."""
