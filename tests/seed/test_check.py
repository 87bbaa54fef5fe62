"""What `check` finds: for every rule a table of broken files, each with its finding and line."""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.resources.passages import Texts
from app.seed.anchors import check_anchors, fix, too_long
from app.seed.check import (
    RULES,
    attributes_are_known,
    batches_fit_dates,
    check,
    derived_figures_follow,
    documents_stand_once,
    doubts_still_stand,
    entities_are_known,
    facts_stand_once,
    fields_are_cited,
    files_are_canonical,
    ids_are_unique,
    indicators_fit,
    judgements_decide,
    labels_name_one_concept,
    names_are_known,
    phrases_are_short,
    phrases_do_not_contradict,
    redirects_lead_somewhere,
    speakers_are_known,
    taxonomies_have_no_circles,
    units_convert,
    units_fit,
    wordings_stand_once,
)
from app.seed.read import Seed
from tests.conftest import ROOT, SMALL_TEXTS, edit, once

ATLAS, BLOG = "documents/atlas.yaml", "documents/blog-2021-03.yaml"
GAZETTE, HANDBOOK = "documents/gazette-2020.yaml", "documents/handbook-2017.yaml"
TRIBUNE, YEARBOOK = "documents/tribune-2019.yaml", "documents/yearbook-2022.yaml"
JUDGEMENTS = "judgements.yaml"
CODES, PLACES = "vocabularies/codes.yaml", "vocabularies/places.yaml"
INDUSTRIES, INDICATORS = "vocabularies/industries.yaml", "vocabularies/indicators.yaml"
WORDINGS = "vocabularies/wordings.yaml"
FORM = "this file is not in canonical form; `gaoxin check --fix` rewrites it"


class Case(NamedTuple):
    """A replacement in one file, and what it makes `check` find.

    The finding stands where `new` begins or at its mark `»`, unless `near` or `where` says else.
    """

    file: str
    old: str
    new: str
    message: str
    also: tuple[str, ...] = ()
    """Parts of what else is found; nothing more is."""
    near: str = ""
    """It stands at the last line before the change that begins so."""
    where: tuple[str, str] | None = None
    """It stands in this file, at the only line that is this."""
    texts: bool = True
    """Whether the texts are at hand."""

    def apply(self, folder: Path) -> tuple[str, int]:
        """Break the copy in `folder`; gives the file and line of the finding."""
        line = edit(folder, self.file, self.old, self.new)
        file = self.where[0] if self.where else self.file
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        if self.where:
            assert lines.count(self.where[1]) == 1
            line = lines.index(self.where[1]) + 1
        elif self.near:
            line = max(i for i, x in enumerate(lines[:line], 1) if x.strip().startswith(self.near))
        return file, line


def uncited(file: str, field: str, phrase: str, instead: str) -> Case:
    """The phrase of a field is tied to another field of the claim."""
    message = f"{field!r} has no citation; add {{for: {field}, text: …}}"
    old, new = (f"{{for: {f}, {phrase}" for f in (field, instead))
    also = ("nature: no word of its phrases",) if field == "nature" else ()
    return Case(file, old, new, message, also, near="cite:")


def not_a_point(value: str) -> Case:
    return Case(
        ATLAS,
        "value: -45, 100",
        f"value: {value}",
        "coordinates are 'latitude, longitude' in degrees",
        also=() if value == "'-45'" else ("coordinates: its phrases say",),
    )


def related(tie: str, message: str) -> Case:
    """GDP stands to another indicator in another way."""
    return Case(INDICATORS, "to: investment, how: differs_from", tie, message)


