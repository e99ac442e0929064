"""The envelope of repairs: the files and options that limit them, and the one policy that comes of these.

What a workspace says can only narrow what the person says; `limits.LIMITS` has one row for each key.
"""

from .limits import BUILT_IN, LIMITS, told_values
from .profiles import PROFILES, Profile
from .resolve import FIELDS, Layer, Origin, Resolved, idle, own_layers, resolve, workspace_layers
from .tables import Limits, PolicyTable, WorkspaceFile, workspace_schema
from .toml_file import TomlFile, read_toml

__all__ = [
    "BUILT_IN", "FIELDS", "LIMITS", "PROFILES", "Layer", "Limits", "Origin", "PolicyTable", "Profile", "Resolved",
    "TomlFile", "WorkspaceFile", "idle", "own_layers", "read_toml", "resolve", "told_values",
    "workspace_layers", "workspace_schema",
]  # fmt: skip
