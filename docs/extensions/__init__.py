"""Extensions of Sphinx that make the reference from the code when the site is built."""
