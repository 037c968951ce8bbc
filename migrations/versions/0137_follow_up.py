"""Survey of holders at six, twelve and twenty-four months, and whether a body asks it."""

import sqlalchemy as sa
from alembic import op

from portfolio.db.engine import UtcDateTime

revision = "0137"
down_revision = "0136"
branch_labels = None
depends_on = None


def _codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add the tables."""
    op.create_table('follow_up_settings',
    sa.Column('body_id', sa.Uuid(), nullable=False),
    sa.Column('is_on', sa.Boolean(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['body_id'], ['certifying_body.id'], name=op.f('fk_follow_up_settings_body_id')),
    sa.PrimaryKeyConstraint('body_id', name=op.f('pk_follow_up_settings')),
    )
    op.create_table('follow_up',
    sa.Column('body_id', sa.Uuid(), nullable=False),
    sa.Column('candidacy_id', sa.Uuid(), nullable=False),
    sa.Column('award_id', sa.Uuid(), nullable=False),
    sa.Column('wave', _codes('wave', 'm6', 'm12', 'm24'), nullable=False),
    sa.Column('asked_at', UtcDateTime(), nullable=False),
    sa.Column('reminders', sa.Integer(), nullable=False),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('typed_by', sa.Uuid(), nullable=True),
    sa.Column('refused_at', UtcDateTime(), nullable=True),
    sa.Column('situation', _codes('situation', 'employed', 'seeking', 'studying', 'incapable', 'other'), nullable=True),
    sa.Column('in_target_job', sa.Boolean(), nullable=True),
    sa.Column('contract', _codes('contract', 'permanent', 'fixed_term', 'temporary', 'apprentice', 'public', 'self_employed'), nullable=True),
    sa.Column('gross_pay', sa.Integer(), nullable=True),
    sa.Column('is_executive', sa.Boolean(), nullable=True),
    sa.Column('job_title', sa.String(length=200), nullable=False),
    sa.Column('employer', sa.String(length=200), nullable=False),
    sa.Column('change', _codes('change', 'job', 'promotion', 'pay', 'skills', 'none'), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_follow_up_award_id')),
    sa.ForeignKeyConstraint(['body_id'], ['certifying_body.id'], name=op.f('fk_follow_up_body_id')),
    sa.ForeignKeyConstraint(['candidacy_id'], ['candidacy.id'], name=op.f('fk_follow_up_candidacy_id')),
    sa.ForeignKeyConstraint(['typed_by'], ['person.id'], name=op.f('fk_follow_up_typed_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up')),
    sa.UniqueConstraint('award_id', 'wave', name=op.f('uq_follow_up_award_id_wave')),
    )
    op.create_index('ix_follow_up_body_id', 'follow_up', ['body_id', 'wave'], unique=False)
    op.create_index(op.f('ix_follow_up_candidacy_id'), 'follow_up', ['candidacy_id'], unique=False)
