"""What every command answers about sample_data/, kept as hashes.

`answers.txt` has a line for each call: a hash of all it prints and writes, and what is
typed. `make frozen` shows how today's answers differ from those of the commit that last
changed the file, and ``make frozen ARGS=--record`` takes today's as the right ones.

In the calls are `table` to `md`, errors, and files of text. Left out is what depends on
the versions of libraries: pictures, the report with its figures, Parquet (read back
instead), and what Typer writes itself, help and complaints about options.
"""
