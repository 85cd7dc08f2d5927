"""Multiple imputation: chains of imputed values, and what is made of several tables."""
