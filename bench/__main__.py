"""`make bench`: measurements, which vary with the machine and are therefore no tests.

A measurement is a module of this package with a function ``main()`` that prints what it measured and on how
much. ``make bench`` runs all, ``make bench BENCH="one two"`` those named.
"""

import sys
from importlib import import_module
from pkgutil import iter_modules

import django

import bench


def main(wanted: list[str]) -> int:
    known = sorted(module.name for module in iter_modules(bench.__path__) if not module.name.startswith("_"))
    if unknown := set(wanted) - set(known):
        sys.stderr.write(
            f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(known) or 'none yet'}.\n"
        )
        return 2
    django.setup()
    for name in wanted or known:
        sys.stdout.write(f"== {name}\n")
        import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
