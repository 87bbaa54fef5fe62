"""The report of a run: Markdown for people, JSON for programs, a plot for the README."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

Told = dict[str, Any]
HOT = {"limit": 0.8, "roapi": 4, "datasette": 60, "plain": 40}
COLD = {"roapi": 1.2, "datasette": 15, "plain": 8}
"""How many times the rate of each it should have."""
NAMES = {
    "gaoxin": "Gaoxin",
    "limit": "the limit",
    "roapi": "ROAPI",
    "plain": "plain FastAPI + SQLModel",
    "datasette": "Datasette",
    "datasette counting": "Datasette, counting",
}
Target = tuple[str, str, str, bool | None]
"""What is promised, the bound, what was found, and whether that is enough; None: not measured."""


def write(found: Told, folder: Path) -> Path:
    """Write the report; returns the path of its Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    stem: Path = folder / found["about"]["date"][:16].replace(":", "")
    stem.with_suffix(".json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    plotted = plot(found, stem.with_suffix(".svg"))
    lines = [*_head(found), *([f"![Ratios]({stem.name}.svg)", ""] if plotted else [])]
    for part in (_targets, _peers, _growth, _bulk, _load, _plans):
        lines += part(found)
    path = stem.with_suffix(".md")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def ratios(question: Told, peer: str, rate: str = "rate") -> list[float]:
    """The rate of Gaoxin over that of a peer, in each round in which both were measured."""
    found = []
    for one in question["rounds"]:
        ours, theirs = (one.get(name, {}).get(rate) for name in ("gaoxin", peer))
        if ours and theirs:
            found.append(ours / theirs)
    return found


def targets(found: Told) -> Iterator[Target]:
    """Every promise, beside what was found."""
    yield from _peer_targets(found)
    for key, most in (("growth", 1.5), ("deep", 1.2)):
        for one in _many(found, key):
            grown = (one.get(name) for name in ("ratio", "cpu_ratio"))
            yield _answered(one, _at_most(f"{key}: {one['name']}", most, "×", *grown))
    for one in _many(found, "counts"):
        most = 5 if one["kind"] == "all" else 50
        yield _answered(one, _at_most(one["name"], most, "ms", *_times(one)))
    for base, one in _parts(found, "search").items():
        yield _at_most(f"search, {base} base", 20, "ms", *_times(one))
    for one in _many(found, "bulk"):
        rate = _at_least(f"{one['name']} beside the rate of a file", 1 / 3, "×", one.get("of_file"))
        yield _answered(one, rate)
        if "error" not in one:
            grown_by = one["anonymous_peak"] - one["anonymous_before"]
            yield _at_most(f"{one['name']}, more memory", 20, "MB", grown_by)
            slower = (one["p99_meanwhile"] or 0) / (one["p99_alone"] or 1)
            yield _at_most(f"{one['name']}, p99 of others, to alone", 2, "×", slower)
    for base, one in _parts(found, "workers").items():
        yield _at_most(f"{base}: anonymous memory after these questions", 120, "MB", one["memory"])
        yield _at_most(f"{base}: first answer after start", 1.5, "s", one["first"])
    scanning = [one for one in _many(found, "plans") if one["scans"] or one["status"] != 200]
    if _many(found, "plans"):
        yield _at_most("questions that go through a big table, or fail", 0, "", len(scanning))
    loaded = _parts(found, "load")
    spent = (loaded.get(name) for name in ("seconds", "cpu_seconds"))
    yield _at_most("load: the real base", 3, "s", *spent)
    loaded = _parts(found, "yaml")
    rates = (loaded.get(name) for name in ("claims_per_s", "claims_per_cpu_s"))
    yield _at_least("load: claims from YAML", 2000, "/s", *rates)
    loaded = _parts(found, "tables")
    rates = (loaded.get(name) for name in ("rows_per_s", "rows_per_cpu_s"))
    yield _at_least("load: rows from tables", 15_000, "/s", *rates)


def _answered(one: Told, target: Target) -> Target:
    """A question that fails misses its target."""
    return (*target[:2], one["error"], False) if "error" in one else target


def _times(one: Told) -> tuple[float | None, float | None]:
    return one.get("ms"), one.get("cpu_ms")


def _peer_targets(found: Told) -> Iterator[Target]:
    for base, told in found.get("peers", {}).items():
        for name, question in told.get("questions", {}).items():
            for peer, least in (HOT if question["hot"] else COLD).items():
                if peer in told["missing"] or any(peer in one for one in question["rounds"]):
                    known, own = (ratios(question, peer, rate) for rate in ("rate", "cpu_rate"))
                    middles = (median(some) if some else None for some in (known, own))
                    yield _at_least(f"{base}: {name} / {NAMES[peer]}", least, "×", *middles)
        ours = told.get("servers", {}).get("gaoxin", {})
        for says, key, most, unit in (
            ("anonymous memory", "memory", 120, "MB"),
            ("first answer after start", "first", 1.5, "s"),
        ):
            shown = median(ours[key]) if ours.get(key) else None
            yield _at_most(f"{base}: {says}", most, unit, shown)


def _at_most(
    name: str, most: float, unit: str, value: float | None, of_cpu: float | None = None
) -> Target:
    enough = None if value is None else value <= most
    return (name, f"at most {_short(most)} {unit}", _found(value, unit, of_cpu), enough)


def _at_least(
    name: str, least: float, unit: str, value: float | None, of_cpu: float | None = None
) -> Target:
    enough = None if value is None else value >= least
    return (name, f"at least {_short(least)} {unit}", _found(value, unit, of_cpu), enough)


def _found(value: float | None, unit: str, of_cpu: float | None) -> str:
    if value is None:
        return "not measured"
    own = f" ({_short(of_cpu)} by CPU time)" if of_cpu is not None else ""
    return f"{_short(value)} {unit}{own}"


def _head(found: Told) -> list[str]:
    about = found["about"]
    packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
    lines = [
        f"# Speed, {about['date'][:10]}" + (" (quick)" if about["quick"] else ""),
        "",
        f"- {about['machine']}, Linux {about['kernel']}; commit {about['commit']}; {about['date']}",
        f"- Python {about['python']}, SQLite {about['sqlite']}, {packages}",
        "- All servers on one core, one worker each, access logs off; wrk on another core with"
        " 16 connections; the load of the machine was"
        f" {about['load_average'][0]:.1f} before and {about['load_average_after'][0]:.1f} after"
        " (the benchmark itself keeps 2 busy at most).",
        f"- The base called million has {about['figures']} generated statistics.",
        "- A ratio is taken within a round, of a hot question within each of its three turns; shown"
        " is the median, with the smallest and the largest. By CPU time: of what the server's own"
        " threads ran, which says the same on a quiet machine and is disturbed less on a busy one.",
        "",
    ]
    if found["errors"]:
        lines += ["**Errors of the run**", "", *(f"- {one}" for one in found["errors"]), ""]
    return lines


def _targets(found: Told) -> list[str]:
    rows = list(targets(found))
    met = sum(bool(row[3]) for row in rows)
    known = sum(row[3] is not None for row in rows)
    marks = {True: "met", False: "**missed**", None: "not measured"}
    shown = [(name, bound, value, marks[enough]) for name, bound, value, enough in rows]
    lines = ["## Targets", "", f"{met} of {known} that were measured are met.", ""]
    return [*lines, *_table(("what", "target", "found", ""), shown)]


def _peers(found: Told) -> list[str]:
    lines: list[str] = []
    for base, told in found.get("peers", {}).items():
        lines += [f"## Beside peers: the {base} base", ""]
        if "error" in told:
            lines += [f"Not measured: {told['error']}", ""]
            continue
        lines += [f"Not measured: {NAMES[n]}: {why}" for n, why in told["missing"].items()]
        for hot in (True, False):
            asked = {n: q for n, q in told["questions"].items() if q["hot"] == hot}
            lines += ["### " + ("Hot: one address repeated" if hot else "Cold: every question new")]
            lines += ["", *(f"- {name}: {q['says']}" for name, q in asked.items()), ""]
            rows = [row for name, q in asked.items() for row in _rates(name, q)]
            head = ["question", "server", "requests/s", "p50 ms", "p99 ms", "rows"]
            head += ["Gaoxin / it", "by CPU time"]
            lines += _table(head, rows)
        kept = [
            (NAMES[name], _spread(one["first"]), _spread(one["memory"]))
            for name, one in told["servers"].items()
        ]
        lines += _table(("server", "seconds to the first answer", "anonymous MB after"), kept)
    return lines


def _rates(name: str, question: Told) -> Iterator[tuple[str, ...]]:
    for server, shown in NAMES.items():
        rounds = [one[server] for one in question["rounds"] if server in one]
        good = [one for one in rounds if "rate" in one]
        if not rounds:
            if question["rounds"]:
                yield (name, shown, "not asked", *[""] * 5)
        elif not good:
            yield (name, shown, rounds[0]["error"][:80], *[""] * 5)
        else:
            p50, p99 = (_short(median(one[key] for one in good)) for key in ("p50", "p99"))
            rows = [number for one in good for number in one["rows"]]
            shown_rows = _short(sum(rows) / len(rows)) if rows else ""
            known, own = (
                "" if server == "gaoxin" else _spread(ratios(question, server, rate))
                for rate in ("rate", "cpu_rate")
            )
            rate = _spread([one["rate"] for one in good])
            yield (name, shown, rate, p50, p99, shown_rows, known, own)


def _growth(found: Told) -> list[str]:
    lines: list[str] = []
    for key, head in (
        ("growth", ("page", "real base ms", "generated ms", "ratio", "ratio of CPU")),
        ("deep", ("page", "first page ms", "deep ms", "ratio", "ratio of CPU")),
    ):
        pages = [
            (
                f"{one['name']}<br>`{one['asked'] or 'no parameters'}`",
                *(_ms(one[side]) for side in ("base", "other")),
                _short(one.get("ratio")),
                _short(one.get("cpu_ratio")),
            )
            for one in _many(found, key)
        ]
        if pages:
            title = "Growth to the generated base" if key == "growth" else "Deep pages"
            lines += [f"## {title}", "", *_table(head, pages)]
    counted = [(f"{one['name']}<br>`{one['asked']}`", _ms(one)) for one in _many(found, "counts")]
    counted += [(f"search, {base} base", _ms(one)) for base, one in _parts(found, "search").items()]
    if counted:
        heads = ("question to the generated base", "median ms (p95, CPU)")
        lines += ["## Counts, facets, search", "", *_table(heads, counted)]
    return lines


def _plans(found: Told) -> list[str]:
    """What SQLite does for the questions above."""
    lines: list[str] = []
    for one in _many(found, "plans"):
        failed = "" if one["status"] == 200 else f", answered {one['status']}"
        lines += [f"`{one['target']}`{failed}", ""]
        lines += [f"- {made['steps']} steps: {'; '.join(made['plan'])}" for made in one["plans"]]
        lines.append("")
    said = "As they were sent, with the steps that SQLite's virtual machine took for each."
    head = ["## Query plans", "", said, ""]
    return [*head, *lines] if lines else []


def _bulk(found: Told) -> list[str]:
    rows = [
        (
            one["name"],
            f"{one['bytes'] / 1e6:.0f} MB in {one['seconds']:.1f} s",
            *(_short(one[key]) for key in ("mb_per_s", "again_mb_per_s", "file_mb_per_s")),
            _short(one["of_file"]),
            f"{_short(one['anonymous_before'])} → {_short(one['anonymous_peak'])}",
            " → ".join(_short(one[f"p99_{when}"]) for when in ("alone", "meanwhile"))
            + f" of {one['asked_meanwhile']}",
        )
        for one in _many(found, "bulk")
        if "error" not in one
    ]
    head = ("form", "size", "MB/s", "MB/s again", "MB/s of a file", "of it", "anonymous MB")
    if not rows:
        return []
    made = found["lines"]
    told = (
        f"`gaoxin lines` had run: {made['bytes'] / 1e6:.0f} MB of {', '.join(made['lists'])}, in "
        f"{made['cpu_seconds']:.0f} CPU seconds here (next to none where they were there)."
    )
    return ["## Bulk", "", told, "", *_table((*head, "p99 ms of others"), rows)]


def _load(found: Told) -> list[str]:
    rows = [
        (
            f"{one[unit]} {unit}",
            f"{one['seconds']:.1f} s (CPU {one['cpu_seconds']:.1f} s)",
            f"{one[f'{unit}_per_s']:.0f} (CPU {one[f'{unit}_per_cpu_s']:.0f})",
            f"{one['peak_mb']:.0f}",
        )
        for part, unit in (("load", "claims"), ("yaml", "claims"), ("tables", "rows"))
        if (one := _parts(found, part))
    ]
    return (
        ["## Load", "", *_table(("what", "time", "a second", "peak of its own memory, MB"), rows)]
        if rows
        else []
    )


def plot(found: Told, path: Path) -> bool:
    """How many times the rate of each peer it has, by question; False without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    bases = {n: t for n, t in found.get("peers", {}).items() if t.get("questions")}
    if not bases:
        return False
    figure = Figure(figsize=(9, 4.2 * len(bases)), layout="constrained")
    axes = figure.subplots(len(bases), 1, squeeze=False)
    for axis, (base, told) in zip(axes[:, 0], bases.items(), strict=True):
        asked = list(told["questions"])
        peers = [name for name in NAMES if name != "gaoxin"]
        for i, peer in enumerate(peers):
            drawn = [
                (place + (i - 2) * 0.16, known)
                for place, name in enumerate(asked)
                if (known := ratios(told["questions"][name], peer))
            ]
            middles = [median(known) for _, known in drawn]
            spread = [
                [m - min(known) for m, (_, known) in zip(middles, drawn, strict=True)],
                [max(known) - m for m, (_, known) in zip(middles, drawn, strict=True)],
            ]
            axis.bar([x for x, _ in drawn], middles, 0.15, yerr=spread, label=NAMES[peer])
        axis.axhline(1, color="black", linewidth=0.8)
        axis.set_yscale("log")
        axis.set_xticks(range(len(asked)), asked)
        axis.set_ylabel("times the requests/s of")
        axis.set_title(f"Gaoxin beside its peers, {base} base, {found['about']['date'][:10]}")
    axes[0, 0].legend(ncols=3, fontsize="small")
    figure.savefig(path, metadata={"Date": None})
    return True


def _many(found: Told, key: str) -> list[Told]:
    """The parts of a section, unless it failed as a whole."""
    told = found.get(key)
    return told if isinstance(told, list) else []


def _parts(found: Told, key: str) -> Told:
    told: Told = found.get(key) or {}
    return {} if "error" in told else told


def _ms(one: Told) -> str:
    if "error" in one:
        return str(one["error"])
    return f"{_short(one['ms'])} ({_short(one['p95'])}, {_short(one['cpu_ms'])})"


def _spread(values: Sequence[float]) -> str:
    if not values:
        return ""
    shown = f"{_short(median(values))}"
    return f"{shown} ({_short(min(values))}..{_short(max(values))})" if len(values) > 1 else shown


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return [
        *lines,
        *(f"| {' | '.join(' '.join(cell.split()) for cell in row)} |" for row in rows),
        "",
    ]
