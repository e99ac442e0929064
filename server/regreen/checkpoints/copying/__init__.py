"""The copy workbench: a private copy of the workspace, put back between attempts from a second, hashed store."""
