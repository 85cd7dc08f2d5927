"""From TOML files to a scenario: layers, changes, provenance of every value, refusals."""
