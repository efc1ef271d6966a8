ALTER TABLE dispatch_requests DROP CONSTRAINT ck_dispatch_requests_state;
DROP INDEX ix_dispatch_requests_state;
DROP INDEX ix_dispatch_requests_unit;
ALTER TABLE dispatch_requests
    ADD COLUMN client text,
    ADD COLUMN compound uuid,
    ADD COLUMN longitude numeric(10, 7),
    ADD COLUMN latitude numeric(10, 7),
    ADD COLUMN coordinates jsonb,
    ADD COLUMN source_fields jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN attachments text[] NOT NULL DEFAULT '{}',
    ADD COLUMN urgency text NOT NULL DEFAULT 'normal',
    ADD COLUMN alarm text[] NOT NULL DEFAULT '{}',
    ADD COLUMN secret boolean NOT NULL DEFAULT false,
    ADD COLUMN grams text[] NOT NULL DEFAULT '{}',
    ADD COLUMN occurred_at timestamptz,
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN units integer NOT NULL DEFAULT 1,
    ADD COLUMN redos integer NOT NULL DEFAULT 0,
    ADD COLUMN raised text,
    ADD COLUMN reached boolean,
    ADD COLUMN solved boolean,
    ADD COLUMN satisfied boolean,
    ADD COLUMN called_back_at timestamptz,
    ADD COLUMN merged_into text,
    ADD COLUMN transferred_to text,
    ADD COLUMN transferred_from text,
    ADD COLUMN appeals integer NOT NULL DEFAULT 0,
    ADD COLUMN unreasonable_by text,
    ADD COLUMN declined_by text,
    ADD CONSTRAINT ck_dispatch_requests_state
        CHECK (state in ('received','accepted','answered','closed','declined','merged','transferred')),
    ADD CONSTRAINT ck_dispatch_requests_urgency CHECK (urgency in ('normal','urgent','emergency')),
    ADD CONSTRAINT ck_dispatch_requests_merged CHECK ((state = 'merged') = (merged_into is not null)),
    ADD CONSTRAINT ck_dispatch_requests_transferred CHECK ((state = 'transferred') = (transferred_to is not null)),
    ADD CONSTRAINT ck_dispatch_requests_point CHECK ((longitude is null) = (latitude is null)),
    ADD CONSTRAINT ck_dispatch_requests_two_persons
        CHECK (unreasonable_by is distinct from declined_by or unreasonable_by is null);

UPDATE dispatch_requests r SET
    updated_at = coalesce((SELECT max(s.at) FROM dispatch_steps s WHERE s.request_id = r.id), recorded_at),
    redos = (SELECT count(*) FROM dispatch_steps s WHERE s.request_id = r.id AND s.action = 'redo'),
    compound = CASE
        WHEN details ->> 'compound' ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' THEN (details ->> 'compound')::uuid
    END,
    grams = ARRAY(
        SELECT DISTINCT substr(t.text, at, 2)
        FROM (SELECT regexp_replace(lower(r.number || ' ' || r.summary || ' ' || r.description || ' ' ||
                                          coalesce(r.address, '')), '[^[:alnum:]]+', ' ', 'g') AS text) t,
             generate_series(1, length(t.text) - 1) AS at
        WHERE substr(t.text, at, 2) !~ ' '
    );
ALTER TABLE dispatch_requests ALTER COLUMN updated_at SET NOT NULL;
ALTER TABLE dispatch_requests
    ALTER COLUMN source_fields DROP DEFAULT,
    ALTER COLUMN attachments DROP DEFAULT,
    ALTER COLUMN urgency DROP DEFAULT,
    ALTER COLUMN alarm DROP DEFAULT,
    ALTER COLUMN secret DROP DEFAULT,
    ALTER COLUMN grams DROP DEFAULT,
    ALTER COLUMN units DROP DEFAULT,
    ALTER COLUMN redos DROP DEFAULT,
    ALTER COLUMN appeals DROP DEFAULT;

CREATE INDEX ix_dispatch_requests_updated_at_id ON dispatch_requests (updated_at, id);
CREATE INDEX ix_dispatch_requests_matter_received_at_id ON dispatch_requests (matter, received_at, id);
CREATE INDEX ix_dispatch_requests_unit_received_at_id ON dispatch_requests (unit, received_at, id);
CREATE INDEX ix_dispatch_requests_division_received_at_id ON dispatch_requests (division, received_at, id);
CREATE INDEX ix_dispatch_requests_compound_received_at_id ON dispatch_requests (compound, received_at, id);
CREATE INDEX ix_dispatch_requests_state_received_at_id ON dispatch_requests (state, received_at, id);
CREATE INDEX ix_dispatch_requests_grams ON dispatch_requests USING gin (grams);
CREATE INDEX ix_dispatch_requests_merged_into ON dispatch_requests (merged_into);

