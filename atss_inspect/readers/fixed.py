"""The annotations as the reader understood them, as a COCO file again.

Of COCO JSON every entry that is used stays as it is written, but for the values that
the reader took otherwise. Other formats give entries with what the reader knows.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import IntArray
from atss_inspect.readers.columns import Annotation, Image
from atss_inspect.readers.decode import decode_loosely
from atss_inspect.readers.entries import (
    as_json,
    as_told,
    as_utf8_text,
    encode,
    entries_of,
    has_bare_numbers,
    plain,
)
from atss_inspect.readers.ids import clean_id

Members = Iterator[tuple[str, bytes | Iterable[bytes]]]
Values = Mapping[str, Any]
IsSame = Callable[[bytes, Values], bool]
# The member that tells what was changed; of annotations, what `export coco` adds.
OWN_KEY = "atss_inspect"
_LARGEST_ID = 2**63 - 1  # many programs have no larger integers
_NUMBER = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
_images = msgspec.json.Decoder(Image)
_annotations = msgspec.json.Decoder(Annotation)


@dataclass
class Changes:
    """What stands otherwise in the file written; complete once that is.

    Attributes
    ----------
    changed : (list, key) -> number of entries
    left_out : (list, reason) -> number of entries
    records : one JSON object each, in the order written
    """

    changed: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    records: list[bytes] = field(default_factory=list)

    def change(self, where: Values, key: str, was: bytes | None, now: bytes) -> None:
        """Note a value of an entry; ``was``: None where there was none."""
        self.changed[where["list"], key] += 1
        head = encode({**where, "key": key})[:-1]
        old = b"" if was is None else b',"was":' + as_told(was)
        self.records.append(b'%b%b,"now":%b}' % (head, old, now))

    def leave_out(self, where: Values, reason: str) -> None:
        """Note an entry that is not written."""
        self.left_out[where["list"], reason] += 1
        self.records.append(encode({**where, "left_out": reason}))

    def member(self) -> bytes:
        """Encode all of it, as the file has it."""
        counts = {
            name: {".".join(pair): number for pair, number in sorted(table.items())}
            for name, table in (("changed", self.changed), ("left_out", self.left_out))
        }
        changes = b"\n%b\n" % b",\n".join(self.records) if self.records else b""
        return b'%b,"changes":[%b]}' % (encode(counts)[:-1], changes)


class Fixed:
    """The members of a COCO file made of a data set that is of one file.

    Parameters
    ----------
    dataset : read of one file, not sliced
    members : of the file, where that is COCO JSON; see `entries.read_members`
    """

    def __init__(
        self, dataset: Dataset, members: Mapping[str, msgspec.Raw] | None
    ) -> None:
        self.changes = Changes()
        self._dataset, self._source = dataset, members
        self._image_ids = whole_ids(dataset.image_ids.tolist())
        # The first in the file of several with one id keeps it.
        self._in_file = np.argsort(dataset.annotation_index, kind="stable")
        ids = whole_ids(dataset.annotation_ids[self._in_file].tolist())
        self._ids = np.empty(dataset.num_objects, np.object_)
        self._ids[self._in_file] = ids
        listed = dataset.is_listed
        self._is_listed = [True] * len(dataset.category_names)
        if listed is not None:
            self._is_listed = listed.tolist()
        self._category_ids = self._numbered_categories()

    @property
    def places(self) -> IntArray:
        """Place in the source of each annotation that is written, in order; (G,)."""
        return self._dataset.annotation_index[self._in_file]

    def members(self) -> Members:
        """List the members in their order, what was changed last.

        Lists come entry by entry, and what was changed is known after them.
        """
        made: dict[str, Callable[[], Iterator[bytes]]] = {
            "images": self._write_images,
            "annotations": self._write_annotations,
            "categories": self._write_categories,
        }
        source = self._source or {}
        for name in (*source, *(each for each in made if each not in source)):
            if name in made:
                yield name, made[name]()
            elif name != OWN_KEY:
                text = bytes(source[name])
                if has_bare_numbers(text):
                    self.changes.change({"list": "file"}, name, text, as_json(text))
                yield name, as_json(text)
        if self._source is None:
            self._count_left_out()
        yield OWN_KEY, self.changes.member()

    def _numbered_categories(self) -> list[Any]:
        """Make ids of categories integers; those that no file lists stay."""
        ids = self._dataset.category_ids.tolist()
        if self._source is None and 0 in ids:
            # Classes of YOLO count from 0, which CVAT takes for no category.
            return list(range(1, len(ids) + 1))
        used = [own for own, listed in zip(ids, self._is_listed, strict=True) if listed]
        numbers = iter(
            whole_ids(used, taken=[each for each in ids if each is not None])
        )
        pairs = zip(ids, self._is_listed, strict=True)
        return [next(numbers) if is_listed else own for own, is_listed in pairs]

    def _count_left_out(self) -> None:
        """Count what was left out of data in folders, of which places tell nothing."""
        dataset = self._dataset
        for name, table in (
            ("images", dataset.left_out_images),
            ("annotations", dataset.left_out),
        ):
            self.changes.left_out += Counter({(name, r): n for r, n in table.items()})

    def _write_images(self) -> Iterator[bytes]:
        dataset, places = self._dataset, self._dataset.places
        if self._source is None or places is None:
            yield from map(encode, map(self._image, range(dataset.num_images)))
            return
        row_of = dict(
            zip(places.images.tolist(), range(len(places.images)), strict=True)
        )
        reasons = _reason_of(places.left_out_images)
        for place, entry in enumerate(entries_of(self._source["images"])):
            where = {"list": "images", "index": place}
            if place in row_of:
                yield self._patched(
                    entry, self._image(row_of[place]), where, _same_image
                )
            else:
                self.changes.leave_out(where, reasons[place])

    def _image(self, row: int) -> dict[str, Any]:
        """Values of the entry of an image."""
        height, width = map(plain, self._dataset.image_sizes[row].tolist())
        name = self._dataset.file_names[row]
        values = {"id": self._image_ids[row], "height": height, "width": width}
        return values | ({"file_name": name} if name else {})

    def _write_annotations(self) -> Iterator[bytes]:
        dataset, places = self._dataset, self._dataset.places
        image_rows = dataset.images_of(np.arange(dataset.num_objects))
        if self._source is None or places is None:
            for row in self._in_file.tolist():
                # CVAT asks for the key.
                values = self._annotation(row, image_rows) | {"segmentation": []}
                yield encode(values)
            return
        row_of = np.full(dataset.num_annotations, -1)
        row_of[dataset.annotation_index] = np.arange(dataset.num_objects)
        reasons = _reason_of(places.left_out)
        entries = entries_of(self._source["annotations"])
        for place, (entry, row) in enumerate(
            zip(entries, row_of.tolist(), strict=True)
        ):
            where = {"list": "annotations", "index": place}
            if row < 0:
                self.changes.leave_out(where, reasons[place])
                continue
            values = self._annotation(row, image_rows)
            yield self._patched(entry, values, where, _same_annotation)

    def _annotation(self, row: int, image_rows: IntArray) -> dict[str, Any]:
        """Values of the entry of an object."""
        dataset = self._dataset
        values = {
            "id": self._ids[row],
            "image_id": self._image_ids[image_rows[row]],
            "category_id": self._category_ids[dataset.category_index[row]],
            "bbox": dataset.xywh[row].tolist(),
            "area": dataset.areas.item(row),
            "iscrowd": int(dataset.is_crowd[row]),
        }
        return values | ({"ignore": 1} if dataset.is_ignored[row] else {})

    def _write_categories(self) -> Iterator[bytes]:
        """Write those that are listed, in the order of the data set, made-up ones last.

        Of several entries with one id the last is taken, in the place of the first.
        """
        dataset = self._dataset
        last = dict(self._listed_entries())
        pairs = zip(self._category_ids, dataset.category_names, strict=True)
        rows = zip(dataset.category_ids.tolist(), pairs, self._is_listed, strict=True)
        for own_id, (number, name), is_listed in rows:
            values = {"id": number, "name": name}
            if own_id in last:
                index, entry = last[own_id]
                where = {"list": "categories", "index": index}
                yield self._patched(entry, values, where)
            elif is_listed:
                if self._source is not None:
                    where = {"list": "categories", "id": number}
                    self.changes.change(where, "name", None, encode(name))
                yield encode(values)

    def _listed_entries(self) -> Iterator[tuple[Any, tuple[int, bytes]]]:
        """List entries of categories: the id, the place and the text."""
        array = (self._source or {}).get("categories", msgspec.Raw(b"[]"))
        entries = list(enumerate(decode_loosely(bytes(array)) or ()))
        texts = list(entries_of(array)) if entries else []
        ids = [
            clean_id(e.get("id")) if isinstance(e, dict) else None for _, e in entries
        ]
        for place, own_id in enumerate(ids):
            where = {"list": "categories", "index": place}
            if own_id is None:
                self.changes.leave_out(where, "category_malformed")
            elif own_id in ids[place + 1 :]:
                self.changes.leave_out(where, "duplicate_category_id")
            else:
                yield own_id, (place, texts[place])

    def _patched(
        self, entry: bytes, values: Values, where: Values, is_same: IsSame | None = None
    ) -> bytes:
        """Write an entry again with these values, as it is where it has them.

        ``is_same`` sees at a glance that an entry has them all.
        """
        is_clean = as_json(entry) is entry
        if is_clean and is_same is not None and is_same(entry, values):
            return entry
        members = _members(entry)
        number = self.changes.changed.total()
        told = {**where, "id": values["id"]}
        for key, was in members.items():
            if key not in values and has_bare_numbers(was):
                members[key] = as_json(was)
                self.changes.change(told, key, was, members[key])
        for key, value in values.items():
            before = members.get(key)
            if before is None and key == "iscrowd" and not value:
                continue
            if before is None or not _says(decode_loosely(before), value):
                members[key] = encode(value)
                self.changes.change(told, key, before, members[key])
        if is_clean and number == self.changes.changed.total():
            return entry
        return b"{%b}" % b",".join(
            b"%b:%b" % (encode(key), text) for key, text in members.items()
        )


def _members(entry: bytes) -> dict[str, bytes]:
    """Take an object apart, each value as the text it is, in UTF-8."""
    text = as_utf8_text(entry)
    found = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return {key: bytes(each) for key, each in found.items()}


def is_own_member(text: bytes) -> bool:
    """Whether the member `OWN_KEY` of a file is that of an earlier export."""
    try:
        found = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return found.keys() == {"changed", "left_out", "changes"}


def whole_ids(ids: Sequence[Any], taken: Iterable[Any] = ()) -> list[int]:
    """Make every id an integer of its own.

    An integer stays, of several alike the first. A text that is the digits of a free
    number becomes that; others become the next numbers, in order, or the first that
    are free where too few of 64 bits follow.
    """
    used = {each for each in (*ids, *taken) if isinstance(each, int)}
    seen: set[int] = set()
    following = max((each for each in used if 0 < each <= _LARGEST_ID), default=0) + 1
    if following > _LARGEST_ID - len(ids):
        following = 1
    numbers: list[int] = []
    for each in ids:
        number = each if isinstance(each, int) and each not in seen else None
        if isinstance(each, str) and _NUMBER.fullmatch(each) and int(each) not in used:
            number = int(each)
        if number is None:
            while following in used:
                following += 1
            number = following
        seen.add(number)
        used.add(number)
        numbers.append(number)
    return numbers


def _reason_of(table: Mapping[str, IntArray]) -> dict[int, str]:
    return {place: reason for reason, each in table.items() for place in each.tolist()}


def _same_image(entry: bytes, values: Values) -> bool:
    """Whether an entry of ``images`` has these values, and no others for them."""
    try:
        own = _images.decode(entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    sides = (own.height, own.width)
    are_plain = all(isinstance(side, int) or side % 1 for side in sides)
    found = (own.id, *sides, own.file_name)
    wanted = (values["id"], values["height"], values["width"])
    return are_plain and found == (*wanted, values.get("file_name", ""))


def _same_annotation(entry: bytes, values: Values) -> bool:
    """Whether an entry of ``annotations`` has these values, and no others for them."""
    try:
        own = _annotations.decode(entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    found = (own.id, own.image_id, own.category_id, [*own.bbox], own.area)
    names = ("id", "image_id", "category_id", "bbox", "area")
    flags = (bool(own.iscrowd), bool(own.ignore))
    is_ignored = "ignore" in values
    return found == tuple(values[name] for name in names) and flags == (
        bool(values["iscrowd"]),
        is_ignored,
    )


def _says(found: Any, wanted: Any) -> bool:
    """Whether a value is written as the reader took it, as a number or a text."""
    if isinstance(wanted, list):
        are_many = isinstance(found, list) and len(found) == len(wanted)
        return are_many and all(map(_says, found, wanted))
    if isinstance(wanted, str):
        return isinstance(found, str) and found == wanted
    # A float is no id and no whole number of pixels.
    kinds = (int,) if isinstance(wanted, int) else (int, float)
    return type(found) in kinds and found == wanted
