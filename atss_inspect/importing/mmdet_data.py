"""What data sets of mmdetection say, as settings: classes, and what they keep.

Read in mmdet 3.3.0 and 2.28.2, datasets/; what the classes keep by themselves is in
`atss_inspect.importing.data_sets`.
"""

from atss_inspect.importing.data_sets import DATASET_RULES, DatasetRules, own_classes
from atss_inspect.importing.mmdet_images import Images, read_pipeline
from atss_inspect.importing.parts import Notes, Part, Refused, number, words
from atss_inspect.importing.values import Node

# What data sets around others take, whatever else a config holds for them; only one of
# them has a pipeline of its own.
WRAPPERS = {
    "RepeatDataset": words("type dataset times lazy_init"),
    "ClassBalancedDataset": words(
        "type dataset oversample_thr filter_empty_gt lazy_init"
    ),
    "ConcatDataset": words("type datasets separate_eval ignore_keys lazy_init"),
    "MultiImageMixDataset": words(
        "type dataset pipeline skip_type_keys dynamic_scale max_refetch lazy_init"
    ),
}
# Keys of data sets that say where files are, and such.
HARMLESS_DATA = words(
    "type data_root ann_file data_prefix img_prefix seg_prefix img_suffix seg_suffix "
    "seg_map_suffix pipeline backend_args file_client_args lazy_init serialize_data "
    "test_mode times oversample_thr dataset datasets num_samples_per_class max_refetch "
    "proposal_file label_file meta_file hierarchy_file indices ann_subdir img_subdir "
    "return_classes caption_prompt palette separate_eval dynamic_scale "
    "skip_type_keys ignore_keys version load_as_video"
)


def read_data(owner: Part, key: str, *, version: int) -> Images:
    """Take what the data set under a key says, and all that its pipeline does."""
    pipelines = []
    dataset = _first(owner, key, version)
    while dataset.type in WRAPPERS or "dataset" in dataset:
        if dataset.type == "ClassBalancedDataset":
            dataset.inexact("", "images are seen unequally often")
        _pass_over(dataset, version)
        if not dataset.is_taken("pipeline"):
            pipelines.append(dataset.parts("pipeline"))
        key = "dataset" if "dataset" in dataset else "datasets"
        dataset.rest(HARMLESS_DATA)
        dataset = _first(dataset, key, version)
    _read_rules(dataset, version)
    pipelines.append(dataset.parts("pipeline"))
    transforms = [one for pipeline in reversed(pipelines) for one in pipeline]
    if not transforms:
        dataset.refuse("pipeline", "is missing: nothing says how images are read")
    return read_pipeline(transforms, dataset, version=version)


def _pass_over(wrapper: Part, version: int) -> None:
    """Tell what a data set around others does not look at, often left by a base.

    2 looks at keys one by one, but for one class; 3 stops at a key too many.
    """
    name = wrapper.type
    known = WRAPPERS.get(name)
    others = [key for key in wrapper.node.value if known and key not in known]
    others = [key for key in others if key != "_scope_"]
    if others and (version != 2 or name == "MultiImageMixDataset"):
        hint = "_delete_=True in it leaves out what its base has"
        wrapper.refuse(
            others[0], f"{name} takes no {others[0]}; mmdetection stops", hint=hint
        )
    wrapper.skip(*others)
    for key in others:
        if key == "pipeline" or key not in HARMLESS_DATA:
            wrapper.tell(key, f"{name} does not look at it")


def _first(owner: Part, key: str, version: int) -> Part:
    """Open the data set under a key, or the first of some; tell of unlike ones."""
    sets = owner.parts(key)
    if not sets:
        owner.refuse(key, "is missing: nothing says how images are read")
    unlike = {_said(owner, one, version) for one in sets} if len(sets) > 1 else ()
    if len(unlike) > 1:
        text = f"only the first of {len(sets)} unlike data sets is looked at"
        owner.inexact(key, text)
    return sets[0]


