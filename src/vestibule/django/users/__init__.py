"""An app of its own, because it has a table: put it in INSTALLED_APPS for `UserBackend`."""
