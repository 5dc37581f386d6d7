"""Start-up checks: a setting that is unsafe or cannot work stops the start, by name."""