def _said(owner: Part, dataset: Part, version: int) -> str:
    """Write all that a data set says, to tell whether another one is alike."""
    notes = Notes()
    alone = Node({"dataset": dataset.node}, owner.node.place)
    try:
        read_data(Part(alone, "", notes), "dataset", version=version)
    except Refused as error:
        return f"{error.key}: {error.reason}"
    return repr([(one.path, one.value) for one in notes.found])


def _read_rules(dataset: Part, version: int) -> None:
    """Read which annotations and images are kept, and which classes are trained."""
    name = dataset.type
    _read_classes(dataset, name, version)
    rules = _rules_of(dataset, name)
    config = dataset if version == 2 else dataset.part("filter_cfg")
    if rules.filters_images:
        _read_filter(dataset, config, version)
    for path, value in rules.settings.items():
        if path != "data.drop_images" or dataset.notes.value_of(path) != "never":
            dataset.set(path, value, "type")
    key = rules.min_box_side[version == 2]
    if key and config is not None and key in config:
        config.setting("data.min_box_side", key, make=number)
    if config is not None and version != 2:
        _tell_unread(config, name)
    dataset.rest(HARMLESS_DATA)


def _rules_of(dataset: Part, name: str) -> DatasetRules:
    """Look up what a data set class does, and tell what is not imitated of it."""
    rules = DATASET_RULES.get(name)
    if rules is None:
        text = f"the data rules of {name} are not known, CocoDataset's are used"
        if dataset.notes.value_of("data.classes") is None:
            text += ", and all classes of the file"
        dataset.inexact("type", text)
        return DATASET_RULES["CocoDataset"]
    if rules.inexact:
        dataset.inexact("type", rules.inexact)
    elif rules.unread:
        dataset.tell("type", rules.unread)
    return rules


def _tell_unread(config: Part, name: str) -> None:
    """Tell which keys of ``filter_cfg`` a data set class does not look at."""
    for key in ("bbox_min_size", "min_size", "filter_empty_gt"):
        if key in config and not config.is_taken(key):
            config.tell(key, f"{name} does not look at it")
            config.take(key)
    config.rest(())


def _read_filter(dataset: Part, config: Part | None, version: int) -> None:
    """Read which images are left out; 3 leaves out none where nothing is said."""
    if version == 2:
        drop = config.take("filter_empty_gt", default=True) if config else True
        if "filter_empty_gt" in dataset:
            value = "unannotated" if drop else "never"
            dataset.set("data.drop_images", value, "filter_empty_gt")
        return
    if config is None:
        dataset.set("data.drop_images", "never", "filter_cfg", default="none left out")
        dataset.set("data.min_image_side", 0, "filter_cfg", default="none left out")
        return
    drops = {True: "unannotated", False: "never"}
    config.setting(
        "data.drop_images", "filter_empty_gt", False, lambda v: drops[bool(v)]
    )
    config.setting("data.min_image_side", "min_size", 0)


def _read_classes(dataset: Part, name: str, version: int) -> None:
    """Read the names that are trained, or take the data set class's own."""
    holder = dataset if version == 2 else dataset.part("metainfo")
    for key in ("classes", "CLASSES"):
        if holder is not None and key in holder:
            names = holder.take(key)
            if not isinstance(names, list | tuple):
                got = ", got a text" if isinstance(names, str) else ""
                reason = f"expected a list of names{got}"
                hint = 'a name alone needs a comma: ("crack",); files are not read'
                holder.refuse(key, reason, hint=hint)
            if key == "classes":
                _set_classes(holder, name, tuple(map(str, names)))
                break
            text = "mmdetection looks at classes in small letters, not at this"
            holder.not_read(key, text)
    else:
        own = own_classes(name) if name in DATASET_RULES else ()
        if own:
            text = f"the {len(own)} classes of {name}"
            dataset.set("data.classes", own, "metainfo.classes", default=text)
    if holder is not None and holder is not dataset:
        holder.rest({"palette", "PALETTE", "dataset_type", "task_name"})


def _set_classes(holder: Part, name: str, names: tuple[str, ...]) -> None:
    """Set classes that a config names; some data set classes take all of their file."""
    if name in DATASET_RULES and DATASET_RULES[name].classes is None:
        holder.inexact("classes", f"{name} trains every class of its file")
    else:
        holder.set("data.classes", names, "classes")
