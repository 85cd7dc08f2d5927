"""Commands for studies that are there: how far one is, going on with it, making it larger."""
