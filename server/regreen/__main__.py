"""python -m regreen."""

import sys

from regreen.cli import main

sys.exit(main())
