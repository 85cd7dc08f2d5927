"""How a trial is conducted: size, randomization, clinics, run-in, looks, follow-up, analysis."""
