"""Create what search reads: rows, passages, keys, slips and the full-text table."""

import sqlalchemy as sa
from alembic import op

from app.search import index

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "searchrow",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("row_id", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=True),
        sa.Column("label_zh", sa.String(), nullable=True),
        sa.Column("favoured", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_searchrow")),
    )
    op.create_table(
        "searchpassage",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["row_number"], ["searchrow.number"], name=op.f("fk_searchpassage_row_number_searchrow")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_searchpassage")),
    )
    op.create_index(op.f("ix_searchpassage_row_number"), "searchpassage", ["row_number"])
    op.create_table(
        "searchkey",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("passage_number", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_number"],
            ["searchpassage.number"],
            name=op.f("fk_searchkey_passage_number_searchpassage"),
        ),
        sa.PrimaryKeyConstraint("key", "passage_number", "how", name=op.f("pk_searchkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "searchslip",
        sa.Column("slip", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("slip", "term", name=op.f("pk_searchslip")),
        sqlite_with_rowid=False,
    )
    op.execute(index.CREATE)
    op.execute(index.CREATE_TERMS)


def downgrade() -> None:
    op.execute(index.DROP_TERMS)
    op.execute(index.DROP)
    for table in ("searchslip", "searchkey", "searchpassage", "searchrow"):
        op.drop_table(table)
