"""What the app advises: a case-based recommender and its rivals."""
