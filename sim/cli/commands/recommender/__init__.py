"""Commands about recommenders: checked, served, and gated for what they lose."""
