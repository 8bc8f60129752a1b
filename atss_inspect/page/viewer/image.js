/* An image with all conventions, its pixels and masks. */
"use strict";

/** An image with all conventions; `row` numbers its objects as the file has them. */
class SceneImage {
  constructor(document) {
    this.document = document;
    this.conventions = document.conventions.map((each) => new Convention(each));
    const seen = new Map();
    this.keys = document.objects.ann.map((ann) => {
      const times = (seen.get(ann) || 0) + 1;
      seen.set(ann, times);
      return times > 1 ? `${ann}~${times}` : ann;
    });
    this.pixels = loadedPicture(document.picture);
    this.masks = document.objects.outline.map((each) =>
      each && each.mask ? loadedPicture(each.mask) : null,
    );
  }

  className(row) {
    const { classes, class: index } = this.document.objects;
    return classes[index[row]] || "(no name)";
  }

  size(row) {
    return this.document.sizes[this.document.objects.size[row]];
  }
}

function loadedPicture(address) {
  if (!address) return null;
  const picture = new Image();
  picture.src = address;
  return picture;
}
