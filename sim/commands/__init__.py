"""What the commands of ``selfback`` do, a module each; :mod:`sim.cli` says how they are called."""
