"""What a trial decides: which way is better, and which test says so."""
