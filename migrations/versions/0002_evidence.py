"""Say whom citations quote and which zone they are of, and what is covered."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coverage",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("zone_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_coverage_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    with op.batch_alter_table("coverage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_coverage_field"), ["field"], unique=False)
        batch_op.create_index(batch_op.f("ix_coverage_zone_id"), ["zone_id"], unique=False)

    with op.batch_alter_table("citation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("zone_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("attributed_to_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("attributed_to_name", sa.String(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_citation_attributed_to_id"), ["attributed_to_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_citation_zone_id"), ["zone_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_citation_zone_id"), "zone", ["zone_id"], ["id"])

    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_milestone_rank"), ["rank"], unique=False)

    with op.batch_alter_table("statistic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statistic_rank"), ["rank"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("statistic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statistic_rank"))

    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_rank"))

    with op.batch_alter_table("citation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_citation_zone_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_citation_zone_id"))
        batch_op.drop_index(batch_op.f("ix_citation_attributed_to_id"))
        batch_op.drop_column("attributed_to_name")
        batch_op.drop_column("attributed_to_id")
        batch_op.drop_column("zone_id")

    with op.batch_alter_table("coverage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_coverage_zone_id"))
        batch_op.drop_index(batch_op.f("ix_coverage_field"))

    op.drop_table("coverage")
