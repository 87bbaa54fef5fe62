"""The command line as a user runs it: what it prints, where, and with which exit code."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import __version__
from app.cli import _logging, main
from app.database import Releases
from tests.conftest import ROOT, SMALL_SEED, SMALL_TEXTS, Gaoxin, edit

BLOG, GAZETTE = "documents/blog-2021-03.yaml", "documents/gazette-2020.yaml"
TEXTS = ("--documents", str(SMALL_TEXTS))


def in_a_process(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line as a shell does."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def content(folder: Path) -> dict[str, bytes]:
    files = (
        path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", ".seed")
    )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_check_of_a_sound_seed_says_so_and_succeeds(
    small_seed: Path, tmp_path: Path, gaoxin: Gaoxin
) -> None:
    data = tmp_path / "data"
    ran = gaoxin("check", "--seed", small_seed, *TEXTS, GAOXIN_DATA_DIR=data)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr == (
        "gaoxin: 6 documents, 86 claims, no flaw\ngaoxin: facts not proven: none\n"
    )
    assert not data.exists()


def test_check_of_a_flawed_seed_tells_file_and_line_and_fails(seed_copy: Path) -> None:
    first = edit(seed_copy, BLOG, "object: industry/lasers", "object: industry/laser")
    second = edit(seed_copy, GAZETTE, "at: 409, text: in 2006", "at: 410, text: in 2006")
    before = content(seed_copy)
    ran = in_a_process("check", "--seed", seed_copy, *TEXTS)
    assert ran.returncode == 1
    assert ran.stdout.splitlines() == [
        f"{BLOG}:{first}: there is no 'laser' in industries; did you mean 'lasers'?",
        f"{GAZETTE}:{second}: 'in 2006' is not at 410 but at 409; use --fix",
    ]
    assert ran.stderr == "gaoxin: 6 documents, 86 claims, 2 flaws\n"
    assert content(seed_copy) == before


def test_check_of_what_is_no_yaml_fails_like_any_flaw(
    seed_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (seed_copy / BLOG).write_bytes(b"document: [\xff")
    assert main(["check", "--seed", str(seed_copy)]) == 1
    assert re.fullmatch(rf"{BLOG}:1: this is no YAML: .*\n", capsys.readouterr().out)


def test_a_wrong_call_is_told_apart_from_a_flawed_seed() -> None:
    ran = in_a_process("check", "--seed", "nowhere")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.endswith("error: argument --seed: there is no folder nowhere\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "the following arguments are required: command"),
        (("chekc",), "invalid choice: 'chekc'"),
        (("check", "--sed", "x"), "unrecognized arguments: --sed"),
        (("check", "--seed"), "expected one argument"),
        (("check", "--documents", "nowhere"), "there is no folder nowhere"),
        (("load", "--fix"), "unrecognized arguments: --fix"),
        (("serve", "--port", "http"), "invalid int value: 'http'"),
    ],
)
def test_every_wrong_call_says_what_is_wrong(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert told in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_no_flaw_of_the_seed(
    small_seed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("GAOXIN_DATA_DIR", str(tmp_path / "data"))
    assert main(["load", "--seed", str(small_seed)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err[:8]) == ("", "gaoxin: ")


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert (stop.value.code, capsys.readouterr().out) == (0, f"gaoxin {__version__}\n")


def test_fix_writes_places_and_the_canonical_form_once(
    seed_copy: Path, small_seed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = seed_copy / GAZETTE
    places = re.sub(r"at: (\d+)", lambda m: f"at: {int(m[1]) + 5}", path.read_text("utf-8"))
    path.write_text(f"# a remark\n{places}", encoding="utf-8")
    edit(seed_copy, BLOG, "at: 159, text: approved in 2011", "text: 'approved in 2011'")

    assert main(["check", "--seed", str(seed_copy), *TEXTS, "--fix"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [f"gaoxin: rewrote {file}" for file in (BLOG, GAZETTE)]
    assert content(seed_copy) == content(small_seed)

    assert main(["check", "--seed", str(seed_copy), *TEXTS, "--fix"]) == 0
    assert capsys.readouterr().out == ""
    assert content(seed_copy) == content(small_seed)


def test_fix_does_not_hide_what_it_cannot_mend(
    seed_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(seed_copy, BLOG, "tier: 3\n", "tier:  3\n")
    line = edit(seed_copy, BLOG, "object: industry/lasers", "object: industry/laser")
    assert main(["check", "--seed", str(seed_copy), "--fix"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"gaoxin: rewrote {BLOG}",
        f"{BLOG}:{line}: there is no 'laser' in industries; did you mean 'lasers'?",
    ]


def test_load_tells_the_release_and_puts_it_where_the_data_are(
    small_seed: Path, tmp_path: Path, gaoxin: Gaoxin
) -> None:
    ran = gaoxin("load", GAOXIN_DATA_DIR=tmp_path, GAOXIN_SEED_DIR=small_seed)
    assert ran.returncode == 0, ran.stderr
    told = re.fullmatch(r"gaoxin: (2001\.2\.3-[0-9a-f]{6}) is the current release\n", ran.stdout)
    assert told
    assert set(content(tmp_path)) == {"releases/current", f"releases/{told[1]}.sqlite"}
    assert (tmp_path / "releases" / "current").read_text("ascii") == f"{told[1]}\n"


def test_lines_are_made_of_long_lists_alone(
    small_release: Releases, tmp_path: Path, gaoxin: Gaoxin, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    monkeypatch.setattr(os, "nice", steps.append)
    assert gaoxin("lines", GAOXIN_DATA_DIR=tmp_path).returncode == 2
    shutil.copytree(small_release.folder, tmp_path / "releases")
    before, ran = content(tmp_path), gaoxin("lines", GAOXIN_DATA_DIR=tmp_path)
    assert ran.stdout == "gaoxin: lines of no list are ready for files\n"
    assert content(tmp_path) == before
    assert steps == [19, 19]


def test_load_of_a_broken_seed_fails_and_leaves_the_live_release(
    seed_copy: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GAOXIN_DATA_DIR", str(tmp_path / "data"))
    assert main(["load", "--seed", str(seed_copy)]) == 0
    before = content(tmp_path / "data")
    line = edit(seed_copy, BLOG, "subject: zone/delta\n  type", "subject: zone/iota\n  type")
    capsys.readouterr()
    assert main(["load", "--seed", str(seed_copy)]) == 1
    told = capsys.readouterr()
    assert told.out == f"{BLOG}:{line}: there is no 'iota' in zones\n"
    assert told.err == "gaoxin: seed_data has 1 flaws; nothing was changed\n"
    assert content(tmp_path / "data") == before


def test_a_wrong_setting_is_a_wrong_call(
    small_seed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GAOXIN_PORT", "http")
    assert main(["check", "--seed", str(small_seed)]) == 2
    assert "GAOXIN_PORT" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--port=65536", "--port=-1", "--workers=0"])
def test_an_option_has_the_bounds_of_its_setting(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", option]) == 2
    name = option.partition("=")[0]
    assert capsys.readouterr().err.startswith(f"gaoxin: {name}: Input should be ")


def test_check_names_what_is_not_proven_and_which_texts_are_not_there(
    tmp_path: Path, gaoxin: Gaoxin
) -> None:
    ran = gaoxin("check", "--seed", ROOT / "seed_data", "--unproven")
    assert (ran.returncode, ran.stderr.count("\n")) == (0, 2)
    assert re.search(r"^documents/ankang-.*:\d+: ankang-planning: date: ", ran.stdout, re.M)
    ran = gaoxin("check", "--seed", SMALL_SEED, "--documents", tmp_path)
    assert ran.returncode == 0
    assert "documents/blog-2021-03.yaml:1: no text with the sha256 of blog-2021-03" in ran.stderr
    assert ran.stderr.count("it was not verified") == 5


def test_show_tells_each_field_with_its_claim_phrases_and_rivals(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["show", "--seed", str(SMALL_SEED), "zone", "alpha"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("zones/alpha\nname_en: Alpha High-Tech Zone\n")
    assert (
        "approved_on: 2010-09-29\n"
        "  documents/gazette-2020.yaml:61\n"
        "    milestones/alpha-national-approval date: “on September 29, 2010” at 267\n"
        "    rival alpha-national-approval-2011: 2011 (left out: alpha-national-approval is"
    ) in told
    assert told.splitlines()[-1].startswith("unknown: ")
    assert main(["show", "--seed", str(SMALL_SEED), "statement", "alpha-moon"]) == 0
    assert "“by 2030” at 1288, quoting Ann Example" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("zone", "alpah"), "there is no 'alpah' in zones; did you mean 'alpha'?"),
        (("zoon", "alpha"), "'zoon' is none of zone, "),
    ],
)
def test_show_says_what_it_does_not_know(
    asked: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "--seed", str(SMALL_SEED), *asked]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("wanted", "level"), [(True, "INFO"), (False, "WARNING")])
def test_requests_are_logged_unless_a_setting_says_no(wanted: bool, level: str) -> None:
    loggers = _logging(wanted)["loggers"]
    assert loggers["gaoxin"]["level"] == level
    assert "uvicorn" in loggers
