"""``atss-inspect plot positives``: how many positives objects get."""

from atss_inspect.cli.help import examples

EPILOG = examples("atss-inspect plot positives --ann val.json")


def positives() -> None:
    """Positives per object, by size."""
