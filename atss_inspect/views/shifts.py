"""The answer of `stats --shifts`: what is luck of an object's place on the grid."""

from collections.abc import Iterator
from dataclasses import dataclass

from atss_inspect.statistics.spread import deviation_of
from atss_inspect.statistics.summary import EVERYTHING
from atss_inspect.statistics.tally import share
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Block, Closing
from atss_inspect.views.average_pass import POORLY, WITHOUT, DrawnReport, Part, deciding
from atss_inspect.views.draw_words import draw_record
from atss_inspect.views.names import printable
from atss_inspect.views.table import Record


@dataclass(frozen=True)
class ShiftsReport(DrawnReport):
    """What conventions do to the objects in many places of the pictures."""

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people, as a screen."""
        yield self.data
        if not self.stats.has_objects:
            yield Closing(("No object is left to assign.",))
            return
        yield self.table
        sentences = [*map(_verdict, self.every)]
        if len(self.found) == 1:
            sentences.append(_every_words(*self.every))
        yield Closing((" ".join(sentences),), self.next_commands)

    def document(self) -> Record:
        """Make the whole answer one document: that of `stats`, and `shifts`."""
        records = []
        for part in self.every:
            variants = part.variants
            shares = zip(variants.each, part.shares(WITHOUT), strict=False)
            sizes = [{"size": n.label, **self._record(n)} for n in self.by_size(part)]
            shifts = [
                part.named({"shift": each.shift, WITHOUT.share_key: found})
                for each, found in shares
            ]
            record = {"preset": variants.nominal.name, **draw_record(variants)}
            record |= self._record(part) | {"by_size": sizes, "by_shift": shifts}
            records.append(record)
        return self.stats.document(shifts=records)

    def records(self) -> list[Record]:
        """Make a record of all objects and of each size, under each convention."""
        return [
            {"preset": part.label, "group": group, "key": key, **self._record(one)}
            for part in self.every
            for group, key, one in (
                (EVERYTHING, EVERYTHING, part),
                *(("size", one.label, one) for one in self.by_size(part)),
            )
        ]

    def csv(self) -> table.Records:
        """The records as rows."""
        records = self.records()
        keys = dict.fromkeys(key for record in records for key in record)
        floats = [key for key in keys if "share" in key]
        return table.Records(table.record_columns(keys, floats), records)

    def _record(self, part: Part) -> Record:
        """Make a record of some objects under one convention."""
        group = part.group
        record: Record = {"num_objects": group.num_objects}
        for lack in self.lacking:
            shares = part.shares(lack)
            every, some, _ = lack.lacked(group)
            own = {
                lack.share_key: lack.share_of(group.average),
                f"{lack.share_key}_std": deviation_of(shares),
                f"{lack.prefix}every_shift": every,
                f"{lack.prefix}some_shifts": some,
                f"own_place_{lack.share_key}": lack.share_of(group.nominal),
            }
            is_known = lack is not POORLY or deciding(part.found) is POORLY
            record |= own if is_known else dict.fromkeys(own)
        return part.named(record)


def _verdict(part: Part) -> str:
    """How far the share depends on the place, and for how many objects."""
    lack, group = deciding(part.found), part.group
    mean, own = map(lack.share_of, (group.average, group.nominal))
    text = f"{printable(part.label)} leaves {numbers.percent(mean)} of the objects "
    text += f"{lack.words} on average, {numbers.percent(own)} in their own place"
    shares = part.shares(lack)
    if (deviation := deviation_of(shares)) is not None:
        points = numbers.ratio(100 * deviation, 1)
        text += f"; the standard deviation over the shifts is {points} points"
    of = numbers.percent(share(lack.lacked(group).some, group.num_objects))
    return f"{text}. For {of} of the objects the place decides."


def _every_words(part: Part) -> str:
    lack = deciding(part.found)
    number = lack.lacked(part.group).every
    be = "is" if number == 1 else "are"
    return f"{numbers.plural(number, 'object')} {be} {lack.words} at every shift."