RUMOUR = """value: 4500000000
  unit: CNY
  nature: observed
  cite:
  - {for: value, at: 223, text: 4.5 billion yuan}
"""
CASES: dict[Callable[..., None], tuple[Case, ...]] = {
    judgements_decide: (
        Case(
            JUDGEMENTS,
            "prefer: alpha-gdp-2018\n",
            "prefer: alpha-gdp-2019\n",
            "no document states 'alpha-gdp-2019'; did you mean 'alpha-gdp-2018'?",
        ),
        Case(
            JUDGEMENTS,
            "prefer: alpha-gdp-2018\n",
            "prefer: alpha-enterprises\n",
            "'alpha-enterprises' has no rival; leave the choice out",
        ),
        Case(
            JUDGEMENTS,
            "properties:\n",
            "- »prefer: alpha-gdp-2018-rumour\n  reason: Why not.\nproperties:\n",
            "another choice was made between these rivals; keep one",
        ),
        Case(
            JUDGEMENTS,
            "prefer: Alpha High-Tech Zone",
            "prefer: Alpha High-Tech Town",
            "no document states 'Alpha High-Tech Town'; did you mean 'Alpha High-Tech Zone'?",
        ),
        Case(
            JUDGEMENTS,
            "  field: name_en\n  prefer: Alpha High-Tech Zone",
            "  field: level\n  »prefer: national",
            "'national' has no rival; leave the choice out",
        ),
    ),
    doubts_still_stand: (
        Case(
            JUDGEMENTS,
            "fact: alpha-area\n",
            "fact: alpha-aera\n",
            "no document states 'alpha-aera'; did you mean 'alpha-area'?",
        ),
        Case(
            JUDGEMENTS,
            "stated: '12.5'",
            "stated: '12'",
            "its value is 12.5; mend the doubt or drop it",
        ),
        Case(
            JUDGEMENTS,
            "  field: value\n  stated: '30'",
            "  field: valeu\n  »stated: '30'",
            "its valeu is None; mend the doubt or drop it",
        ),
    ),
    ids_are_unique: (
        Case(
            CODES,
            "id: provincial\n",
            "id: national\n",
            "the level code 'national' stands twice",
            also=("the level code 'national' stands twice",),
        ),
        Case(
            INDUSTRIES,
            "id: biomaterials",
            "id: vaccines",
            "'vaccines' stands twice in industries",
            also=("'vaccines' stands twice in industries",),
        ),
    ),
    names_are_known: (
        Case(
            YEARBOOK,
            "kind: initiative",
            "kind: initiativ",
            "'initiativ' is no milestone_kind code; did you mean 'initiative'?",
        ),
        Case(YEARBOOK, "label: quiet_zones", "label: x", "'x' is no stage code"),
        related(
            "to: investment, how: differ_from",
            "'differ_from' is no indicator_relation code; did you mean 'differs_from'?",
        ),
        Case(CODES, "inverse: has_part", "inverse: has_parts", "'has_parts' is no indicator_rel"),
        Case(TRIBUNE, "kind: port", "kind: moat", "'moat' is no platform_kind code"),
        Case(
            TRIBUNE,
            "status: planned",
            "status: plannd",
            "'plannd' is no platform_status code; did you mean 'planned'?",
        ),
        Case(TRIBUNE, "coverage: sea_park", "coverage: sea", "'sea' is no coverage code"),
        Case(
            HANDBOOK,
            "unit: persons",
            "unit: person",
            "'person' is no unit code; did you mean 'persons'?",
            also=("employees is measured in persons, not person",),
        ),
        Case(
            BLOG,
            "type: focuses_on",
            "type: focus_on",
            "'focus_on' is no relation_type code; did you mean 'focuses_on'?",
        ),
        Case(TRIBUNE, "role: leading", "role: first", "'first' is no role code"),
        Case(
            TRIBUNE,
            "stage: first_stage",
            "stage: first-stage",
            "'first-stage' is no stage code; did you mean 'first_stage'?",
        ),
        Case(YEARBOOK, "kind: policy", "kind: law", "'law' is no statement_kind code"),
        Case(HANDBOOK, "language: zh", "language: cn", "'cn' is no language code"),
        Case(
            "organizations/academy.yaml",
            "kind: institute",
            "kind: school",
            "'school' is no organization_kind code",
        ),
        Case(
            PLACES,
            "高地\n  kind: region",
            "高地\n  »kind: regio",
            "'regio' is no place_kind code; did you mean 'region'?",
        ),
        Case(
            INDICATORS,
            "unit: persons",
            "unit: peoples",
            "'peoples' is no unit code",
            also=("employees is measured in peoples, not persons",),
        ),
        Case(INDICATORS, "dimension: area", "dimension: x", "'x' is no dimension code"),
        Case(
            INDICATORS,
            "measure: ratio",
            "measure: ration",
            "'ration' is no measure code; did you mean 'ratio'?",
        ),
        related("to: investments, how: differs_from", "there is no 'investments' in indicators"),
        Case(
            JUDGEMENTS,
            "document: handbook-2017",
            "document: handbook-2018",
            "there is no 'handbook-2018' in documents; did you mean 'handbook-2017'?",
        ),
        Case(
            GAZETTE,
            "publisher: council",
            "publisher: councl",
            "there is no 'councl' in organizations; did you mean 'council'?",
        ),
        Case(
            TRIBUNE, "by:\n  - institute", "by:\n  - guild", "there is no 'guild' in organizations"
        ),
        Case(
            TRIBUNE,
            "indicator: enterprises",
            "indicator: firms",
            "there is no 'firms' in indicators",
        ),
        Case(
            YEARBOOK,
            "inputs:\n  - programme-zones-2021\n",
            "inputs:\n  - programme-zones-2O21\n",
            "there is no 'programme-zones-2O21' in statistics; did you mean 'programme-zones-2021",
            also=("a figure follows from two or more others",),
        ),
        Case(
            YEARBOOK,
            "organizations:\n  - council",
            "organizations:\n  - guild",
            "there is no 'guild' in organizations",
        ),
        Case(
            INDUSTRIES,
            "broader:\n  - health",
            "broader:\n  - heath",
            "there is no 'heath' in industries; did you mean 'health'?",
        ),
        Case(
            WORDINGS,
            "- lasers",
            "- laser",
            "there is no 'laser' in industries; did you mean 'lasers'?",
            near="industries:",
        ),
    ),
    redirects_lead_somewhere: (
        Case(
            "redirects.yaml",
            "to: alpha\n",
            "»to: alhpa\n",
            "there is no 'alhpa' in zones; did you mean 'alpha'?",
        ),
    ),
    entities_are_known: (
        Case(
            BLOG,
            "id: epsilon-green-hills\n  subject: zone/epsilon\n",
            "id: epsilon-green-hills\n",
            "name a `subject`: here, or once for the whole document",
        ),
        Case(
            HANDBOOK,
            "id: eta-biomedicine\n  subject: zone/eta",
            "id: eta-biomedicine\n  »subject: zone/ota",
            "there is no 'ota' in zones; did you mean 'eta'?",
        ),
        Case(
            HANDBOOK,
            "id: eta-biomedicine\n  subject: zone/eta",
            "id: eta-biomedicine\n  »subject: town/eta",
            "'town/eta' is none of zone/…, place/…, organization/…, industry/…, programme/…",
        ),
        Case(
            BLOG,
            "object: industry/lasers",
            "object: industry/laser",
            "there is no 'laser' in industries; did you mean 'lasers'?",
        ),
        Case(
            TRIBUNE,
            "object: organization/institute",
            "object: organisation/institute",
            "'organisation/institute' is none of zone/…",
        ),
    ),
    attributes_are_known: (
        Case(
            TRIBUNE,
            "field: alias",
            "field: nickname",
            "'nickname' is no property of it; these are: name_en, name_zh, alias, level, gb_code,",
        ),
        Case(
            ATLAS,
            "field: alias",
            "field: level",
            "'level' is no property of it; these are: alias, part_of",
        ),
        Case(
            BLOG,
            "subject: zone/epsilon\n  field: alias",
            "subject: national\n  »field: alias",
            "'alias' is no property of it; these are: none",
        ),
        Case(
            GAZETTE,
            "value: national\n",
            "value: nationl\n",
            "there is no level 'nationl'; did you mean 'national'?",
        ),
        Case(
            GAZETTE,
            "field: city\n  value: beta",
            "field: city\n  »value: betta",
            "there is no place 'betta'; did you mean 'beta'?",
        ),
        Case(
            ATLAS,
            "value: upland",
            "value: uplands",
            "there is no place 'uplands'; did you mean 'upland'?",
        ),
        Case(GAZETTE, "value: council", "value: guild", "there is no organization 'guild'"),
        Case(
            ATLAS,
            "field: isic_4_code",
            "field: isic_5_code",
            "'isic_5_code' is no property of it; these are: isic_4_code",
        ),
        *map(
            not_a_point, ("91, 100", "-45, 181", "'-45'", "-45, 100, 3", "south, east", "nan, 100")
        ),
    ),
    fields_are_cited: (
        uncited(GAZETTE, "date", "at: 619", instead="kind"),
        uncited(GAZETTE, "by", "at: 380", instead="kind"),
        uncited(TRIBUNE, "name_en", "at: 1101", instead="kind"),
        uncited(TRIBUNE, "status", "at: 1145", instead="kind"),
        uncited(HANDBOOK, "since", "at: 247", instead="kind"),
        uncited(BLOG, "value", "at: 223", instead="unit"),
        uncited(BLOG, "period", "at: 240", instead="unit"),
        uncited(TRIBUNE, "coverage", "at: 350", instead="unit"),
        uncited(YEARBOOK, "nature", "at: 465", instead="unit"),
        uncited(BLOG, "object", "at: 454", instead="type"),
        uncited(HANDBOOK, "role", "at: 196", instead="type"),
        uncited(TRIBUNE, "stage", "at: 412", instead="type"),
        uncited(YEARBOOK, "text_en", "at: 879", instead="text_zh"),
        uncited(TRIBUNE, "horizon", "at: 1288", instead="text_zh"),
        uncited(TRIBUNE, "value", "at: 197", instead="field"),
        Case(
            YEARBOOK,
            "  - {for: organizations, at: 749, text: The Council of Nowhere}\n",
            "",
            "'organizations' has no citation",
            near="cite:",
        ),
        Case(
            BLOG,
            "  - {for: period, at: 240",
            "  - »{for: note, at: 240, text: in 2018}\n  - {for: period, at: 240",
            "'note' is no filled-in field of this claim",
        ),
        Case(
            BLOG,
            "  - {for: period, at: 240",
            "  - »{for: worth, at: 240, text: in 2018}\n  - {for: period, at: 240",
            "'worth' is no filled-in field of this claim",
        ),
    ),
    speakers_are_known: (
        Case(
            TRIBUNE,
            "at: 1288, text: by 2030, attributed_to: ann-example}",
            "at: 1288, text: by 2030, attributed_to: anne-example}",
            "'anne-example' is no speaker of this document; did you mean 'ann-example'?",
        ),
        Case(
            YEARBOOK,
            "text: keep their noise to themselves}",
            "text: keep their noise to themselves, attributed_to: ann-example}",
            "'ann-example' is no speaker of this document",
        ),
    ),
    phrases_are_short: (
        Case(
            ATLAS,
            "text: Province A is upland}",
            "text: one two three four five six seven eight nine ten eleven twelve thirteen}",
            "the phrase has 13 words; cite at most 12",
        ),
        Case(
            ATLAS,
            "text: Province A is upland}",
            f"text: {'高' * 37}}}",
            "the phrase has 13 words; cite at most 12",
        ),
        Case(
            ATLAS,
            "text: Province A is upland}",
            "text: Province A is upland.}",
            "the phrase ends a sentence; cite only the words that state the fact",
        ),
    ),
    batches_fit_dates: (
        Case(
            GAZETTE,
            "date: '2010-09-29'\n",
            "date: '2010-09-29'\n  »batch: '2012'\n",
            "an approval of 2010-09-29 did not come with that batch",
        ),
        Case(
            GAZETTE,
            "date: 2018~\n",
            "date: 2018~\n  »batch: '2012'\n",
            "an approval of 2018~ did not come with that batch",
        ),
        Case(
            CODES, "- id: '2012'\n", "- id: spring\n", "a batch is named by its date; 'spring' is"
        ),
        Case(
            TRIBUNE,
            "kind: founding\n  date: 1998-03\n",
            "kind: founding\n  date: 1998-03\n  »batch: '2012'\n",
            "only a national_approval comes with a batch",
        ),
    ),
    units_fit: (
        Case(
            *(HANDBOOK, "unit: km2", "unit: percent", "area is measured in km2, not percent"),
            also=("value: its phrases say",),
        ),
        Case(
            *(YEARBOOK, "unit: percent", "unit: CNY", "export-growth is measured in percent, not"),
            also=("value: its phrases say",),
        ),
    ),
    units_convert: tuple(
        Case(
            CODES,
            "label_zh: 平方公里\n",
            f"label_zh: 平方公里\n  »size: {size}\n",
            f"the size {size!r} cannot be read",
        )
        for size in ("3 * cubit", "1 +", "(2", "1.2.3 * km", "km / 0", "0 * km", "2 * km2")
    ),
    indicators_fit: (
        related("to: gdp, how: differs_from", "'gdp' is related to itself; leave it out"),
        related(
            "to: investment, how: differs_from}\n  - {»to: investment, how: part_of",
            "how it stands to 'investment' is said already; keep one",
        ),
        related(
            "to: investment, how: has_growth", "write it at 'investment': {to: gdp, how: growth_of}"
        ),
        related(
            "to: investment, how: growth_of",
            "only a ratio is growth_of, and this is a flow; mend either",
        ),
        related(
            "to: zones, how: part_of", "part_of needs one unit, and this is in CNY, zones in zones"
        ),
    ),
    phrases_do_not_contradict: (
        Case(BLOG, "value: 4500000000", "value: 45", "its phrases say '4.5 billion yuan'"),
        Case(BLOG, "value: 4500000000", "value: 4600000000", "its phrases say '4.5 billion yuan'"),
        Case(BLOG, "value: 4500000000", "value: -4500000000", "value: its phrases say"),
        Case(YEARBOOK, "value: 3.5\n", "value: 35\n", "value: its phrases say '3.5 percent'"),
        Case(BLOG, "date: 2001/2003", "date: 2001/2004", "date: its phrases say 2001/2003"),
        Case(ATLAS, "value: '210'", "value: '21'", "isic_4_code: its phrases say '210 Potions'"),
    ),
    derived_figures_follow: (
        Case(YEARBOOK, "value: 18\n", "value: 17\n", "the difference of its inputs is 18"),
        Case(
            YEARBOOK,
            "operation: difference",
            "operation: sum",
            "the sum of its inputs is 42",
            near="value:",
        ),
        Case(
            YEARBOOK,
            "inputs:\n  - programme-zones-2021\n  - programme-zones-2021-upland\n",
            "inputs:\n  - programme-zones-2021-upland\n  - programme-zones-2021\n",
            "the difference of its inputs is -18",
            near="value:",
        ),
        Case(
            YEARBOOK,
            "inputs:\n  - programme-zones-2021\n",
            "inputs:\n  - programme-zones-2021-lowland\n",
            "a figure follows from two or more others",
        ),
        Case(
            YEARBOOK,
            "inputs:\n  - programme-zones-2021\n",
            "inputs:\n",
            "a figure follows from two or more others",
        ),
        Case(
            YEARBOOK,
            "inputs:\n  - programme-zones-2021\n",
            "inputs:\n  - alpha-enterprises\n",
            "its inputs are in another unit",
        ),
        Case(
            YEARBOOK,
            "value: 30\n  unit: zones\n",
            "value: 30\n  unit: zones\n  comparator: over\n",
            "nothing certain follows from, or is, an inexact figure",
            also=("comparator: its phrases say",),
            where=(YEARBOOK, "  inputs:"),
        ),
        Case(YEARBOOK, "  operation: difference\n", "", "`operation` and `inputs` go together"),
        Case(
            YEARBOOK,
            "  inputs:\n  - programme-zones-2021\n  - programme-zones-2021-upland\n",
            "",
            "`operation` and `inputs` go together",
            also=("'value' has no citation",),
            near="- id:",
        ),
    ),
    documents_stand_once: (
        Case(
            BLOG,
            "language: en\n",
            "language: en\n  url: https://example.org/gazette/7\n",
            "this is the same document as 'blog-2021-03'; keep one",
            where=(GAZETTE, "  id: gazette-2020"),
        ),
        Case(
            BLOG,
            "71d3edad16ae3467fcbdbeb760ce6f41f6395cd7b770f10ac157ebb1d6a63ebf",
            "537ad3c6ac7e50b605b2dd0272343443d9e64bc8d0ed59412b2aa82382fa465a",
            "this is the same document as 'blog-2021-03'; keep one",
            where=(GAZETTE, "  id: gazette-2020"),
            texts=False,
        ),
        Case(
            YEARBOOK,
            "title: Yearbook of the Programme of Zones\n  publisher: bureau\n"
            "  published_on: '2022-11-30'",
            "title: 乌有国园区手册\n  publisher: press\n  published_on: '2017'",
            "this is the same document as 'handbook-2017'; keep one",
            where=(YEARBOOK, "  id: yearbook-2022"),
        ),
    ),
    facts_stand_once: (
        Case(
            GAZETTE,
            "id: alpha-provincial-approval\n  subject: zone/alpha\n  kind: provincial_approval",
            "id: alpha-provincial-approval\n  subject: zone/alpha\n  kind: national_approval",
            "gazette-2020 claims this already, as 'alpha-national-approval'",
        ),
        Case(
            TRIBUNE,
            "id: alpha-biomedicine\n  type: focuses_on\n  object: industry/biomedicine",
            "id: alpha-biomedicine\n  type: focuses_on\n  object: industry/graphene",
            "tribune-2019 claims this already, as 'alpha-graphene-second-stage'",
            also=("this agrees with 'alpha-graphene-second-stage'; give it that id",),
        ),
        Case(
            TRIBUNE,
            "2012-08\n  cite:\n  - {for: date, at: 1557, text: approved in August 2012}",
            "2013-08\n  cite:\n  - {for: date, at: 1557, text: approved in August 2013}",
            "the id 'beta-national-approval' names another fact; choose its own",
            near="- id:",
            texts=False,
        ),
        Case(
            HANDBOOK,
            "id: delta-academy",
            "id: alpha-institute",
            "the id 'alpha-institute' names another fact; choose its own",
            where=(TRIBUNE, "- id: alpha-institute"),
        ),
        Case(
            BLOG,
            "'2011'\n  cite:\n  - {for: date, at: 159, text: approved in 2011}",
            "'2010'\n  cite:\n  - {for: date, at: 159, text: approved in 2010}",
            "this agrees with 'alpha-national-approval-2011'; give it that id",
            where=(GAZETTE, "- id: alpha-national-approval"),
            texts=False,
        ),
        Case(
            BLOG,
            RUMOUR,
            RUMOUR.replace("4.5", "4.2").replace("45", "42"),
            "this agrees with 'alpha-gdp-2018-rumour'; give it that id",
            where=(TRIBUNE, "- id: alpha-gdp-2018"),
            texts=False,
        ),
    ),
    taxonomies_have_no_circles: (
        Case(
            INDUSTRIES,
            "label_zh: 激光\n",
            "label_zh: 激光\n  »broader:\n  - lasers\n",
            "'lasers' is broader than itself",
        ),
        Case(
            INDUSTRIES,
            "label_zh: 健康\n",
            "label_zh: 健康\n  »broader:\n  - vaccines\n",
            "'health' is broader than itself",
            also=("'biomedicine' is broader than itself", "'vaccines' is broader than itself"),
        ),
    ),
    labels_name_one_concept: (
        Case(
            INDUSTRIES,
            "label_en: Lasers",
            "label_en: Bio medicine",
            "'Bio medicine' names 'biomedicine' already; keep one",
        ),
        Case(
            INDUSTRIES,
            "label_zh: 激光",
            "label_zh: 生物技术和医药",
            "'生物技术和医药' names 'biomedicine' already; keep one",
        ),
        Case(
            INDUSTRIES,
            "- bio-medicine",
            "- NEW-Materials",
            "'NEW-Materials' names 'new-materials' already; keep one",
        ),
    ),
    wordings_stand_once: (
        Case(
            WORDINGS,
            "wording: vaccines and new materials",
            "wording: Health and-lasers",
            "'Health and-lasers' stands twice",
            also=("'health and lasers' stands twice",),
        ),
        Case(
            WORDINGS,
            "wording: health and lasers",
            "wording: Advanced-Materials",
            "'Advanced-Materials' names 'new-materials' already; keep one",
        ),
    ),
    files_are_canonical: tuple(
        Case(file, old, new, FORM, where=(file, first))
        for file, old, new, first in (
            (YEARBOOK, "", "# a remark\n", "document:"),
            (YEARBOOK, "tier: 1\n", "tier: 01\n", "document:"),
            (YEARBOOK, "value: 12\n", "value: '12'\n", "document:"),
            (YEARBOOK, "kind: initiative", "kind: 'initiative'", "document:"),
            (
                YEARBOOK,
                "kind: plan\n  label: quiet_zones\n",
                "label: quiet_zones\n  kind: plan\n",
                "document:",
            ),
            (GAZETTE, "  - council\n  note", "    - council\n  note", "document:"),
            (GAZETTE, "date: '2012'", "date: 2012", "document:"),
            (
                GAZETTE,
                "- {for: date, at: 584, text: in 2012}",
                "- for: date\n    at: 584\n    text: in 2012",
                "document:",
            ),
            (TRIBUNE, "note: 'no'", 'note: "no"', "document:"),
            ("zones/beta.yaml", "label_en: Beta", "label_en:  Beta ", "id: beta"),
            ("zones/beta.yaml", "own_labels:\n- label_zh", "own_labels: [label_zh]", "id: beta"),
        )
    ),
    check_anchors: (
        Case(
            *(GAZETTE, "{for: date, at: 409, text: in 2006}", "»{for: date}"),
            "the text is at hand; cite the words that state it",
        ),
        Case(
            GAZETTE,
            "{for: date, at: 409, text",
            "{for: date, text",
            "the phrase has no place yet; `gaoxin check --documents DIR --fix` finds it",
        ),
        Case(
            ATLAS,
            "{for: value, text: 12.5 N}",
            "{for: value, at: 7, text: 12.5 N}",
            "a place needs the text's sha256 in `document`",
        ),
        Case(
            *(GAZETTE, "text: in 2006", "text: in 2007", "the document does not say 'in 2007'"),
            also=("date: its phrases say 2007",),
        ),
        Case(
            GAZETTE,
            "at: 409, text: in 2006",
            "at: 410, text: in 2006",
            "'in 2006' is not at 410 but at 409; use --fix",
        ),
        Case(
            GAZETTE,
            "at: 380, text: the government of Province A",
            "at: 600, text: the government of Province A",
            "'the government of Province A' is not at 600 but at 635; use --fix",
        ),
        Case(
            HANDBOOK,
            "at: 274, text: 乌有科学院",
            "at: 276, text: 乌有科学院",
            "'乌有科学院' is not at 276 but at 274; use --fix",
        ),
    ),
}


