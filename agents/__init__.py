"""The virtual patients of a trial: symptoms, app use, step sources and answers."""