CREATE TABLE dispatch_legs (
    request_id uuid NOT NULL,
    unit text NOT NULL,
    lead boolean NOT NULL,
    state text NOT NULL,
    round integer NOT NULL,
    dispatched_at timestamptz NOT NULL,
    sign_due_at timestamptz NOT NULL,
    contact_due_at timestamptz NOT NULL,
    answer_due_at timestamptz NOT NULL,
    due_provisional boolean NOT NULL,
    signed_at timestamptz,
    contacted_at timestamptz,
    answered_at timestamptz,
    paused_at timestamptz,
    answer text,
    forced boolean NOT NULL,
    proposed_unit text,
    extension_until timestamptz,
    rungs text[] NOT NULL,
    next_rung_at timestamptz,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_dispatch_legs PRIMARY KEY (id),
    CONSTRAINT fk_dispatch_legs_request_id FOREIGN KEY (request_id) REFERENCES dispatch_requests (id),
    CONSTRAINT ck_dispatch_legs_state CHECK (state in ('dispatched','return_asked','signed','contacted','in_progress',
        'answered','audited','returned','released')),
    CONSTRAINT ck_dispatch_legs_proposed CHECK (state <> 'return_asked' or proposed_unit is not null)
);
CREATE UNIQUE INDEX uq_dispatch_legs_lead ON dispatch_legs (request_id)
    WHERE lead and state not in ('returned','released');
CREATE UNIQUE INDEX uq_dispatch_legs_unit ON dispatch_legs (request_id, unit)
    WHERE state not in ('returned','released');
CREATE INDEX ix_dispatch_legs_next_rung_at ON dispatch_legs (next_rung_at) WHERE next_rung_at is not null;
CREATE INDEX ix_dispatch_legs_unit_dispatched_at ON dispatch_legs (unit, dispatched_at);

-- What was taken before had one unit, signed as its steps say; its term to sign and to contact was that of the answer.
INSERT INTO dispatch_legs
SELECT r.id, r.unit, true,
    CASE r.state WHEN 'received' THEN 'dispatched' WHEN 'accepted' THEN 'signed' ELSE 'answered' END,
    r.redos + 1, r.received_at, r.due_at, r.due_at, r.due_at, r.due_provisional,
    coalesce((SELECT min(s.at) FROM dispatch_steps s WHERE s.request_id = r.id AND s.action = 'accept'), r.answered_at),
    NULL, r.answered_at, NULL, r.answer, false, NULL, NULL, '{}',
    CASE WHEN r.state IN ('received', 'accepted') THEN r.due_at END,
    gen_random_uuid(), 1
FROM dispatch_requests r;

ALTER TABLE dispatch_steps
    ADD COLUMN state text,
    ADD COLUMN leg_id uuid,
    ADD COLUMN unit_of_leg text,
    ADD COLUMN leg_state text,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN round integer,
    ADD COLUMN rung text,
    ADD COLUMN seen jsonb NOT NULL DEFAULT '{}',
    ADD CONSTRAINT fk_dispatch_steps_leg_id FOREIGN KEY (leg_id) REFERENCES dispatch_legs (id);
UPDATE dispatch_steps s SET
    state = CASE s.action WHEN 'take' THEN 'received' WHEN 'accept' THEN 'accepted' WHEN 'answer' THEN 'answered'
        WHEN 'redo' THEN 'accepted' WHEN 'close' THEN 'closed' ELSE r.state END,
    leg_id = l.id,
    unit_of_leg = l.unit,
    leg_state = CASE s.action WHEN 'take' THEN 'dispatched' WHEN 'accept' THEN 'signed' WHEN 'answer' THEN 'answered'
        WHEN 'redo' THEN 'in_progress' ELSE l.state END,
    due_at = l.answer_due_at
FROM dispatch_requests r, dispatch_legs l
WHERE r.id = s.request_id AND l.request_id = r.id;
ALTER TABLE dispatch_steps ALTER COLUMN state SET NOT NULL, ALTER COLUMN seen DROP DEFAULT;
CREATE UNIQUE INDEX uq_dispatch_steps_rung ON dispatch_steps (leg_id, round, rung) WHERE rung is not null;
CREATE INDEX ix_dispatch_steps_action_at ON dispatch_steps (action, at);

CREATE FUNCTION dispatch_steps_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record of a request only grows';
END $$;

CREATE TRIGGER dispatch_steps_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatch_steps
    FOR EACH STATEMENT EXECUTE FUNCTION dispatch_steps_only_grow();

CREATE TABLE dispatch_appeals (
    request_id uuid NOT NULL,
    leg_id uuid NOT NULL,
    figure text NOT NULL,
    reason text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    upheld boolean,
    decided_by text,
    decided_at timestamptz,
    id uuid NOT NULL,
    CONSTRAINT pk_dispatch_appeals PRIMARY KEY (id),
    CONSTRAINT uq_dispatch_appeals_leg_id_figure UNIQUE (leg_id, figure),
    CONSTRAINT fk_dispatch_appeals_request_id FOREIGN KEY (request_id) REFERENCES dispatch_requests (id),
    CONSTRAINT fk_dispatch_appeals_leg_id FOREIGN KEY (leg_id) REFERENCES dispatch_legs (id),
    CONSTRAINT ck_dispatch_appeals_figure CHECK (figure in ('sign','contact','answer','solved','satisfied')),
    CONSTRAINT ck_dispatch_appeals_decided CHECK ((decided_at is null) = (upheld is null)),
    CONSTRAINT ck_dispatch_appeals_two_persons CHECK (decided_by is null or decided_by <> asked_by)
);
CREATE INDEX ix_dispatch_appeals_request_id ON dispatch_appeals (request_id);