EDTF = "is not an EDTF date such as 2010, 2010-09, 2010-09-29, 201X, 2018~,"
SHAPES = (
    Case(
        TRIBUNE, "note: 'no'", "notes: 'no'", "unknown key 'document.notes'; did you mean 'note'?"
    ),
    Case(YEARBOOK, "title_zh:", "zh:", "unknown key 'milestones.0.zh'"),
    Case(
        BLOG,
        "{for: date, at: 159, ",
        "{for: date, att: 159, ",
        "unknown key 'milestones.0.cite.0.att'; did you mean 'at'?",
    ),
    Case(
        TRIBUNE,
        "office: director",
        "ofice: director",
        "unknown key 'speakers.0.ofice'; did you mean 'office'?",
    ),
    Case(PLACES, "id: upland\n  label_en: Upland\n", "id: upland\n", "'0.label_en' is missing"),
    Case(GAZETTE, "  tier: 1\n", "", "'document.tier' is missing", near="document:"),
    Case(
        WORDINGS,
        "industries:\n  - health\n",
        "industries:\n",
        "0.industries: List should have at least 2 items after validation, not 1",
    ),
    Case(GAZETTE, "  date: 2018~\n", "", "'milestones.4.date' is missing", near="- id:"),
    Case(BLOG, "  period: '2018'\n", "", "'statistics.0.period' is missing", near="- id:"),
    *(
        Case(GAZETTE, "date: 2018~", f"date: {wrong}", f"milestones.4.date: {wrong!r} {EDTF}")
        for wrong in ("2018-13", "2018-02-30", "summer", "2018-9", "-2018", "2018-21")
    ),
    Case(GAZETTE, "date: 2018~", "date: 2019/2018", "'2019/2018' ends before it begins"),
    Case(GAZETTE, "date: 2018~", "date: ../..", "'../..' says nothing; leave the date out"),
    Case(GAZETTE, "date: 2018~", "date:", f"milestones.4.date: '' {EDTF}"),
    Case(BLOG, "period: '2018'", "period: 18", f"statistics.0.period: '18' {EDTF}"),
    Case(TRIBUNE, "since: 2009/..", "since: 2009/", "platforms.0.since: "),
    Case(TRIBUNE, "horizon: '2030'", "horizon: soon", f"statements.0.horizon: 'soon' {EDTF}"),
    Case("release.yaml", "date: '2001-02-03'", "date: today", f"date: 'today' {EDTF}"),
    *(
        Case(
            BLOG,
            "value: 4500000000",
            f"value: {wrong}",
            "statistics.0.value.int: Input should be a valid integer, unable to parse string as",
            also=("statistics.0.value.float: Input should be a valid number",),
        )
        for wrong in ("eight", "4.5 billion", "4,5", "0x10")
    ),
    Case(BLOG, "tier: 3", "tier: 4", "document.tier: Input should be less than or equal to 3; it "),
    Case(BLOG, "at: 159", "at: near", "milestones.0.cite.0.at: Input should be a valid integer"),
    Case(TRIBUNE, "named: true", "named: maybe", "platforms.0.named: Input should be a valid bool"),
    Case(
        TRIBUNE, "comparator: under", "comparator: below", "statistics.5.comparator: Input should"
    ),
    Case(TRIBUNE, "nature: planned", "nature: hoped", "statistics.6.nature: Input should be 'obs"),
    Case(YEARBOOK, "operation: difference", "operation: ratio", "statistics.2.operation: Input "),
    Case(BLOG, "id: delta-founding", "id: delta founding", "milestones.1.id: String should match"),
    Case(BLOG, "id: delta-founding", "id: ''", "milestones.1.id: String should match pattern"),
    Case(
        BLOG, "object: industry/lasers", "object: lasers", "relations.0.object: String should mat"
    ),
    Case(BLOG, "subject: zone/delta\n  kind", "subject: delta\n  kind", "milestones.1.subject: S"),
    Case(GAZETTE, "url: https://", "url: ", "document.url: String should match pattern"),
    Case(GAZETTE, "sha256: 5", "sha256: z", "document.sha256: String should match pattern"),
    Case("release.yaml", "version: 2001.2.3", "version: '2'", "version: String should match patte"),
    Case(
        "zones/beta.yaml", "label_en: Beta", "label_en: ' '", "label_en: String should have at le"
    ),
    Case(
        "zones/beta.yaml", "label_en: Beta", "label_en: null", "label_en: Input should be a valid"
    ),
    Case(
        "zones/beta.yaml",
        "- label_zh\n",
        "- label\n",
        "own_labels.0: Input should be 'label_en' or",
    ),
    Case(
        TRIBUNE,
        "cite:\n  - {for: value, at: 174, text: Alpha Science City}",
        "cite: []",
        "attributes.0.cite: List should have at least 1 item",
    ),
    Case(BLOG, "tier: 3\n", "tier: 3\n  »tier: 3\n", "'tier' stands twice; keep one"),
    Case(
        BLOG,
        "{for: date, at: 159, ",
        "{for: date, at: 159, at: 160, ",
        "'at' stands twice; keep one",
    ),
    Case(BLOG, "  tier: 3", "\ttier: 3", "this is no YAML: found a tab character that violates"),
    Case(
        BLOG,
        "id: blog-2021-03",
        "id: [blog",
        "this is no YAML: did not find expected ',' or ']'",
        where=(BLOG, "  title: Rumours about zones"),
    ),
    Case(
        BLOG, "title: Rumours", "title: On: Rumours", "this is no YAML: mapping values are not al"
    ),
    Case(
        BLOG, "note: '>=x'", "note: >=x", "this is no YAML: did not find expected comment or line"
    ),
    Case(BLOG, "note: '>=x'", "note: *x", "this is no YAML: found undefined alias"),
    Case(BLOG, "milestones:", "»---\nmilestones:", "this is no YAML: but found another document"),
    Case(
        BLOG,
        "statements:\n- id: epsilon-green-hills\n",
        "statements:\n  id: epsilon-green-hills\n",
        "statements: Input should be a valid list; it is {",
    ),
    Case("zones/beta.yaml", "id: beta\n", "id: betta\n", "the file of 'betta' is betta.yaml"),
    Case(BLOG, "id: blog-2021-03", "id: blog", "the file of 'blog' is blog.yaml"),
)


