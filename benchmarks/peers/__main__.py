"""`python -m benchmarks.peers`: list the peers; `--install [peer ...]` makes their environments."""

import argparse

from . import REQUIREMENTS, install, python_of


def main() -> None:
    """Install the peers that are named, or all; or list them."""
    parser = argparse.ArgumentParser(description="The environments of the peers.")
    parser.add_argument("--install", nargs="*", metavar="PEER", help="make the environments of these peers, or of all")
    wanted = parser.parse_args().install
    if wanted is None:
        for peer in REQUIREMENTS:
            print(f"{peer:16} {python_of(peer) or 'not installed'}")
        return
    if unknown := set(wanted) - set(REQUIREMENTS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}; there are {', '.join(REQUIREMENTS)}")
    for peer in wanted or REQUIREMENTS:
        install(peer)


if __name__ == "__main__":
    main()
