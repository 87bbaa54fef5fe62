"""Create the tables of a release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "body",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("json_text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("resource", "id", name=op.f("pk_body")),
    )
    op.create_table(
        "code",
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=False),
        sa.Column("label_zh", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("scheme", "id", name=op.f("pk_code")),
    )
    op.create_table(
        "indicator",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=False),
        sa.Column("label_zh", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
    )
    op.create_table(
        "industry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=False),
        sa.Column("label_zh", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_industry")),
    )
    op.create_table(
        "link",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("resource", "row_id", "field", "target_id", name=op.f("pk_link")),
    )
    op.create_index(op.f("ix_link_target_id"), "link", ["target_id"], unique=False)

    op.create_table(
        "organization",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=False),
        sa.Column("label_zh", sa.String(), nullable=True),
        sa.Column("part_of_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["part_of_id"], ["organization.id"], name=op.f("fk_organization_part_of_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )

    op.create_table(
        "place",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=False),
        sa.Column("label_zh", sa.String(), nullable=True),
        sa.Column("broader_id", sa.String(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["broader_id"], ["place.id"], name=op.f("fk_place_broader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_index(op.f("ix_place_latitude"), "place", ["latitude"], unique=False)

    op.create_table(
        "programme",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=False),
        sa.Column("label_zh", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )

    op.create_table(
        "redirect",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("successor", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("resource", "id", name=op.f("pk_redirect")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("publisher_id", sa.String(), nullable=True),
        sa.Column("published_on", sa.String(), nullable=True),
        sa.Column("published_on_start", sa.String(), nullable=True),
        sa.Column("published_on_end", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["organization.id"], name=op.f("fk_document_publisher_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )

    op.create_table(
        "industrypath",
        sa.Column("ancestor_id", sa.String(), nullable=False),
        sa.Column("descendant_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ancestor_id"], ["industry.id"], name=op.f("fk_industrypath_ancestor_id")
        ),
        sa.ForeignKeyConstraint(
            ["descendant_id"], ["industry.id"], name=op.f("fk_industrypath_descendant_id")
        ),
        sa.PrimaryKeyConstraint("ancestor_id", "descendant_id", name=op.f("pk_industrypath")),
    )
    op.create_index(
        op.f("ix_industrypath_descendant_id"), "industrypath", ["descendant_id"], unique=False
    )

    op.create_table(
        "zone",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=True),
        sa.Column("name_zh", sa.String(), nullable=True),
        sa.Column("short_name_en", sa.String(), nullable=False),
        sa.Column("short_name_zh", sa.String(), nullable=True),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("city_id", sa.String(), nullable=True),
        sa.Column("province_id", sa.String(), nullable=True),
        sa.Column("region_id", sa.String(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("approved_on", sa.String(), nullable=True),
        sa.Column("approved_on_start", sa.String(), nullable=True),
        sa.Column("approved_on_end", sa.String(), nullable=True),
        sa.Column("approved_year", sa.Integer(), nullable=True),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("provincial_approved_on", sa.String(), nullable=True),
        sa.Column("provincial_approved_on_start", sa.String(), nullable=True),
        sa.Column("provincial_approved_on_end", sa.String(), nullable=True),
        sa.Column("established_on", sa.String(), nullable=True),
        sa.Column("established_on_start", sa.String(), nullable=True),
        sa.Column("established_on_end", sa.String(), nullable=True),
        sa.Column("area_km2", sa.Float(), nullable=True),
        sa.Column("area_kind", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["place.id"], name=op.f("fk_zone_city_id")),
        sa.ForeignKeyConstraint(["province_id"], ["place.id"], name=op.f("fk_zone_province_id")),
        sa.ForeignKeyConstraint(["region_id"], ["place.id"], name=op.f("fk_zone_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
    )
    op.create_index(op.f("ix_zone_latitude"), "zone", ["latitude"], unique=False)

    op.create_table(
        "citation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("fact_resource", sa.String(), nullable=False),
        sa.Column("fact_id", sa.String(), nullable=False),
        sa.Column("fact_field", sa.String(), nullable=False),
        sa.Column("zone_id", sa.String(), nullable=True),
        sa.Column("attributed_to_id", sa.String(), nullable=True),
        sa.Column("attributed_to_name", sa.String(), nullable=True),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("anchored", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_citation_document_id")
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_citation_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citation")),
    )

    op.create_table(
        "coverage",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("zone_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_coverage_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )

    op.create_table(
        "milestone",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("zone_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("date", sa.String(), nullable=True),
        sa.Column("date_start", sa.String(), nullable=True),
        sa.Column("date_end", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("rank", sa.String(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_milestone_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
    )

    op.create_table(
        "platform",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("zone_id", sa.String(), nullable=True),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("since", sa.String(), nullable=True),
        sa.Column("since_start", sa.String(), nullable=True),
        sa.Column("since_end", sa.String(), nullable=True),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_platform_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
    )

    op.create_table(
        "relation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("zone_id", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("object_resource", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_relation_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation")),
    )
    op.create_index(op.f("ix_relation_object_id"), "relation", ["object_id"], unique=False)

    op.create_table(
        "statement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("zone_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("text_zh", sa.String(), nullable=True),
        sa.Column("horizon", sa.String(), nullable=True),
        sa.Column("horizon_start", sa.String(), nullable=True),
        sa.Column("horizon_end", sa.String(), nullable=True),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_statement_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )

    op.create_table(
        "statistic",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("zone_id", sa.String(), nullable=True),
        sa.Column("indicator_id", sa.String(), nullable=False),
        sa.Column("coverage", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=True),
        sa.Column("period_kind", sa.String(), nullable=False),
        sa.Column("period_start", sa.String(), nullable=True),
        sa.Column("period_end", sa.String(), nullable=True),
        sa.Column("period_span", sa.Integer(), nullable=True),
        sa.Column("as_of", sa.String(), nullable=True),
        sa.Column("as_of_end", sa.String(), nullable=True),
        sa.Column("published_on", sa.String(), nullable=True),
        sa.Column("published_on_start", sa.String(), nullable=True),
        sa.Column("published_on_end", sa.String(), nullable=True),
        sa.Column("published_on_span", sa.Integer(), nullable=True),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("conversion_currency", sa.String(), nullable=True),
        sa.Column("conversion_value", sa.Float(), nullable=True),
        sa.Column("comparator", sa.String(), nullable=False),
        sa.Column("nature", sa.String(), nullable=False),
        sa.Column("derived", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.String(), nullable=False),
        sa.Column("rival_of", sa.String(), nullable=True),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_statistic_indicator_id")
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_statistic_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistic")),
    )
    op.create_index(op.f("ix_statistic_conversion_currency"), "statistic", ["conversion_currency"])
    op.create_index(op.f("ix_statistic_rival_of"), "statistic", ["rival_of"], unique=False)

    op.create_table(
        "span",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of", sa.String(), nullable=False),
        sa.Column("start", sa.String(), nullable=True),
        sa.Column("end", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_span")),
    )
    op.create_index(op.f("ix_span_of_start_end"), "span", ["of", "start", "end"], unique=False)
    op.create_table(
        "tally",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("among", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("counts", sa.String(), nullable=False),
        sa.Column("values", sa.String(), nullable=True),
        sa.Column("codes", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("resource", "among", "field", name=op.f("pk_tally")),
    )
    op.create_table(
        "unitfactor",
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("factor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("shown", "unit", name=op.f("pk_unitfactor")),
    )


def downgrade() -> None:
    op.drop_table("unitfactor")
    op.drop_table("tally")
    op.drop_table("span")
    op.drop_index(op.f("ix_statistic_rival_of"), "statistic")
    op.drop_index(op.f("ix_statistic_conversion_currency"), "statistic")

    op.drop_table("statistic")

    op.drop_table("statement")
    op.drop_index(op.f("ix_relation_object_id"), "relation")

    op.drop_table("relation")

    op.drop_table("platform")

    op.drop_table("milestone")

    op.drop_table("coverage")

    op.drop_table("citation")
    op.drop_index(op.f("ix_zone_latitude"), "zone")

    op.drop_table("zone")
    op.drop_index(op.f("ix_industrypath_descendant_id"), "industrypath")

    op.drop_table("industrypath")

    op.drop_table("document")
    op.drop_table("redirect")

    op.drop_table("programme")
    op.drop_index(op.f("ix_place_latitude"), "place")

    op.drop_table("place")

    op.drop_table("organization")
    op.drop_index(op.f("ix_link_target_id"), "link")

    op.drop_table("link")
    op.drop_table("industry")
    op.drop_table("indicator")
    op.drop_table("code")
    op.drop_table("body")