def every(cases: dict[Callable[..., None], tuple[Case, ...]]) -> list[Any]:
    return [
        pytest.param(rule, case, id=f"{rule.__name__}-{i}")
        for rule, found in cases.items()
        for i, case in enumerate(found)
    ]


@pytest.mark.parametrize(("rule", "case"), every(CASES))
def test_a_flaw_is_found_at_its_line_by_its_rule_and_nothing_else_is(
    rule: Callable[..., None], case: Case, seed_copy: Path, small_texts: Texts
) -> None:
    file, line = case.apply(seed_copy)
    texts = small_texts if case.texts else None

    seed = Seed(seed_copy)
    rule(*(seed, texts) if rule is check_anchors else (seed,))
    told = [f for f in seed.findings if (f.file, f.line) == (file, line)]
    told = [f for f in told if case.message in f.message]
    assert len(told) == 1, [str(f) for f in seed.findings]

    for other in RULES:
        other(seed)
    check_anchors(seed, texts)
    rest = [f.message for f in seed.findings if f not in told]
    assert len(rest) == len(case.also), rest
    assert all(any(part in message for part in case.also) for message in rest), rest


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == {*RULES, check_anchors}


def test_the_small_seed_has_no_flaw(small_seed: Path, small_texts: Texts) -> None:
    assert check(Seed(small_seed)) == []
    assert check(Seed(small_seed), small_texts) == []


