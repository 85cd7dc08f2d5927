"""What designs of a trial would have shown, beside one another."""
