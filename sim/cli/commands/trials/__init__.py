"""Commands that simulate and analyse trials as one scenario has them."""
