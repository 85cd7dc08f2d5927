"""Who the patients are, how back pain goes with them, and how they answer."""
