"""The batch of national approvals of milestones and zones."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("milestone", "zone"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("batch", sa.String(), nullable=True))
            batch_op.create_index(batch_op.f(f"ix_{table}_batch"), ["batch"], unique=False)


def downgrade() -> None:
    for table in ("milestone", "zone"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_batch"))
            batch_op.drop_column("batch")
