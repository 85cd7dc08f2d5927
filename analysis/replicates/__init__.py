"""Many replicates: performance, power, paired differences, agreement with published numbers."""
