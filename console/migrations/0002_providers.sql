-- Frozen: a change is a new revision.

-- A former release that still runs beside opens sessions by passwords alone.
ALTER TABLE sessions ADD COLUMN outside BOOLEAN NOT NULL DEFAULT false;

CREATE TABLE sign_ins (
    key BYTEA NOT NULL,
    going_to TEXT NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sign_ins PRIMARY KEY (key)
);
