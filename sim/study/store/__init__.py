"""Where studies are kept: shards of replicates as they are finished, then a file for each table.

A process may be killed at any instant. What was kept before is whole, and the next run of the same
command goes on from there.
"""
