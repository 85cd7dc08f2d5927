"""Reports of results folders, a module a kind of folder."""
