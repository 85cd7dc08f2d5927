"""What is compared: contrasts between arms, and effects of the components that arms are made of."""
