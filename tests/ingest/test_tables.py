"""`gaoxin import`: what rows become, that it can be run again, and what it refuses."""

from pathlib import Path

import pytest

from app.cli import main
from app.ingest.mapping import COLUMNS
from app.ingest.tables import Outcome, import_tables
from app.seed.check import check
from app.seed.files import canonical
from app.seed.read import Seed
from tests.conftest import edit
from tests.test_cli import content

MAPPING = """zones_document: list
codes_document: standard
coordinates_document: gazetteer
facts:
  name: {section: attributes}
  national_approval: {section: milestones, kind: national_approval, by: {Council: council}}
  national_status_by: {section: milestones, kind: national_approval, until: true}
  established: {section: milestones, kind: founding}
  area_km2: {section: statistics, indicator: area}
  main_industry: {section: relations, type: focuses_on}
areas:
  unspecified: {coverage: whole}
  planned: {coverage: first_phase, nature: planned, suffix: -planned}
bounds: {lower bound: '>'}
comparators: {'=': [exactly], '>': [over, at_least], '~': [about]}
units: {zones: zones, enterprises: enterprises, CNY: CNY}
indicators:
  zones_total: {indicator: zones}
  zones_upland: {indicator: zones, id: zones-upland, coverage: upland_zones}
  zones_planned: {indicator: zones, id: zones-target, nature: target}
places: {伽马: gamma}
seats: {omega: hill}
publishers:
  Nowhere Tribune: {id: tribune}
  Daily Rumour: {id: daily-rumour, label_zh: 每日谣言, kind: media}
resolved:
- where: {zone_id: alpha, fact: established, value: soon}
  because: It is no date.
  skip: true
- where: {zone_id: alpha, fact: established, value: spring}
  because: The year stands elsewhere.
  phrase: null
  set: {date: '1999', reading: In the spring.}
"""
DOCUMENTS = [
    "rumour,A rumour,Daily Rumour,2021-05-01,https://example.org/r,,en,2,on a copy,true,derived",
    "echo,An echo,Nowhere Tribune,2022,,No. 7,en,3,,false,none",
    "list,The list,Nowhere Tribune,,,List,en,3,,false,none",
    "standard,The standard,Nowhere Tribune,,,Standard,en,1,,false,none",
    "gazetteer,The gazetteer,Nowhere Tribune,,,Gazetteer,en,2,,false,none",
    "unread,Nobody cites it,Daily Rumour,,,Unread,en,3,,false,none",
]
ZONE = (
    "omega,Omega Zone,欧米伽高新技术产业开发区,Omega,Gamma,伽马,XX-B,10103009,"
    "1.50000,-2.25,geo 1.0: Hill (GeoNames 42),"
)


def table(name: str, *rows: str) -> str:
    return "\n".join([",".join(COLUMNS[name].split()), *rows, ""])


@pytest.fixture
def seed(seed_copy: Path) -> Path:
    """A copy of the small seed with a mapping, and with a place that the tables speak of."""
    (seed_copy / "vocabularies" / "import.yaml").write_text(MAPPING, encoding="utf-8")
    hill = "- id: hill\n  label_en: Hill\n  kind: city\n"
    edit(seed_copy, "vocabularies/places.yaml", "", hill)
    return seed_copy


def run(
    seed: Path,
    *facts: str,
    zones: tuple[str, ...] = (),
    figures: tuple[str, ...] = (),
    documents: tuple[str, ...] = tuple(DOCUMENTS),
) -> Outcome:
    folder = seed.parent / "tables"
    folder.mkdir(exist_ok=True)
    for name, rows in (
        ("documents.csv", documents),
        ("zones.csv", zones),
        ("facts.csv", facts),
        ("national_statistics.csv", figures),
    ):
        (folder / name).write_text(table(name, *rows), encoding="utf-8")
    return import_tables(folder, seed)


def document(seed: Path, name: str) -> str:
    return (seed / "documents" / f"{name}.yaml").read_text(encoding="utf-8")


