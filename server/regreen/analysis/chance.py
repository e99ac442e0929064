"""Whether texts speak of what may differ from run to run: chance, clocks, threads, the order of what has none."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CHANCE = re.compile(
    r"""
    \b(?: random | secrets | urandom | uuid | shuffle | randint | randrange | crypto\.(?:random|getRandom)\w*
      | Math\.random | rand(?:::|\.) | fastrand | thread_rng
      | time\.(?:time|monotonic|perf_counter|sleep|Now|Since|After|Sleep) | perf_counter
      | datetime\.(?:now|utcnow|today) | \.now\(\) | date\.today
      | Date\.now | new\ Date\(\) | performance\.now | Instant::now | SystemTime
      | setTimeout | setInterval | sleep
      | threading | Thread | ThreadPoolExecutor | multiprocessing | asyncio | concurrent | WaitGroup | go\ func
      | thread::spawn | tokio | Worker  | HashMap | HashSet | listdir
      | socket | requests | urlopen | fetch\( )
    """,
    re.VERBOSE,
)


def speak_of_chance(texts: Iterable[str]) -> bool:
    """Tell whether any of these texts uses what may differ from run to run."""
    return any(_CHANCE.search(text) for text in texts)
