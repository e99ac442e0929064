"""The overlay workbench: attempts work over the workspace's own path, and what they write lands elsewhere."""