RUMOUR = """document:
  id: rumour
  title: A rumour
  publisher: daily-rumour
  published_on: '2021-05-01'
  language: en
  url: https://example.org/r
  tier: 2
  note: On a copy; the title is our own description; the address was derived and not opened.
milestones:
- id: epsilon-national-approval
  subject: zone/epsilon
  kind: national_approval
  date: 2012-08
  batch: '2012'
  by:
  - council
  cite:
  - {for: date, text: the Council in August 2012}
  - {for: by, text: the Council in August 2012}
statistics:
- id: epsilon-area
  subject: zone/epsilon
  indicator: area
  period: null
  value: 3.5
  unit: km2
  comparator: over
  nature: observed
  note: 'Lower bound: more than that.'
  cite:
  - {for: value}
- id: epsilon-area-planned
  subject: zone/epsilon
  indicator: area
  coverage: first_phase
  period: null
  value: 40
  unit: km2
  nature: planned
  cite:
  - {for: value, text: a planned area of 40 square kilometers}
  - {for: coverage, text: a planned area of 40 square kilometers}
  - {for: nature, text: a planned area of 40 square kilometers}
relations:
- id: epsilon-biomedicine
  subject: zone/epsilon
  type: focuses_on
  object: industry/biomedicine
  cite:
  - {for: object, text: remedies}
- id: epsilon-health
  subject: zone/epsilon
  type: focuses_on
  object: industry/health
  reading: Summarized as “health and lasers”.
  cite:
  - {for: object}
- id: epsilon-lasers
  subject: zone/epsilon
  type: focuses_on
  object: industry/lasers
  reading: Summarized as “health and lasers”.
  cite:
  - {for: object}
"""
FACTS = (
    "epsilon,national_approval,2012-08,month,rumour,the Council in August 2012,STATED,high,",
    "epsilon,area_km2,3.5,unspecified,rumour,,STATED,low,lower bound: more than that",
    "epsilon,area_km2,40,planned,rumour,a planned area of 40 square kilometers,STATED,low,",
    "epsilon,main_industry,Bio medicine,,rumour,remedies,STATED,low,",
    "epsilon,main_industry,health and lasers,,rumour,,STATED,low,",
)


def test_rows_become_the_document_and_its_claims(seed: Path) -> None:
    outcome = run(seed, *FACTS)
    assert outcome.flaws == []
    assert document(seed, "rumour") == RUMOUR
    assert (seed / "organizations/daily-rumour.yaml").read_text(encoding="utf-8") == (
        "id: daily-rumour\nlabel_en: Daily Rumour\nlabel_zh: 每日谣言\nkind: media\n"
    )
    assert outcome.written == ["documents/rumour.yaml", "organizations/daily-rumour.yaml"]
    assert outcome.claims == 6
    assert check(Seed(seed)) == []


def test_a_zone_has_its_names_code_place_and_the_coordinates_of_its_seat(seed: Path) -> None:
    assert run(seed, zones=(ZONE,)).flaws == []
    assert (seed / "zones/omega.yaml").read_text(encoding="utf-8") == (
        "id: omega\nlabel_en: Omega\nlabel_zh: 欧米伽\n"
    )
    said = {
        (a.about, a.field, a.value, d.document.id)
        for d in Seed(seed).documents
        for a in d.attributes
        if d.document.id in ("list", "standard", "gazetteer")
    }
    assert said == {
        ("zone/omega", "name_en", "Omega Zone", "list"),
        ("zone/omega", "name_zh", "欧米伽高新技术产业开发区", "standard"),
        ("zone/omega", "gb_code", "10103009", "standard"),
        ("zone/omega", "level", "national", "list"),
        ("zone/omega", "province", "XX-B", "list"),
        ("zone/omega", "city", "hill", "list"),
        ("place/hill", "broader", "gamma", "list"),
        ("place/gamma", "broader", "XX-B", "list"),
        ("place/hill", "coordinates", "1.5, -2.25", "gazetteer"),
    }
    assert "Record 42, the seat of the city." in document(seed, "gazetteer")


