"""Follow-up: withdrawal, questionnaires and their answers, adverse events."""