def test_every_document_with_a_hash_has_its_text(small_seed: Path, small_texts: Texts) -> None:
    without = [
        d.document.id for d in Seed(small_seed).documents if not small_texts.of(d.document.sha256)
    ]
    assert without == ["atlas"]


@pytest.mark.parametrize("case", SHAPES, ids=lambda case: case.message[:40])
def test_a_file_without_shape_is_found_at_its_line_and_silences_the_rules(
    case: Case, seed_copy: Path
) -> None:
    file, line = case.apply(seed_copy)
    findings = check(Seed(seed_copy))
    told = [f for f in findings if (f.file, f.line) == (file, line) and case.message in f.message]
    assert len(told) == 1, [str(f) for f in findings]
    rest = [f.message for f in findings if f not in told]
    assert len(rest) == len(case.also), rest
    assert all(any(part in message for part in case.also) for message in rest), rest


ZONE = "zones/beta.yaml"
NO_WHERE = "the message of a flaw of a whole file takes the last part of an empty location"


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        (ZONE, b"", ["1: 'id' is missing", "1: 'label_en' is missing"]),
        (ZONE, b"# nothing\n", ["1: 'id' is missing", "1: 'label_en' is missing"]),
        (BLOG, b"", ["1: 'document' is missing"]),
        (BLOG, b"document:\n- id: x\n", ["1: document: Input should be a valid dictionary or"]),
        (
            ZONE,
            b"id: beta\nlabel_en: B\xe9ta\n",
            ["1: this is no YAML: 'utf-8' codec can't decode"],
        ),
        (ZONE, b"id: beta\nlabel_en: {a: b\n", ["3: this is no YAML: did not find expected"]),
        (ZONE, b"id: beta\nlabel_en: Beta\n", []),
        (ZONE, b"{label_en: Beta, id: beta}", [f"1: {FORM}"]),
        once(ZONE, b"- beta\n", ["1: Input should be"], was=NO_WHERE),
        once(ZONE, b"beta\n", ["1: Input should be"], was=NO_WHERE),
        once("redirects.yaml", b"", ["1: Input"], was=NO_WHERE),
        once(INDUSTRIES, b"a: b\n", ["1: Input"], was=NO_WHERE),
        once(
            ZONE,
            b"&a\nid: beta\nlabel_en: *a\n",
            ["3: "],
            was="an alias inside its own anchor is followed for ever",
        ),
    ],
)
def test_a_whole_file_that_is_not_as_it_should_be_is_found(
    file: str, content: bytes, expected: list[str], seed_copy: Path
) -> None:
    (seed_copy / file).write_bytes(content)
    findings = [str(f) for f in check(Seed(seed_copy))]
    assert len(findings) == len(expected), findings
    assert all(f.startswith(f"{file}:{e}") for f, e in zip(findings, expected, strict=True))


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("release.yaml", ["release.yaml:1: this file is missing"]),
        (CODES, [f"{CODES}:1: this file is missing"]),
        (INDUSTRIES, [f"{INDUSTRIES}:1: this file is missing"]),
        ("redirects.yaml", []),
        (WORDINGS, []),
    ],
)
def test_a_file_that_must_be_there_is_missed(
    file: str, expected: list[str], seed_copy: Path
) -> None:
    (seed_copy / file).unlink()
    assert [str(f) for f in check(Seed(seed_copy))] == expected


