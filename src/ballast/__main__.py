"""python -m ballast"""

import sys

from ballast.cli import main

if __name__ == "__main__":
    sys.exit(main())
