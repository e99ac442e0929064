"""The live model of a workspace: watches files, takes unsaved buffers, and hands out immutable `WorkspaceModel`s.

Invariant: reads files, never writes one; never calls git; ignored folders are neither watched nor indexed.
One thread alone builds models; readers take the present one and never lock.
"""

from .files import FilesTree
from .ignore import IgnoreRules
from .oracle import Oracle
from .report import inspect_document, inspect_text

__all__ = ["FilesTree", "IgnoreRules", "Oracle", "inspect_document", "inspect_text"]
