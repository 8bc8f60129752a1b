"""``atss-inspect stats``: how many positives the objects get, and which get none."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    AnnOption,
    ByOption,
    ClassOption,
    ConfigOption,
    ForceOption,
    FormatOption,
    ImageOption,
    JobsOption,
    JsonOption,
    LimitOption,
    OutputOption,
    PresetOption,
    SetOption,
    SizeOption,
)
from atss_inspect.cli.output import STDOUT, emit, pick_format
from atss_inspect.cli.progress import progress_bar
from atss_inspect.cli.request import require_ann, resolve_request
from atss_inspect.cli.selection import Filters, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import worker_processes
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from atss_inspect.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.summary import Selection, Summary
    from atss_inspect.views.stats_report import StatsReport

STDIN = "-"  # as a name of annotations
EPILOG = examples(
    "atss-inspect stats --ann instances_val.json",
    "atss-inspect stats --ann val.json -p atss-mmdet --set k=15 --by class",
    "atss-inspect stats --ann val.json --json -o stats.json",
)


def stats(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    ann: AnnOption = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    classes: ClassOption = None,
    images: ImageOption = None,
    sizes: SizeOption = None,
    limit: LimitOption = None,
    by: ByOption = None,
    output_format: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
    force: ForceOption = False,
    jobs: JobsOption = 1,
) -> None:
    """Positives per object and level, and which objects get none.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.

    --class and --size choose what is reported; the other objects still take part in
    the assignment. To train on fewer classes, use --set data.classes=NAME,NAME.
    """
    from atss_inspect.readers import load_coco
    from atss_inspect.views.stats_report import StatsReport

    quiet: bool = context.obj.quiet
    chosen = pick_format(output_format, as_json=as_json, output=output)
    _check_target(output, force=force)
    request = resolve_request(
        ann=ann,
        preset=preset,
        config=config,
        overrides=overrides,
        default=DEFAULT_PRESETS,
    )
    filters = Filters.of_options(
        images=images, limit=limit, classes=classes, sizes=sizes
    )
    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    dataset, selection = apply_filters(dataset, filters)
    settings = tuple(one.settings for one in request.resolved)
    report = StatsReport(
        dataset=dataset,
        settings=settings,
        summaries=_summarize(dataset, settings, selection, jobs=jobs, quiet=quiet),
        selection=selection,
        images=filters.images,
        limit=filters.limit,
        by=tuple(breakdown.value for breakdown in by or ()),
        file_sizes=tuple(map(_num_bytes, dataset.files)),
        command=_typed(ann=ann, preset=preset, config=config, set=overrides),
        filtering=_typed(
            image=images, limit=limit, size=filters.sizes, **{"class": classes}
        ),
    )
    emit(_render(report, chosen, output), output, force=force, quiet=quiet)


def _check_target(output: str | None, *, force: bool) -> None:
    """Refuse a target that cannot be written before any work is done for it."""
    if output not in (None, STDOUT):
        from atss_inspect.writers import check_target

        check_target(output, force=force)


def _num_bytes(name: str) -> int | None:
    """Take the size of an annotation file; None for stdin, pipes and the like."""
    # No digest: SHA-256 of a file as large as COCO's train set takes two seconds.
    path = Path(name)
    return path.stat().st_size if name != STDIN and path.is_file() else None


def _summarize(
    dataset: "Dataset",
    settings: "tuple[Settings, ...]",
    selection: "Selection",
    *,
    jobs: int,
    quiet: bool,
) -> "tuple[Summary, ...]":
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.run import count_chunks, summarize

    with (
        worker_processes(min(jobs, count_chunks(dataset))) as executor,
        progress_bar("assigning", dataset.num_images, quiet=quiet) as on_chunk,
    ):
        return summarize(
            dataset, settings, selection=selection, executor=executor, on_chunk=on_chunk
        )


def _typed(**options: object) -> tuple[str, ...]:
    """Write options as they were typed, for the next command."""
    words: list[str] = []
    for name, value in options.items():
        values = value if isinstance(value, list | tuple) else [value]
        for each in values:
            words += [] if each is None else [f"--{name}", str(each)]
    return tuple(words)


def _render(report: "StatsReport", chosen: str, output: str | None) -> str | bytes:
    """Show a report in a format."""
    if chosen in ("table", "md"):
        from atss_inspect.views.stats_text import stats_markdown, stats_text

        if chosen == "md":
            return stats_markdown(report)
        return stats_text(report, bold=output is None and _has_style())
    from atss_inspect.views import stats_records
    from atss_inspect.writers import encode_json, encode_json_lines

    if chosen == "json":
        return encode_json(stats_records.stats_document(report))
    if chosen == "jsonl":
        return encode_json_lines(stats_records.stats_records(report))
    return stats_records.stats_csv(report)


def _has_style() -> bool:
    """Say whether stdout is a terminal whose user wants more than plain text."""
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and os.name != "nt"  # older consoles there print the codes
    )
