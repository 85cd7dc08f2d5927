"""Tables, on the terminal and in Markdown."""
