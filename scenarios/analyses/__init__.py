"""What is analysed: analyses by name, hypotheses, contrasts and families of them."""