def test_figures_of_the_whole_programme_have_a_period_and_a_comparator(seed: Path) -> None:
    outcome = run(
        seed,
        figures=(
            "zones_total,2019,2019,7,zones,=,rumour,7 zones in 2019,,high",
            "zones_upland,2020-01-01,2020-03-31,1200,zones,>,rumour,at least 1200 zones,,low",
            "zones_planned,2030,2030,9,zones,~,echo,,a target,low",
        ),
    )
    assert outcome.flaws == []
    made = {
        f.id: (f.coverage, f.period, f.value, f.comparator, f.nature, [c.text for c in f.cite])
        for d in Seed(seed).documents
        for f in d.statistics
        if d.document.id in ("rumour", "echo")
    }
    lowest = "at least 1200 zones"
    assert made == {
        "national-zones-2019": (
            *("whole", "2019", 7, "exactly", "observed"),
            ["7 zones in 2019", "7 zones in 2019"],
        ),
        "national-zones-upland-2020-01-2020-03": (
            *("upland_zones", "2020-01/2020-03", 1200, "at_least", "observed"),
            [lowest, None, None],
        ),
        "national-zones-target-2030": ("whole", "2030", 9, "about", "target", [None] * 3),
    }


def test_a_second_run_changes_nothing(seed: Path) -> None:
    run(seed, *FACTS, zones=(ZONE,))
    before = content(seed)
    outcome = run(seed, *FACTS, zones=(ZONE,))
    assert (outcome.flaws, outcome.written, outcome.claims) == ([], [], 0)
    assert content(seed) == before


def test_the_order_of_columns_is_free(seed: Path) -> None:
    folder = seed.parent / "tables"
    run(seed, documents=())
    columns = COLUMNS["documents.csv"].split()
    cells = dict(zip(columns, DOCUMENTS[1].split(","), strict=True))
    turned = [",".join(columns[::-1]), ",".join(cells[name] for name in columns[::-1]), ""]
    (folder / "documents.csv").write_text("\n".join(turned), encoding="utf-8")
    fact = "alpha,established,1999-01,month,echo,,STATED,low,"
    (folder / "facts.csv").write_text(table("facts.csv", fact), encoding="utf-8")
    assert import_tables(folder, seed).flaws == []
    assert "official_number: No. 7" in document(seed, "echo")


@pytest.mark.parametrize(
    ("fact", "identifier"),
    [
        ("alpha,national_approval,2010-09,month,echo,,STATED,low,", "alpha-national-approval"),
        ("alpha,national_approval,2010,year,echo,,STATED,low,", "alpha-national-approval"),
        ("alpha,national_approval,1999,year,echo,,STATED,low,", "alpha-national-approval-1999"),
        ("alpha,national_status_by,2015,year,echo,,STATED,low,", "alpha-national-approval"),
        ("alpha,national_status_by,2005,year,echo,,STATED,low,", "alpha-national-approval-2005"),
        ("alpha,established,1990,year,echo,,STATED,low,", "alpha-founding-1990"),
        ("gamma,established,1990,year,echo,,STATED,low,", "gamma-founding"),
    ],
)
def test_a_claim_takes_the_id_of_the_fact_that_it_agrees_with(
    fact: str, identifier: str, seed: Path
) -> None:
    before = {n: text for n, text in content(seed).items() if n.startswith("documents/")}
    assert run(seed, fact).flaws == []
    (claim,) = next(d for d in Seed(seed).documents if d.document.id == "echo").claims
    assert claim.id == identifier
    after = content(seed)
    assert {name: after[name] for name in before} == before


def test_a_claim_that_its_document_makes_already_is_passed_over(seed: Path) -> None:
    before = content(seed)
    assert run(seed, "alpha,national_approval,2010,year,gazette-2020,,DOC,high,").written == []
    assert content(seed) == before


