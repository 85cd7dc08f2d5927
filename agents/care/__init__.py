"""Health care beside the app: contacts, what they relieve, and sick leave."""
