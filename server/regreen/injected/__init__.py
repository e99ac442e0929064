"""Files that run on the workspace's interpreter, inside somebody else's process: Python 3.8, standard library only.

Invariant: nothing of Regreen imports this folder, and nothing in it imports Regreen. It is put on the workspace's
import path as a folder, so every file in it carries the name of the product.
"""
