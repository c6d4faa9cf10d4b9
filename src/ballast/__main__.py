"""python -m ballast"""

from ballast.cli import command

if __name__ == "__main__":
    command()
