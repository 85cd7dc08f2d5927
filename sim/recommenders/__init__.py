"""Where recommenders meet the patients."""