def test_a_person_may_skip_a_row_or_say_how_it_is_read(seed: Path) -> None:
    outcome = run(
        seed,
        "alpha,established,soon,year,echo,,STATED,low,",
        "alpha,established,spring,year,echo,in the spring of 1899,STATED,low,",
    )
    assert outcome.flaws == []
    assert "date: '1999'\n  reading: In the spring.\n  cite:\n  - {for: date}" in document(
        seed, "echo"
    )


@pytest.mark.parametrize(
    ("date", "precision", "basis", "batch"),
    [
        ("2010-09-29", "day", "STATED", "2010-09-29"),
        ("2010-09", "month", "STATED", "2010-09-29"),
        ("2010", "year", "STATED", None),
        ("2010", "year", "BATCH", "2010-09-29"),
        ("2012-08", "month", "STATED", "2012"),
        ("2012", "year", "STATED", None),
        ("2011-08", "month", "STATED", None),
    ],
)
def test_the_batch_is_that_of_the_day_or_the_only_one_of_the_month(
    date: str, precision: str, basis: str, batch: str | None, seed: Path
) -> None:
    assert run(seed, f"epsilon,national_approval,{date},{precision},echo,,{basis},low,").flaws == []
    (claim,) = next(d for d in Seed(seed).documents if d.document.id == "echo").milestones
    assert claim.batch == batch
    month = "The batch is the only one known in that month."
    assert claim.reading == (month if date == "2010-09" else None)


def test_a_preference_that_tier_and_date_do_not_give_is_a_judgement(seed: Path) -> None:
    before = {choice.prefer: choice.reason for choice in Seed(seed).judgements.preferences}
    outcome = run(
        seed,
        "epsilon,established,1990,year,echo,,STATED,low,PREFERRED: it is the older tale",
        "epsilon,established,1991,year,rumour,,STATED,low,",
        "eta,established,1990,year,rumour,,STATED,low,PREFERRED: the better tier",
        "eta,established,1991,year,echo,,STATED,low,NOT PREFERRED: counts otherwise",
        "zeta,established,1990,year,rumour,,STATED,low,NOT PREFERRED: counts otherwise",
        "zeta,established,1991,year,echo,,STATED,low,",
    )
    assert outcome.flaws == []
    chosen = {choice.prefer: choice.reason for choice in Seed(seed).judgements.preferences}
    assert chosen == before | {
        "epsilon-founding": "It is the older tale.",
        "zeta-founding-1991": "Its rival is not: Counts otherwise.",
    }
    assert check(Seed(seed)) == []
    assert "note: Counts otherwise." in document(seed, "rumour")
    assert run(seed, *FACTS[:1]).written == ["documents/rumour.yaml"]


FACT = "alpha,{},{},{},{},{},STATED,low,"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (FACT.format("founded", "1990", "year", "echo", ""), "no kind of fact 'founded'"),
        (FACT.format("established", "1990", "year", "ecko", ""), "did you mean 'echo'?"),
        (FACT.format("established", "199O", "year", "echo", ""), "'199O' is not an EDTF date"),
        (FACT.format("established", "1990-02-30", "day", "echo", ""), "is not an EDTF date"),
        (FACT.format("established", "1990", "day", "echo", ""), "not of the precision 'day'"),
        (FACT.format("area_km2", "1.2.3", "planned", "echo", ""), "'1.2.3' is no number"),
        (FACT.format("area_km2", "NaN", "planned", "echo", ""), "'NaN' is no number"),
        (FACT.format("area_km2", "1", "plannt", "echo", ""), "did you mean 'planned'?"),
        (FACT.format("main_industry", "laser swords", "", "echo", ""), "no industry is worded"),
        (
            FACT.format("established", "1990", "year", "echo", "in 1991"),
            "date: its phrases say 1991",
        ),
        (
            FACT.format("established", "1990", "year", "echo", "it all began in 1990."),
            "the phrase ends a sentence",
        ),
        (
            FACT.format("established", "1990", "year", "tribune-2019", ""),
            "tribune-2019 already says otherwise, in 'alpha-founding'",
        ),
        (
            FACT.format("established", "1990", "year", "handbook-2017", ""),
            "the text is at hand; cite the words that state it",
        ),
        ("omega,established,1990,year,echo,,STATED,low,", "there is no zone 'omega'"),
        ("alpha,established,1990,year,echo", "the row has not 9 cells"),
    ],
)
def test_a_row_that_cannot_be_taken_is_told_at_its_line_and_nothing_is_written(
    row: str, message: str, seed: Path
) -> None:
    before = content(seed)
    outcome = run(seed, *FACTS, row)
    (flaw, *others) = outcome.flaws
    assert str(flaw).startswith("facts.csv:7: ")
    assert message in str(flaw)
    assert not others
    assert (outcome.written, content(seed)) == ([], before)


