"""The app arm: installation, the daily clock, weekly tailoring."""
