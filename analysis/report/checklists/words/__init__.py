"""What a scenario and a study are, in sentences that several checklists share."""
