"""Commands that look into a trial: at kinds of patients, and at one of them."""
