"""Writing an accepted patch into the person's files: compare and swap, all of them or none."""
