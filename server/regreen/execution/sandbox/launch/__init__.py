"""The far end of a confined start: builds the enclosure around itself and starts the program in it.

Invariant: standard library only, and imported as a package of its own by a bare interpreter: relative imports, no
import of the rest of the product. One thread; nothing here survives the one who started it.
"""