FIGURE = "{},{},{},{},{},{},rumour,,,low"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (FIGURE.format("zone_total", 2019, 2019, 7, "zones", "="), "did you mean 'zones_total'?"),
        (FIGURE.format("zones_total", 2019, 2019, 7, "parks", "="), "there is no unit 'parks'"),
        (FIGURE.format("zones_total", 2019, 2019, 7, "CNY", "="), "zones is measured in zones"),
        (FIGURE.format("zones_total", 2019, 2018, 7, "zones", "="), "ends before it begins"),
        (FIGURE.format("zones_total", "May", "May", 7, "zones", "="), "is not an EDTF date"),
        (FIGURE.format("zones_total", 2019, 2019, 7, "zones", "?"), "no comparator '?'"),
        (FIGURE.format("zones_total", 2019, 2019, "many", "zones", "="), "'many' is no number"),
    ],
)
def test_a_figure_that_cannot_be_taken_is_told_at_its_line(
    row: str, message: str, seed: Path
) -> None:
    before = content(seed)
    (flaw,) = run(seed, figures=(row,)).flaws
    assert str(flaw).startswith("national_statistics.csv:2: ")
    assert message in str(flaw)
    assert content(seed) == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Gamma,伽马", "Delta,得塔", "there is no place 'delta'"),
        ("Gamma,伽马", "Alpha,阿法", "the place 'alpha' is 阿尔法市, not 阿法"),
        ("XX-B", "XX-C", "there is no province 'XX-C'"),
        ("(GeoNames 42)", "", "geocode_source names no GeoNames record"),
        ("1.50000", "north", "'north' is no number"),
        ("1.50000", "91", "coordinates are 'latitude, longitude' in degrees"),
    ],
)
def test_a_zone_that_cannot_be_taken_is_told_at_its_line(
    old: str, new: str, message: str, seed: Path
) -> None:
    before = content(seed)
    (flaw,) = run(seed, zones=(ZONE.replace(old, new),)).flaws
    assert str(flaw).startswith("zones.csv:2: ")
    assert message in str(flaw)
    assert content(seed) == before


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (DOCUMENTS[0].replace("Daily Rumour", "Daily Rumor"), "did you mean 'Daily Rumour'?"),
        (DOCUMENTS[0].replace(",2,on", ",two,on"), "document.tier"),
        (DOCUMENTS[0].replace("2021-05-01", "1 May"), "is not an EDTF date"),
        (DOCUMENTS[0].replace(",en,", ",xx,"), "'xx' is no language code"),
        (DOCUMENTS[1], "the document 'echo' stands twice"),
    ],
)
def test_a_document_that_cannot_be_taken_is_told_at_its_line(
    row: str, message: str, seed: Path
) -> None:
    before = content(seed)
    documents = (DOCUMENTS[1], row)
    outcome = run(seed, *(FACTS[:1] if "rumour" in row else ()), documents=documents)
    flaw = outcome.flaws[0]
    assert str(flaw).startswith("documents.csv:3: ")
    assert message in str(flaw)
    assert content(seed) == before


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        ("basis", "bases", ["no column 'bases'; did you mean 'basis'?", "'basis' stands once"]),
        ("basis,confidence", "basis", ["the column 'confidence' stands once, not so"]),
        ("basis,confidence", "basis,basis", ["'basis' stands once", "'confidence' stands once"]),
    ],
)
def test_a_table_has_just_its_columns(old: str, new: str, messages: list[str], seed: Path) -> None:
    run(seed)
    path = seed.parent / "tables" / "facts.csv"
    path.write_text(table("facts.csv").replace(old, new), encoding="utf-8")
    flaws = import_tables(path.parent, seed).flaws
    assert {(flaw.file, flaw.line) for flaw in flaws} == {("facts.csv", 1)}
    assert len(flaws) == len(messages)
    assert all(any(message in flaw.message for flaw in flaws) for message in messages)


