"""Every source file found, checked and made a Source. The only way sources come to be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from core.errors import SourceFileError
from core.source import Kind, Source
from sources.build import source_of
from sources.document import Document, Problem, read_document
from sources.messages import problems_of
from sources.needs import placeholder_doubts, supply
from sources.schema import SourceFile
from sources.values import SPIDER_KINDS

PACKAGED = Path(__file__).parent
SUFFIXES = (".yaml", ".yml")


class SourceFilesError(SourceFileError):
    """A source file cannot be used."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(("", *(f"  {problem}" for problem in problems))))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """All sources by id, in the order of their ids."""

    sources: Mapping[str, Source]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What checking one file gave: a source, or problems (or, for a doubtful file, both)."""

    source: Source | None
    replaces: bool
    problems: tuple[Problem, ...]
    id_line: int = 1


def load_catalogue(
    extra: Sequence[Path] = (), *, folder: Path | None = None, given: Mapping[str, str] | None = None
) -> Catalogue:
    """All packaged sources, with those of the operator's folders or files added.

    `folder` stands in for the packaged folder; `given` are the settings that sources may need: one
    whose setting is not among them is off. Raises SourceFilesError with every problem of
    every file: a catalogue is whole or it is not used, so that no source goes silent.
    """
    sources, problems = check_catalogue(extra, folder=folder)
    if problems:
        raise SourceFilesError(problems)
    supplied = {id_: supply(source, given or {}) for id_, source in sorted(sources.items())}
    return Catalogue(sources=MappingProxyType(supplied))


def check_catalogue(
    extra: Sequence[Path] = (), *, folder: Path | None = None
) -> tuple[dict[str, Source], list[Problem]]:
    """The sources that are in order and the problems of those that are not."""
    packaged = folder or PACKAGED
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    own: set[str] = set()
    read: set[Path] = set()
    for root in (packaged, *extra):
        files = list(source_files(root))
        if not root.exists():
            problems.append(Problem(file=str(root), line=1, key="", message="is not there"))
        for file in files:
            if file.resolve() in read:
                continue
            read.add(file.resolve())
            checked = check_file(file, packaged=root is packaged)
            problems += checked.problems
            if checked.source is not None:
                problems += _add(checked, sources, own, packaged=root is packaged)
    return sources, problems


def _add(checked: Checked, sources: dict[str, Source], own: set[str], *, packaged: bool) -> list[Problem]:
    source = checked.source
    assert source is not None
    other = sources.get(source.id)
    may_replace = not packaged and checked.replaces and source.id not in own
    if other is not None and not may_replace:
        advice = (
            "give one of them another id"
            if packaged or source.id in own
            else "give it another id, or say `replaces: true` to use this file in its place"
        )
        message = f"{source.id} is already the id of {other.file}; {advice}"
        return [Problem(file=source.file, line=checked.id_line, key="id", message=message)]
    sources[source.id] = source
    if not packaged:
        own.add(source.id)
    return []


def source_files(root: Path) -> Iterator[Path]:
    """The source files under a folder in a fixed order, or the file itself."""
    if root.is_file():
        yield root
        return
    for path in sorted(root.rglob("*")):
        hidden = any(part.startswith((".", "_")) for part in path.relative_to(root).parts)
        if path.suffix in SUFFIXES and path.is_file() and not hidden:
            yield path


def check_file(path: Path, *, packaged: bool = False) -> Checked:
    """Check one file by itself."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return _refused(
            Problem(file=str(path), line=line, key="", message="not UTF-8 text; save it as UTF-8")
        )
    except OSError as error:
        return _refused(Problem(file=str(path), line=1, key="", message=f"cannot be read: {error.strerror}"))
    return _check(text, str(path), stem=path.stem, packaged=packaged)


def _refused(*problems: Problem) -> Checked:
    return Checked(source=None, replaces=False, problems=problems)


def parse_source(text: str, file: str, *, packaged: bool = False) -> Source:
    """The source one file describes. Raises SourceFilesError with each problem and its line."""
    checked = _check(text, file, stem=Path(file).stem, packaged=packaged)
    if checked.problems or checked.source is None:
        raise SourceFilesError(checked.problems)
    return checked.source


def _check(text: str, file: str, *, stem: str, packaged: bool) -> Checked:
    document = read_document(text, file)
    problems = list(document.problems)
    if not document.lines:
        return _refused(*problems)
    written: SourceFile | None = None
    try:
        written = SourceFile.model_validate(document.data)
    except ValidationError as error:
        problems += problems_of(error, document, file)
    problems += _about_the_whole(document, file, stem)
    if written is not None:
        problems += _doubts(written, document, file, packaged=packaged)
    problems.sort(key=lambda problem: problem.line)
    if problems or written is None:
        return _refused(*problems)
    source = source_of(written, id_=written.id or stem, file=file, packaged=packaged)
    return Checked(source=source, replaces=written.replaces, problems=(), id_line=document.line(("id",)))


def _about_the_whole(document: Document, file: str, stem: str) -> Iterator[Problem]:
    """What no single key can be blamed for."""
    blocks = [kind.value for kind in Kind if kind.value in document.data]
    if not blocks:
        message = "needs one block that says where to look: feed, sitemap, listing or api"
        yield Problem(file=file, line=1, key="", message=message)
    for more in blocks[1:]:
        message = f"a source has one kind, and `{blocks[0]}` stands above; make this a file of its own"
        yield Problem(file=file, line=document.line((more,)), key=more, message=message)
    written = document.data.get("id")
    if isinstance(written, str) and written != stem:
        message = (
            f"{written!r} is not the name of the file; call the file {written}.yaml, or the source {stem}"
        )
        yield Problem(file=file, line=document.line(("id",)), key="id", message=message)


def _doubts(written: SourceFile, document: Document, file: str, *, packaged: bool) -> Iterator[Problem]:
    """Keys that contradict each other."""

    def doubt(key: str, message: str, *path: str) -> Problem:
        return Problem(file=file, line=document.line(path or (key,)), key=key, message=message)

    if written.expectations.min_items > written.politeness.max_items:
        most = written.politeness.max_items
        yield doubt(
            "expectations.min_items",
            f"no run can reach it: politeness.max_items is {most}",
            "expectations",
            "min_items",
        )
    if packaged and written.allow_private_network:
        yield doubt("allow_private_network", "only a file in the operator's own folder may say this")
    if packaged and written.enabled and written.status == "unverified":
        yield doubt("enabled", "a packaged source with an unverified address is off; check the address first")
    kind = SPIDER_KINDS.get(written.spider or "")
    if kind is not None and getattr(written, kind) is None:
        yield doubt("spider", f"{written.spider} needs the block `{kind}:`")
    if written.arrangement and not (written.needs and written.api and written.api.content == "index"):
        yield doubt("arrangement", "only for an `api:` with `content: index` that `needs` a key of yours")
    for message in placeholder_doubts(written):
        yield doubt("needs", message)
    if written.status == "verified" and written.checked is None:
        yield doubt("status", "verified needs `checked:`, the day on which the address answered")
