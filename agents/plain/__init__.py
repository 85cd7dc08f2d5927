"""The plain course: from latent normals to recorded scores, events and counts."""
