"""Tables 1 to 3 of a journal article, over all simulated trials of a study."""
