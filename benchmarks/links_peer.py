"""Build one economy from its links with whatever Ballast is on the path: `python links_peer.py FILE`.

FILE is a pickle of what `economies.firms` gives. A program of its own, so that the peak of memory is that of
this one thing, and so that an earlier version can be timed on the same table. Prints processor seconds, the
memory held before and at most (GB), and what was found, as JSON.
"""

import json
import pickle
import sys
import time
from pathlib import Path
from typing import Any

import economies
import numpy as np

from ballast.economy import Economy


def held() -> float:
    """GB this process has held at most; what getrusage says would count what its parent held."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e9


def build(given: dict[str, Any]) -> Economy:
    """The economy of a network of firms."""
    rest = {name: value for name, value in given.items() if name != "links"}
    regions, sectors = len(given["final_region"]), int(given["node_sector"].max()) + 1
    words = economies.labels(regions, sectors, len(given["output"]))
    return Economy.from_links(given["links"], **rest, **words)


if __name__ == "__main__":
    build(economies.firms(60, 300))  # compiled before the clock starts
    found = pickle.loads(Path(sys.argv[1]).read_bytes())
    before, begun = held(), time.process_time()
    economy = build(found)
    seconds = time.process_time() - begun
    shares = np.ascontiguousarray(economy.market_share)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "gigabytes": held(),
                "gigabytes_before": before,
                "markets": len(economy.market_ptr) - 1,
                "shares": len(shares),
                "sum": float(shares.sum()),
            }
        )
    )
