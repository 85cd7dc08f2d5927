"""How participants fare between and at their visits, under each of the two course models."""
