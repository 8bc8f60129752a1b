"""Where the pictures of a command's annotations lie, and which images have one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from atss_inspect.cli.request import ComparedRequestOptions, Request, RequestOptions
from atss_inspect.cli.streams import Notices
from atss_inspect.errors import SettingsError
from atss_inspect.views.names import printable
from atss_inspect.views.numbers import plural

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset


@dataclass(frozen=True)
class PicturedRequest(Request):
    """The inputs of one command, with the folder of pictures that goes with them."""

    asked: RequestOptions  # the options of inputs and conventions, as typed
    notices: Notices  # warnings, hints and notes

    def pictures(self, dataset: "Dataset") -> str | None:
        """Folder of pictures: the one named, or one that is found and told, or None."""
        folder = self._listed(dataset, self.named_images) or dataset.picture_folder
        if folder is None:
            from atss_inspect.readers.picture_folders import find_pictures

            # A project's folder may hold those of other annotations, too.
            found = find_pictures(self.ann, dataset.file_names.tolist())
            folder = found or self._listed(dataset, self.images)
        if folder is not None and folder != self.images:
            place = "this folder" if folder == "." else printable(folder)
            named = f"note: pictures are taken from {place}"
            self.notices.tell(f"{named}; --images names another folder")
        return folder

    @staticmethod
    def _listed(dataset: "Dataset", named: str | None) -> str | None:
        """Mark the folder that is named for data whose reader has listed it."""
        if named is None or dataset.picture_folder is None:
            return named
        from atss_inspect.readers.picture_files import ListedFolder

        return ListedFolder(named)

    @property
    def named_images(self) -> str | None:
        """Folder of the pictures of these annotations, where somebody named one.

        A project's folder goes with its annotations, not with others.
        """
        return self.asked.images if self.asked.ann else self.images

    def with_sizes_compared(self, dataset: "Dataset") -> "Dataset":
        """Count images whose pictures have another size, where pictures are named.

        That is by --images or the project's file, or as part of data that are folders;
        those of YOLO have no other sizes than their pictures'.
        """
        named = self.named_images
        of_data = None if dataset.normalized is not None else dataset.picture_folder
        if (folder := self._listed(dataset, named) or of_data) is None:
            return dataset
        from atss_inspect.readers.compared_sizes import compare_sizes

        # Others tell themselves of each picture that is not there.
        is_told = named is not None and isinstance(self.asked, ComparedRequestOptions)
        found = compare_sizes(dataset, folder, is_named=is_told)
        return replace(dataset, findings=found)

    def pictured(
        self,
        rows: Sequence[int],
        dataset: "Dataset",
        folder: str | None,
        *,
        number: int,
        only: bool,
    ) -> list[int]:
        """Take the first images, rather those that have a picture.

        How many others are passed over is told. Raises `SettingsError` where only
        images with a picture are wanted, and there are none.
        """
        from atss_inspect.readers.picture_folders import prefer_pictured

        names = dataset.file_names.tolist()
        found = prefer_pictured(rows, names, folder, number=number, only=only)
        if not found and len(rows):
            message = "--with-picture: none of these images has a picture"
            hint = "--images names the folder of pictures"
            if folder is not None:
                hint = f"{printable(folder)} has none of them; --images names another"
            raise SettingsError(message, hint=hint)
        self.tell_passed_over(len(set(rows[:number]) - set(found)))
        return found

    def tell_passed_over(self, number: int) -> None:
        """Tell how many images are not shown since they have no picture."""
        if number:
            have, are = ("has", "is") if number == 1 else ("have", "are")
            what = f"{plural(number, 'image')} {have} no picture and {are} passed over"
            self.notices.tell(f"note: {what}")