def test_flaws_of_several_files_are_told_in_their_order(seed_copy: Path) -> None:
    edit(seed_copy, YEARBOOK, "tier: 1", "tier: 9")
    edit(seed_copy, BLOG, "at: 159", "at: here")
    edit(seed_copy, BLOG, "title: Rumours about zones", "titel: Rumours about zones")
    places = [(f.file, f.line) for f in check(Seed(seed_copy))]
    assert places == [(BLOG, 1), (BLOG, 3), (BLOG, 22), (YEARBOOK, 7)]


CLAIM = """- id: {}
  subject: zone/beta
  kind: national_approval
  date: {}
  cite:
  - {{for: date, text: then}}
"""


@pytest.mark.parametrize(
    "edits",
    [
        once(
            [(BLOG, "value: 4500000000", "value: 0"), (BLOG, "4.5 billion", "0.0 billion")],
            was="a figure of zero counts as a field that is not filled in",
        )
    ],
)
def test_what_is_right_is_not_found(
    edits: list[tuple[str, str, str]], seed_copy: Path, small_texts: Texts
) -> None:
    for change in edits:
        edit(seed_copy, *change)
    assert check(Seed(seed_copy)) == []


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        once(
            [(BLOG, "- id: epsilon-lasers", "- id: delta-founding")],
            f"{BLOG}:42: the id 'delta-founding' names another fact; choose its own",
            was="a milestone is compared with a relation as if that had a date",
        ),
        once(
            [(BLOG, "- id: epsilon-lasers", "- id: alpha-gdp-2018-rumour")],
            f"{BLOG}:42: the id 'alpha-gdp-2018-rumour' names another fact; choose its own",
            was="a figure is compared with a relation as if that had a value",
        ),
        once(
            [
                (ATLAS, "", "milestones:\n" + CLAIM.format("beta-national-approval", "'2012'")),
                (GAZETTE, "date: '2012'", "date: 2012-09"),
            ],
            f"{TRIBUNE}:36: the id 'beta-national-approval' names another fact; choose its own",
            was="each claim is compared with the first only: 2012, 2012-09 and 2012-08 pass",
        ),
        once(
            [
                (ATLAS, "", "milestones:\n" + CLAIM.format("beta-approved-a", "'2013'")),
                (
                    BLOG,
                    "statistics:\n",
                    CLAIM.format("beta-approved-b", "'2012'") + "statistics:\n",
                ),
            ],
            f"{GAZETTE}:79: this agrees with 'beta-approved-b'; give it that id",
            was="a rival of the first claim is not compared with other rivals",
        ),
        *(
            once(
                [
                    (
                        BLOG,
                        "- {for: object, at: 454, ",
                        f"- {{for: {field}, at: 454, text: The}}\n  - {{for: object, at: 454, ",
                    )
                ],
                f"{BLOG}:47: '{field}' is no filled-in field of this claim",
                was="methods and properties of the model pass as its fields",
            )
            for field in ("slot", "copy", "must_cite", "model_fields_set")
        ),
        once(
            [(BLOG, "at: 159, text: approved in 2011", "at: -575, text: approved in 2011")],
            f"{BLOG}:22: ",
            was="a negative place counts from the end of the text",
        ),
        once(
            [(TRIBUNE, "currency: USD", "currency: UDS")],
            f"{TRIBUNE}:105: 'UDS' is no unit code; did you mean 'USD'?",
            was="the currency of a conversion is not checked",
        ),
        once(
            [("redirects.yaml", "to: alpha\n", "to: alhpa\n")],
            "redirects.yaml:3: ",
            was="redirects are not checked: the successor is unknown",
        ),
        once(
            [("redirects.yaml", "resource: zones\n", "resource: zone\n")],
            "redirects.yaml:2: ",
            was="redirects are not checked: the resource is unknown",
        ),
        once(
            [("redirects.yaml", "id: alfa\n", "id: beta\n")],
            "redirects.yaml:1: ",
            was="redirects are not checked: the id is in use",
        ),
        once(
            [(ATLAS, "value: upland", "value: XX-A")],
            f"{ATLAS}:",
            was="only industries are looked through for circles, not places",
        ),
    ],
)
def test_what_is_wrong_is_found(
    edits: list[tuple[str, str, str]], expected: str, seed_copy: Path, small_texts: Texts
) -> None:
    for change in edits:
        edit(seed_copy, *change)
    findings = [str(f) for f in check(Seed(seed_copy), small_texts)]
    assert any(f.startswith(expected) for f in findings), findings


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("one", None),
        ("one two three four five six seven eight nine ten eleven twelve", None),
        ("one two three four five six seven eight nine ten eleven twelve 13", "has 13 words"),
        ("高" * 36, None),
        ("高" * 37, "has 13 words"),
        ("高新区 in 2010", None),
        ("U.S.", None),
        ("it grew fast.", "ends a sentence"),
        ("it grew fast!”", "ends a sentence"),
        ("发展很快，势头良好。", "ends a sentence"),
        ("it grew. Fast", None),
    ],
)
def test_a_phrase_is_at_most_twelve_words_and_never_ends_a_sentence(
    phrase: str, reason: str | None
) -> None:
    said = too_long(phrase)
    assert (said is None) if reason is None else (said is not None and reason in said)


