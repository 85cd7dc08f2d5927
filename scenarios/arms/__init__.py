"""Arms: what they are called and given, and designs that make arms of components."""