def test_everything_that_is_wrong_is_listed(seed: Path) -> None:
    flaws = run(
        seed,
        FACT.format("founded", "1990", "year", "echo", ""),
        FACT.format("established", "1990", "year", "ecko", ""),
        figures=(FIGURE.format("zones_total", 2019, 2019, 7, "parks", "="),),
    ).flaws
    assert [(flaw.file, flaw.line) for flaw in flaws] == [
        ("facts.csv", 2),
        ("facts.csv", 3),
        ("national_statistics.csv", 2),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "vocabularies/import.yaml:1: this file is missing"),
        (MAPPING.replace("section: attributes", "section: names"), "import.yaml:5: facts.name"),
        (MAPPING + "extra: 1\n", "unknown key 'extra'"),
        ("a: [", "this is no YAML"),
    ],
)
def test_a_mapping_that_cannot_be_read_is_told(text: str | None, message: str, seed: Path) -> None:
    path = seed / "vocabularies" / "import.yaml"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    (flaw,) = run(seed, *FACTS).flaws
    assert message in str(flaw)


def test_a_seed_that_cannot_be_read_is_told_and_left(seed: Path) -> None:
    edit(seed, "zones/alpha.yaml", "label_en", "label_english")
    before = content(seed)
    assert "zones/alpha.yaml:1: 'label_en' is missing" in map(str, run(seed, *FACTS).flaws)
    assert content(seed) == before


def test_a_write_that_fails_leaves_the_seed_as_it_was(
    seed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, written = content(seed), []

    def fail(self: Path, *arguments: object, **options: object) -> int:
        written.append(self)
        if len(written) > 1 and seed in self.parents:
            raise OSError("the disk is full")
        return write(self, *arguments, **options)  # type: ignore[arg-type]

    folder = seed.parent / "tables"
    run(seed, documents=())
    for name, rows in (("documents.csv", DOCUMENTS), ("facts.csv", FACTS)):
        (folder / name).write_text(table(name, *rows), encoding="utf-8")
    write = Path.write_text
    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="disk is full"):
        import_tables(folder, seed)
    assert content(seed) == before


def test_the_command_tells_what_it_did(seed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(seed, documents=())
    folder = seed.parent / "tables"
    (folder / "documents.csv").write_text(table("documents.csv", *DOCUMENTS), encoding="utf-8")
    (folder / "facts.csv").write_text(table("facts.csv", *FACTS), encoding="utf-8")
    assert main(["import", str(folder), "--seed", str(seed)]) == 0
    told = capsys.readouterr()
    assert "gaoxin: wrote documents/rumour.yaml" in told.out
    assert told.err == "gaoxin: 6 new claims, no flaw\n"
    (folder / "facts.csv").write_text(table("facts.csv", "alpha,x,,,echo,,,,"), encoding="utf-8")
    assert main(["import", str(folder), "--seed", str(seed)]) == 1
    told = capsys.readouterr()
    assert told.out == "facts.csv:2: there is no kind of fact 'x'\n"
    assert told.err == "gaoxin: 0 new claims, 1 flaws, nothing was written\n"


def test_what_is_written_is_canonical(seed: Path) -> None:
    run(seed, *FACTS, zones=(ZONE,))
    for file, model in Seed(seed).files.values():
        assert file.path.read_text(encoding="utf-8") == canonical(model)
