"""The command line: gaoxin serve, load, lines, check, import, show, diff."""

import argparse
import gc
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from app import __version__
from app.settings import Settings

if TYPE_CHECKING:
    from app.database import Release, Releases
    from app.query.changes import Change, FieldChange
    from app.seed.files import Finding

OK, FLAWED, UNUSABLE = 0, 1, 2
DIFFERENT = 1
SERVED = {"host": str, "port": int, "workers": int}
"""What `gaoxin serve` can be told in place of the settings."""
MARKS = {"added": "+", "changed": "~", "deleted": "-"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0, 1 for a flawed seed or a difference, 2 for a flawed call.

    Each command imports what it needs, which is most of the time that some of them take.
    """
    gc.disable()  # importing makes no garbage, and to look for it takes a tenth of the time
    try:
        return _main(arguments)
    finally:
        gc.freeze()  # the process ends: nor is garbage looked for in what a load leaves
        gc.enable()


def _main(arguments: Sequence[str] | None) -> int:
    given = False
    try:
        settings = Settings()
        asked = _parser(settings).parse_args(arguments)
        given = True  # what the settings have is in order
        Settings.model_validate({n: v for n, v in vars(asked).items() if n in SERVED})
    except ValidationError as error:
        for flaw in error.errors():
            name = str(flaw["loc"][0])
            where = f"--{name}" if given else f"GAOXIN_{name.upper()}"
            print(f"gaoxin: {where}: {flaw['msg']}", file=sys.stderr)
        return UNUSABLE
    run: Callable[[argparse.Namespace, Settings], int] = asked.run
    try:
        return run(asked, settings)
    except (OSError, LookupError, ValueError) as error:
        return _failed(error)


def _failed(error: Exception) -> int:
    """Say why a command cannot be done; what nobody foresaw goes on."""
    from app.database import ReleaseMissing
    from app.seed.release import SeedRefused
    from app.seed.show import NotThere

    if not isinstance(error, OSError | ReleaseMissing | NotThere | SeedRefused):
        raise error
    if isinstance(error, SeedRefused):
        _report(error.findings)
    print(f"gaoxin: {error}", file=sys.stderr)
    return FLAWED if isinstance(error, SeedRefused) else UNUSABLE


def _serve(asked: argparse.Namespace, settings: Settings) -> int:
    """Build once, before any worker starts, then serve; who makes lines meanwhile ends with it."""
    from signal import SIGTERM, signal

    import uvicorn

    from app.database import Releases
    from app.main import ensure_release
    from app.query.lines import are_lacking
    from app.serving import Connection

    gc.freeze()  # what is imported stays
    gc.enable()
    name = ensure_release(settings)
    maker = None
    if are_lacking(Releases(settings.data_dir / "releases").current()):
        command = [sys.executable, "-m", "app.cli", "lines"]
        maker = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        signal(SIGTERM, lambda *_: sys.exit())  # which uvicorn raises again when it has stopped
    print(f"gaoxin: release {name}; docs at http://{asked.host}:{asked.port}/docs", flush=True)
    try:
        uvicorn.run(
            "app.main:app",
            host=asked.host,
            port=asked.port,
            http=Connection,
            workers=asked.workers,
            access_log=False,  # ours says more
            log_config=_logging(settings.access_log),
            timeout_worker_healthcheck=30,  # a busy machine takes seconds to import
        )
    finally:
        if maker:
            maker.terminate()
    return OK


def _logging(accesses: bool) -> dict[str, Any]:
    """Uvicorn's logging, and ours beside it: a line a request, so without colours, which cost."""
    from uvicorn.config import LOGGING_CONFIG

    ours: dict[str, dict[str, Any]] = {
        "formatters": {"plain": {"format": "%(levelname)s:     %(message)s"}},
        "handlers": {"plain": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "loggers": {"gaoxin": {"handlers": ["plain"], "level": "INFO" if accesses else "WARNING"}},
    }
    return {**LOGGING_CONFIG, **{part: {**LOGGING_CONFIG[part], **ours[part]} for part in ours}}


def _load(asked: argparse.Namespace, settings: Settings) -> int:
    from app.database import Releases
    from app.seed.current import known_release

    releases = Releases(settings.data_dir / "releases")
    name = known_release(asked.seed, releases)
    if not name:
        from app.seed.progress import bar, silent
        from app.seed.release import load

        progress = bar if sys.stderr.isatty() else silent
        name = load(asked.seed, releases, progress=progress)
    print(f"gaoxin: {name} is the current release")
    return OK


def _lines(_asked: argparse.Namespace, settings: Settings) -> int:
    """Others, such as a server, go first."""
    from app.database import Releases
    from app.query.lines import make_lines
    from app.resources import service  # noqa: F401  (all lists are known)
    from app.seed.progress import bar, silent

    os.nice(19)
    releases = Releases(settings.data_dir / "releases")
    made = make_lines(releases, bar if sys.stderr.isatty() else silent)
    print(f"gaoxin: lines of {', '.join(made) or 'no list'} are ready for files")
    return OK


def _check(asked: argparse.Namespace, _settings: Settings) -> int:
    from app.resources.passages import Texts
    from app.seed.anchors import fix, without_text
    from app.seed.check import check
    from app.seed.facts import unproven
    from app.seed.read import Seed

    texts = Texts(asked.documents) if asked.documents else None
    seed = Seed(asked.seed)
    if asked.fix and not seed.findings:
        for name in fix(seed, texts):
            print(f"gaoxin: rewrote {name}")
        seed = Seed(asked.seed)
    findings = check(seed, texts)
    _report(findings)
    claims = sum(len(document.stated) for document in seed.documents)
    claims += sum(seed.plain.indicators.values())
    said = f"{len(findings)} flaws" if findings else "no flaw"
    print(f"gaoxin: {len(seed.documents)} documents, {claims} claims, {said}", file=sys.stderr)
    if not findings:
        counts: Counter[str] = Counter()
        for remark, verdict in unproven(seed):
            _report([remark] if asked.unproven else [])
            counts[verdict] += 1
        said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        print(f"gaoxin: facts not proven: {said or 'none'}", file=sys.stderr)
    for remark in without_text(seed, texts) if texts else []:
        print(f"gaoxin: {remark}", file=sys.stderr)
    return FLAWED if findings else OK


def _import(asked: argparse.Namespace, _settings: Settings) -> int:
    from app.ingest.tables import import_tables

    outcome = import_tables(asked.folder, asked.seed)
    _report(outcome.flaws)
    for name in outcome.written:
        print(f"gaoxin: wrote {name}")
    said = f"{len(outcome.flaws)} flaws, nothing was written" if outcome.flaws else "no flaw"
    print(f"gaoxin: {outcome.claims} new claims, {said}", file=sys.stderr)
    return FLAWED if outcome.flaws else OK


def _show(asked: argparse.Namespace, _settings: Settings) -> int:
    from app.seed.check import check
    from app.seed.read import Seed
    from app.seed.show import show

    seed = Seed(asked.seed)
    seed.shown.add(asked.id.partition(".")[0])  # of a citation, the fact
    if findings := check(seed):
        _report(findings)
        return FLAWED
    for line in show(seed, asked.kind, asked.id):
        print(line)
    return OK


def _diff(asked: argparse.Namespace, settings: Settings) -> int:
    from app.database import Releases
    from app.query.changes import Kind, compare
    from app.resources.changes import evidence

    releases = Releases(settings.data_dir / "releases")
    older, newer = _kept(releases, asked.older), _kept(releases, asked.newer)
    found: Counter[Kind] = Counter()
    for change in compare(older, newer, evidence):
        found[change.kind] += 1
        print(_line(change))
    counts = ", ".join(f"{found[kind]} {kind}" for kind in Kind)
    print(f"gaoxin: from {older.name} to {newer.name}: {counts}", file=sys.stderr)
    return DIFFERENT if found else OK


def _kept(releases: "Releases", text: str) -> "Release":
    """The kept release with this name, or the only one whose name begins so; or the current."""
    from app.database import ReleaseMissing

    if text == "current":
        return releases.current()
    kept = releases.kept()
    found = [text] if text in kept else [name for name in kept if name.startswith(text)]
    if len(found) != 1:
        why = "may be any of them" if found else "is not kept"
        raise ReleaseMissing(f"{text!r} {why}; kept: {', '.join(found or kept) or 'none'}")
    return releases.open(found[0])


def _line(change: "Change") -> str:
    """One change, such as `~ zones/baiyin approved_on: 2010 -> 2010-09`."""
    said = [text for name, field in change.fields.items() for text in _said(name, field)]
    label = change.label_en or change.label_zh
    what = "; ".join(said) if said else label
    parts = [MARKS[change.kind], change.id, what, change.reason and f"({change.reason})"]
    return " ".join(filter(None, parts))


def _said(name: str, field: "FieldChange") -> Iterator[str]:
    """What changed in a field; in each part of it, where it is an object."""
    from app.query.changes import differences

    if isinstance(field.old, dict) and isinstance(field.new, dict):
        for part, inner in differences(field.old, field.new).items():
            yield from _said(f"{name}.{part}", inner)
    elif field.added is None or field.removed is None:
        yield f"{name}: {_shown(field.old)} -> {_shown(field.new)}"
    else:
        members = [f"-{_shown(m)}" for m in field.removed] + [f"+{_shown(m)}" for m in field.added]
        yield f"{name}: {' '.join(members) or 'in another order'}"


def _shown(value: Any) -> str:
    plain = isinstance(value, str) and value.isprintable()
    return value if plain else json.dumps(value, ensure_ascii=False)


def _report(findings: list["Finding"]) -> None:
    for finding in findings:
        print(finding)


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return path


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gaoxin", description=__doc__)
    parser.add_argument("--version", action="version", version=f"gaoxin {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="build the release if needed and serve it")
    for name, kind in SERVED.items():
        says, usual = Settings.model_fields[name].description, getattr(settings, name)
        serve.add_argument(f"--{name}", type=kind, default=usual, help=says)
    serve.set_defaults(run=_serve)

    load_ = commands.add_parser("load", help="check the seed and make it the current release")
    load_.set_defaults(run=_load)

    lines = commands.add_parser("lines", help="make ahead what files of long lists consist of")
    lines.set_defaults(run=_lines)

    check_ = commands.add_parser("check", help="say what is wrong with the seed, line by line")
    check_.add_argument(
        "--documents", type=_folder, help="folder of the texts, to find every phrase again"
    )
    check_.add_argument(
        "--fix", action="store_true", help="write places of phrases and the canonical form"
    )
    check_.add_argument(
        "--unproven", action="store_true", help="list the facts that are not proven, and why"
    )
    check_.set_defaults(run=_check)

    show_ = commands.add_parser("show", help="print a row with the claims and phrases behind it")
    show_.add_argument("kind", help="what it is, such as zone; a wrong word lists them all")
    show_.add_argument("id", help="its id")
    show_.set_defaults(run=_show)

    diff = commands.add_parser("diff", help="say what changed from one kept release to another")
    for name in ("older", "newer"):
        diff.add_argument(name, help="a release's name, the beginning of one, or `current`")
    diff.set_defaults(run=_diff)

    import_ = commands.add_parser("import", help="merge tables of facts into the seed")
    import_.add_argument("folder", type=_folder, help="folder of the tables")
    import_.set_defaults(run=_import)

    for command in (load_, check_, show_, import_):
        command.add_argument(
            "--seed", type=_folder, default=settings.seed_dir, help="folder of the knowledge"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
