"""What `worst` has found out, ready to be shown in any form."""

from dataclasses import dataclass

from atss_inspect.statistics.worst import Worst, WorstClass, WorstImage, WorstObject
from atss_inspect.views.stats_report import StatsReport, command_line

WorstRow = WorstObject | WorstImage | WorstClass


@dataclass(frozen=True)
class WorstReport:
    """What one convention treats worst.

    Attributes
    ----------
    stats : the data, the convention and what was asked for, without summaries;
        ``command`` holds the options of data as typed
    worst : what was found
    by : ``object``, ``image`` or ``class``
    convention : options to type again for the same convention
    filters : name of an option -> words to type again for the same objects
    """

    stats: StatsReport
    worst: Worst
    by: str
    convention: tuple[str, ...]
    filters: dict[str, tuple[str, ...]]

    @property
    def rows(self) -> tuple[WorstRow, ...]:
        """The worst objects, images or classes, worst first."""
        if self.by == "image":
            return self.worst.images
        return self.worst.classes if self.by == "class" else self.worst.objects

    def command(self, row: WorstRow) -> str | None:
        """Command that looks closer; None for an object without an id."""
        match row:
            case WorstObject():
                if row.ann_id is None:
                    return None
                ann = ("--ann-id", str(row.ann_id))
                words = ("explain", *self._data(row.file), *ann, *self.convention)
                return command_line(*words)
            case WorstImage():
                one = ("--image", str(row.image_id))
                kept = self._filtering("image", "limit")
                words = ("worst", *self._data(row.file), *one, *kept)
            case _:
                one = ("--class", row.class_name)
                kept = self._filtering("class")
                words = ("worst", *self.stats.command, *one, *kept)
        return command_line(*words, *self.convention)

    def picture(self, row: WorstRow) -> str | None:
        """Command that draws an object or image; None for a class."""
        if isinstance(row, WorstClass):
            return None
        place = ("plot", "image", str(row.image_id), *self._data(row.file))
        ann_id = row.ann_id if isinstance(row, WorstObject) else None
        zoom = () if ann_id is None else ("--zoom", str(ann_id))
        return command_line(*place, *zoom, *self.convention)

    @property
    def next_picture(self) -> str | None:
        """Command that draws the first row, if there is one."""
        return self.picture(self.rows[0]) if self.rows else None

    @property
    def next_command(self) -> str:
        """Command of the first row that has one; else look at all objects."""
        commands = filter(None, map(self.command, self.rows))
        words = ("stats", *self.stats.command, *self._filtering("cause"))
        return next(commands, command_line(*words, *self.convention))

    def _data(self, file: int) -> tuple[str, ...]:
        """Name the annotations; of several files the one that an id is from."""
        files = self.stats.dataset.files
        return ("--ann", files[file]) if len(files) > 1 else self.stats.command

    def _filtering(self, *but: str) -> tuple[str, ...]:
        """Type the filters again, but for some."""
        return tuple(
            word
            for name, words in self.filters.items()
            if name not in but
            for word in words
        )