@pytest.mark.parametrize(("length", "flaws"), [(10, []), (11, ["the phrases cover 11 of 20"])])
def test_the_phrases_of_a_document_cover_at_most_half_of_its_text(
    length: int, flaws: list[str], seed_copy: Path, tmp_path: Path
) -> None:
    text = "a zone that is small"
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "one.txt").write_text(text, encoding="utf-8")
    phrase = f"at: 0, text: {text[:length]}" + "}"
    edit(seed_copy, BLOG, "at: 369, text: 'no'}", phrase)
    path = seed_copy / BLOG
    claims = re.sub(r"milestones:.*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    digest = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(re.sub("[0-9a-f]{64}", digest, claims), encoding="utf-8")

    findings = [f for f in check(Seed(seed_copy), Texts(texts)) if "cover" in f.message]
    assert [(f.file, f.line) for f in findings] == [(BLOG, 1)] * len(flaws)
    assert all(flaw in f.message for f, flaw in zip(findings, flaws, strict=True))


def test_without_the_texts_places_are_taken_on_trust(seed_copy: Path, tmp_path: Path) -> None:
    edit(seed_copy, GAZETTE, "at: 409, text: in 2006", "at: 11, text: never said")
    assert check(Seed(seed_copy)) == []
    (tmp_path / "texts").mkdir()
    assert check(Seed(seed_copy), Texts(tmp_path / "texts")) == []


def test_texts_are_known_by_their_hash_and_not_by_their_name(
    small_seed: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(SMALL_TEXTS, tmp_path / "texts"))
    (folder / "blog.txt").rename(folder / "something else")
    (folder / "gazette.txt").write_text("changed", encoding="utf-8")
    (folder / "picture").write_bytes(b"\xff\xd8\xff")
    (folder / "folder").mkdir()
    texts = Texts(folder)
    known = {d.document.id for d in Seed(small_seed).documents if texts.of(d.document.sha256)}
    assert known == {"blog-2021-03", "handbook-2017", "tribune-2019", "yearbook-2022"}


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.yaml")}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (GAZETTE, "at: 409, text: in 2006", "text: in 2006"),
        (GAZETTE, "at: 409, text: in 2006", "at: 3, text: in 2006"),
        (GAZETTE, "at: 380, text: the government", "at: 385, text: the government"),
        (GAZETTE, "at: 635, text: the government", "at: 9999, text: the government"),
        (HANDBOOK, "at: 274, text: 乌有科学院", "text: 乌有科学院"),
        (YEARBOOK, "", "# a remark\n"),
        (YEARBOOK, "kind: plan\n", "kind: 'plan'\n"),
        ("release.yaml", "title_en: A", "title_en:  A"),
    ],
)
def test_fix_writes_places_and_the_canonical_form(
    file: str, old: str, new: str, seed_copy: Path, small_seed: Path, small_texts: Texts
) -> None:
    edit(seed_copy, file, old, new)
    assert fix(Seed(seed_copy), small_texts) == [file]
    assert content(seed_copy) == content(small_seed)
    assert fix(Seed(seed_copy), small_texts) == []


def test_fix_leaves_a_phrase_that_stands_in_several_places_to_whoever_knows_which(
    seed_copy: Path, small_texts: Texts
) -> None:
    edit(seed_copy, GAZETTE, "at: 380, text: the government", "text: the government")
    assert fix(Seed(seed_copy), small_texts) == []
    (finding,) = check(Seed(seed_copy), small_texts)
    assert (finding.file, finding.line) == (GAZETTE, 78)


def test_fix_leaves_a_file_alone_that_has_no_shape(seed_copy: Path, small_texts: Texts) -> None:
    edit(seed_copy, GAZETTE, "tier: 1", "tier: one  # odd")
    before = content(seed_copy)
    assert fix(Seed(seed_copy), small_texts) == []
    assert content(seed_copy) == before


def test_no_change_of_a_figure_or_date_goes_unseen() -> None:
    """Every number, unit, comparator, nature and date of the real seed, changed in several ways."""
    ran = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "mutation.py", ROOT / "seed_data"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert " 0 missed;" in ran.stdout.splitlines()[-1]
