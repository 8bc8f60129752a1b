"""Read the viewer's documents back, as written in `image_document`'s docstring.

A second reading beside the page's script, so that a test can say which of the two
sides is wrong.
"""

from typing import Any

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
Document = dict[str, Any]
Row = tuple[int, int, int, int, int]


def groups(counts: list[int]) -> list[int]:
    return [group for group, count in enumerate(counts) for _ in range(count)]


def positive_rows(convention: Document, position: int) -> dict[Row, float | None]:
    """Map what is positive at a position (object, level, cell, anchor) to its IoU."""
    positives, levels = convention["positives"], convention["levels"]
    pairs = groups(positives["counts"])
    found, place, last = {}, 0, None
    for n, (pair, step) in enumerate(zip(pairs, positives["index"], strict=True)):
        place = step if pair != last else place + step
        last = pair
        gt, level = divmod(pair, len(levels))
        cell, anchor = divmod(place, len(levels[level]["centers"]) // 2)
        row, column = divmod(cell, levels[level]["columns"])
        mask = positives["masks"][positives["mask"][n]]
        if mask >> position & 1:
            iou = positives["iou"] and positives["iou"][n] / 1000
            found[gt, level, row, column, anchor] = iou
    return found


def candidate_cells(convention: Document, k: int) -> set[tuple[int, int, int, int]]:
    """List the cells of candidates: object, level, row, column."""
    candidates, num_levels = convention["candidates"], len(convention["levels"])
    firsts = iter(zip(*[iter(candidates["first"])] * 2, strict=True))
    steps, found, place = candidates["steps"], set(), 0
    for pair, count in enumerate(candidates["counts"]):
        if not count:
            continue
        gt, level = divmod(pair, num_levels)
        row, column = next(firsts)
        for n in range(count):
            down, right = (SIGNS.index(sign) - 32 for sign in steps[2 * place :][:2])
            first_k = n + 1
            if candidates["first_k"]:
                first_k = SIGNS.index(candidates["first_k"][place])
            if first_k <= k:
                found.add((gt, level, row + down, column + right))
            place += 1
    return found


def holder(convention: Document, gt: int, position: int) -> int | None:
    lost = convention["lost"]
    for loser, first, last, held_by in zip(*[iter(lost)] * 4, strict=True):
        if loser == gt and first <= position <= last:
            return int(held_by)
    return None
