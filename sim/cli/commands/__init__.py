"""What the commands of ``selfback`` do, a module each."""
