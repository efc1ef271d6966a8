-- The tables of the emergency service, as revision 0002 lays them. Frozen once released: a change is a new revision.

CREATE TABLE duty_shifts (
    day DATE NOT NULL,
    half TEXT NOT NULL,
    officer TEXT NOT NULL,
    leader TEXT,
    note TEXT,
    handed_over_at TIMESTAMP WITH TIME ZONE,
    taken_over_at TIMESTAMP WITH TIME ZONE,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    phone_sealed BYTEA,
    phone_masked TEXT,
    CONSTRAINT pk_duty_shifts PRIMARY KEY (id),
    CONSTRAINT uq_duty_shifts_day_half UNIQUE (day, half),
    CONSTRAINT ck_duty_shifts_half CHECK (half in ('day','night'))
);

CREATE TABLE experts (
    name TEXT NOT NULL,
    specialty TEXT NOT NULL,
    department TEXT NOT NULL,
    employer TEXT,
    title TEXT,
    available BOOLEAN NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    phone_sealed BYTEA,
    phone_masked TEXT,
    CONSTRAINT pk_experts PRIMARY KEY (id),
    CONSTRAINT ck_experts_specialty CHECK (specialty in ('dangerous_goods','coal','oil_gas_pipeline','power','construction','transport','fire','special_equipment','water_works','geology','environment','medicine','weather','industry','other'))
);

CREATE INDEX ix_experts_available ON experts (available);

CREATE INDEX ix_experts_department ON experts (department);

CREATE INDEX ix_experts_specialty ON experts (specialty);

CREATE TABLE headquarters_seats (
    post TEXT NOT NULL,
    seat INTEGER NOT NULL,
    holder TEXT,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    phone_sealed BYTEA,
    phone_masked TEXT,
    CONSTRAINT pk_headquarters_seats PRIMARY KEY (id),
    CONSTRAINT uq_headquarters_seats_post_seat UNIQUE (post, seat),
    CONSTRAINT ck_headquarters_seats_seat CHECK (seat >= 1)
);

CREATE TABLE incidents (
    number TEXT NOT NULL,
    exercise BOOLEAN NOT NULL,
    kind TEXT NOT NULL,
    division TEXT,
    supervisor TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    unit TEXT,
    place TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE,
    unit_informed_at TIMESTAMP WITH TIME ZONE,
    first_known_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    verified_at TIMESTAMP WITH TIME ZONE,
    deaths INTEGER,
    serious_injuries INTEGER,
    endangered INTEGER,
    missing INTEGER,
    direct_loss_yuan NUMERIC(18, 2),
    beyond_company_capacity BOOLEAN,
    beyond_district_capacity BOOLEAN,
    headquarters_decides_iii BOOLEAN NOT NULL,
    said JSONB NOT NULL,
    grade TEXT NOT NULL,
    response_level TEXT NOT NULL,
    special_plan TEXT,
    referred_to TEXT,
    investigation_received_at TIMESTAMP WITH TIME ZONE,
    investigation_approved_at TIMESTAMP WITH TIME ZONE,
    appraisal_days INTEGER NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    timeline_seq INTEGER NOT NULL,
    timeline_hash TEXT NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT pk_incidents PRIMARY KEY (id),
    CONSTRAINT ck_incidents_deaths CHECK (deaths >= 0),
    CONSTRAINT ck_incidents_serious_injuries CHECK (serious_injuries >= 0),
    CONSTRAINT ck_incidents_endangered CHECK (endangered >= 0),
    CONSTRAINT ck_incidents_missing CHECK (missing >= 0),
    CONSTRAINT ck_incidents_direct_loss CHECK (direct_loss_yuan >= 0),
    CONSTRAINT ck_incidents_somewhere CHECK (unit is not null or place is not null),
    CONSTRAINT ck_incidents_grade CHECK (grade in ('general','larger','major','especially_major')),
    CONSTRAINT ck_incidents_response_level CHECK (response_level in ('IV','III','II','I')),
    CONSTRAINT uq_incidents_number UNIQUE (number)
);

CREATE INDEX ix_incidents_division ON incidents (division);

CREATE INDEX ix_incidents_recorded_at_id ON incidents (recorded_at, id);

CREATE TABLE member_units (
    unit TEXT NOT NULL,
    origin TEXT NOT NULL,
    liaison TEXT,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    phone_sealed BYTEA,
    phone_masked TEXT,
    CONSTRAINT pk_member_units PRIMARY KEY (id),
    CONSTRAINT ck_member_units_origin CHECK (origin in ('plan','added')),
    CONSTRAINT uq_member_units_unit UNIQUE (unit)
);

CREATE INDEX ix_member_units_origin ON member_units (origin);

CREATE TABLE operators (
    name TEXT NOT NULL,
    service TEXT NOT NULL,
    contact TEXT,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    phone_sealed BYTEA,
    phone_masked TEXT,
    CONSTRAINT pk_operators PRIMARY KEY (id),
    CONSTRAINT uq_operators_name UNIQUE (name)
);

CREATE TABLE opinions (
    summary TEXT NOT NULL,
    source TEXT NOT NULL,
    address TEXT,
    found_at TIMESTAMP WITH TIME ZONE NOT NULL,
    street TEXT,
    incident TEXT,
    state TEXT NOT NULL,
    verdict TEXT,
    findings TEXT,
    checked_at TIMESTAMP WITH TIME ZONE,
    answer TEXT,
    answered_at TIMESTAMP WITH TIME ZONE,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_opinions PRIMARY KEY (id),
    CONSTRAINT ck_opinions_state CHECK (state in ('found','checked','answered')),
    CONSTRAINT ck_opinions_verdict CHECK (verdict in ('true','partly_true','false','unclear')),
    CONSTRAINT ck_opinions_checked CHECK ((state = 'found') = (checked_at is null)),
    CONSTRAINT ck_opinions_answered CHECK ((state = 'answered') = (answered_at is not null))
);

CREATE INDEX ix_opinions_incident ON opinions (incident);

CREATE INDEX ix_opinions_state ON opinions (state);

CREATE INDEX ix_opinions_street ON opinions (street);

CREATE TABLE rescue_teams (
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    skills TEXT,
    members INTEGER NOT NULL,
    street TEXT,
    place TEXT NOT NULL,
    leader TEXT,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    phone_sealed BYTEA,
    phone_masked TEXT,
    CONSTRAINT pk_rescue_teams PRIMARY KEY (id),
    CONSTRAINT ck_rescue_teams_kind CHECK (kind in ('fire','professional','social','company','military')),
    CONSTRAINT ck_rescue_teams_members CHECK (members >= 1),
    CONSTRAINT uq_rescue_teams_name UNIQUE (name)
);

CREATE INDEX ix_rescue_teams_kind ON rescue_teams (kind);

CREATE INDEX ix_rescue_teams_street ON rescue_teams (street);

CREATE TABLE supplies (
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    measure TEXT NOT NULL,
    stock INTEGER NOT NULL,
    minimum INTEGER NOT NULL,
    keeper TEXT NOT NULL,
    street TEXT,
    place TEXT NOT NULL,
    latitude NUMERIC(9, 6),
    longitude NUMERIC(9, 6),
    contact TEXT,
    checked_on DATE,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    phone_sealed BYTEA,
    phone_masked TEXT,
    CONSTRAINT pk_supplies PRIMARY KEY (id),
    CONSTRAINT ck_supplies_stock CHECK (stock >= 0),
    CONSTRAINT ck_supplies_minimum CHECK (minimum >= 0),
    CONSTRAINT ck_supplies_category CHECK (category in ('supplies','equipment','medical','transport')),
    CONSTRAINT ck_supplies_position CHECK ((latitude is null) = (longitude is null))
);

CREATE INDEX ix_supplies_category ON supplies (category);

CREATE INDEX ix_supplies_keeper ON supplies (keeper);

CREATE INDEX ix_supplies_street ON supplies (street);

CREATE TABLE accountabilities (
    incident_id UUID NOT NULL,
    kind TEXT NOT NULL,
    whom TEXT NOT NULL,
    what TEXT NOT NULL,
    document TEXT,
    decided_on DATE NOT NULL,
    id UUID NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    CONSTRAINT pk_accountabilities PRIMARY KEY (id),
    CONSTRAINT ck_accountabilities_kind CHECK (kind in ('commendation','accountability')),
    CONSTRAINT fk_accountabilities_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE INDEX ix_accountabilities_incident_id ON accountabilities (incident_id);

CREATE TABLE breaches (
    incident_id UUID NOT NULL,
    deadline TEXT NOT NULL,
    due TIMESTAMP WITH TIME ZONE NOT NULL,
    provisional BOOLEAN NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE NOT NULL,
    clause TEXT NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT pk_breaches PRIMARY KEY (id),
    CONSTRAINT uq_breaches_incident_id_deadline_due UNIQUE (incident_id, deadline, due),
    CONSTRAINT fk_breaches_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE TABLE command_tenures (
    incident_id UUID NOT NULL,
    commander TEXT NOT NULL,
    name TEXT,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    CONSTRAINT pk_command_tenures PRIMARY KEY (id),
    CONSTRAINT ck_command_tenures_commander CHECK (commander in ('company','district','higher')),
    CONSTRAINT ck_command_tenures_order CHECK (until >= since),
    CONSTRAINT fk_command_tenures_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE UNIQUE INDEX uq_command_tenures_now ON command_tenures (incident_id) WHERE until IS NULL;

CREATE TABLE companies (
    name TEXT NOT NULL,
    uscc TEXT,
    kind TEXT NOT NULL,
    size TEXT NOT NULL,
    in_park BOOLEAN NOT NULL,
    supervisor TEXT NOT NULL,
    street TEXT NOT NULL,
    address TEXT,
    contact TEXT,
    rescuer TEXT,
    own_team_id UUID,
    joint_team_id UUID,
    agreement_team_id UUID,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    phone_sealed BYTEA,
    phone_masked TEXT,
    CONSTRAINT pk_companies PRIMARY KEY (id),
    CONSTRAINT ck_companies_kind CHECK (kind in ('dangerous_goods','mining','smelting','urban_transport','construction','hotel','mall','entertainment','scenic_area','other_crowded','other')),
    CONSTRAINT ck_companies_size CHECK (size in ('large','medium','small','micro')),
    CONSTRAINT uq_companies_name UNIQUE (name),
    CONSTRAINT uq_companies_uscc UNIQUE (uscc),
    CONSTRAINT uq_companies_own_team_id UNIQUE (own_team_id),
    CONSTRAINT fk_companies_own_team_id FOREIGN KEY(own_team_id) REFERENCES rescue_teams (id),
    CONSTRAINT fk_companies_joint_team_id FOREIGN KEY(joint_team_id) REFERENCES rescue_teams (id),
    CONSTRAINT fk_companies_agreement_team_id FOREIGN KEY(agreement_team_id) REFERENCES rescue_teams (id)
);

CREATE INDEX ix_companies_agreement_team_id ON companies (agreement_team_id);

CREATE INDEX ix_companies_joint_team_id ON companies (joint_team_id);

CREATE INDEX ix_companies_kind ON companies (kind);

CREATE INDEX ix_companies_street ON companies (street);

CREATE INDEX ix_companies_supervisor ON companies (supervisor);

CREATE TABLE costs (
    incident_id UUID NOT NULL,
    what TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    amount_yuan NUMERIC(18, 2) NOT NULL,
    payer TEXT NOT NULL,
    shifted_at TIMESTAMP WITH TIME ZONE,
    shift_reason TEXT,
    settled_at TIMESTAMP WITH TIME ZONE,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT pk_costs PRIMARY KEY (id),
    CONSTRAINT ck_costs_amount CHECK (amount_yuan > 0),
    CONSTRAINT ck_costs_payer CHECK (payer in ('responsible_unit','street')),
    CONSTRAINT ck_costs_shifted CHECK ((payer = 'street') = (shifted_at is not null)),
    CONSTRAINT fk_costs_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE INDEX ix_costs_incident_id ON costs (incident_id);

CREATE TABLE evaluations (
    incident_id UUID NOT NULL,
    report TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    CONSTRAINT pk_evaluations PRIMARY KEY (incident_id),
    CONSTRAINT fk_evaluations_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE TABLE evidence (
    incident_id UUID NOT NULL,
    what TEXT NOT NULL,
    why TEXT NOT NULL,
    stood_at TEXT NOT NULL,
    moved_to TEXT NOT NULL,
    recorded_how TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT pk_evidence PRIMARY KEY (id),
    CONSTRAINT fk_evidence_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE INDEX ix_evidence_incident_id ON evidence (incident_id);

CREATE TABLE field_headquarters (
    incident_id UUID NOT NULL,
    commander_name TEXT,
    place TEXT NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    wind_from DOUBLE PRECISION,
    assembly_point TEXT,
    supply_point TEXT,
    press_centre TEXT,
    set_up_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_field_headquarters PRIMARY KEY (incident_id),
    CONSTRAINT fk_field_headquarters_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE TABLE findings (
    incident_id UUID NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    evidence TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    client_unit TEXT,
    id UUID NOT NULL,
    CONSTRAINT pk_findings PRIMARY KEY (id),
    CONSTRAINT ck_findings_kind CHECK (kind in ('late','omitted','false','concealed')),
    CONSTRAINT fk_findings_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE INDEX ix_findings_incident_id ON findings (incident_id);

CREATE TABLE forces (
    incident_id UUID NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    persons INTEGER NOT NULL,
    equipment TEXT,
    leader TEXT,
    checked_in_at TIMESTAMP WITH TIME ZONE NOT NULL,
    checked_out_at TIMESTAMP WITH TIME ZONE,
    in_zone INTEGER NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT pk_forces PRIMARY KEY (id),
    CONSTRAINT ck_forces_persons CHECK (persons >= 1),
    CONSTRAINT ck_forces_in_zone CHECK (in_zone >= 0 and in_zone <= persons),
    CONSTRAINT ck_forces_out CHECK (checked_out_at is null or in_zone = 0),
    CONSTRAINT fk_forces_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE UNIQUE INDEX uq_forces_on_site ON forces (incident_id, name) WHERE checked_out_at IS NULL;

CREATE TABLE hand_overs (
    incident_id UUID NOT NULL,
    giver TEXT NOT NULL,
    taker TEXT NOT NULL,
    briefing JSONB NOT NULL,
    state TEXT NOT NULL,
    offered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    offered_by TEXT NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE,
    answered_by TEXT,
    remark TEXT,
    id UUID NOT NULL,
    CONSTRAINT pk_hand_overs PRIMARY KEY (id),
    CONSTRAINT ck_hand_overs_state CHECK (state in ('offered','taken','declined')),
    CONSTRAINT ck_hand_overs_answered CHECK ((state = 'offered') = (answered_at is null)),
    CONSTRAINT fk_hand_overs_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE UNIQUE INDEX uq_hand_overs_open ON hand_overs (incident_id) WHERE state = 'offered';

CREATE TABLE incident_deadlines (
    incident_id UUID NOT NULL,
    deadline TEXT NOT NULL,
    position INTEGER NOT NULL,
    asks TEXT NOT NULL,
    owner TEXT NOT NULL,
    since TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due TIMESTAMP WITH TIME ZONE NOT NULL,
    remind_at TIMESTAMP WITH TIME ZONE NOT NULL,
    provisional BOOLEAN NOT NULL,
    "window" BOOLEAN NOT NULL,
    clause TEXT NOT NULL,
    law TEXT,
    article TEXT,
    running BOOLEAN NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    extended_days INTEGER NOT NULL,
    owed_since TIMESTAMP WITH TIME ZONE,
    reminded_for TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_incident_deadlines PRIMARY KEY (incident_id, deadline),
    CONSTRAINT fk_incident_deadlines_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE INDEX ix_incident_deadlines_open ON incident_deadlines (remind_at) WHERE running AND done_at IS NULL AND NOT "window";

CREATE TABLE incident_reports (
    incident_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    reporter TEXT,
    reporter_name BYTEA,
    reporter_phone BYTEA,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    facts JSONB NOT NULL,
    grade TEXT NOT NULL,
    response_level TEXT NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT pk_incident_reports PRIMARY KEY (id),
    CONSTRAINT uq_incident_reports_incident_id_seq UNIQUE (incident_id, seq),
    CONSTRAINT ck_incident_reports_kind CHECK (kind in ('first','follow_up','written','closing')),
    CONSTRAINT fk_incident_reports_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE TABLE investigations (
    incident_id UUID NOT NULL,
    authority TEXT NOT NULL,
    report TEXT NOT NULL,
    cause TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    approval TEXT,
    approved_at TIMESTAMP WITH TIME ZONE,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    CONSTRAINT pk_investigations PRIMARY KEY (incident_id),
    CONSTRAINT ck_investigations_order CHECK (approved_at >= received_at),
    CONSTRAINT ck_investigations_approved CHECK ((approved_at is null) = (approval is null)),
    CONSTRAINT fk_investigations_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE TABLE measures (
    incident_id UUID NOT NULL,
    text TEXT NOT NULL,
    owner TEXT NOT NULL,
    due DATE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    evidence TEXT,
    id UUID NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    CONSTRAINT pk_measures PRIMARY KEY (id),
    CONSTRAINT ck_measures_done CHECK ((done_at is null) = (evidence is null)),
    CONSTRAINT fk_measures_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE INDEX ix_measures_incident_id ON measures (incident_id);

CREATE TABLE releases (
    incident_id UUID NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    form TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    drafted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    drafted_by TEXT NOT NULL,
    authority TEXT,
    document TEXT,
    text_hash TEXT,
    approved_at TIMESTAMP WITH TIME ZONE,
    approved_by TEXT,
    published_at TIMESTAMP WITH TIME ZONE,
    channels TEXT[] NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_releases PRIMARY KEY (id),
    CONSTRAINT ck_releases_state CHECK (state in ('drafted','approved','published')),
    CONSTRAINT ck_releases_approved CHECK ((state = 'drafted') = (approved_at is null)),
    CONSTRAINT ck_releases_published CHECK ((state = 'published') = (published_at is not null)),
    CONSTRAINT fk_releases_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE INDEX ix_releases_incident_id ON releases (incident_id);

CREATE TABLE resource_uses (
    incident_id UUID NOT NULL,
    supply_id UUID NOT NULL,
    reserved INTEGER NOT NULL,
    used INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    requisitioned BOOLEAN NOT NULL,
    reserved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT pk_resource_uses PRIMARY KEY (id),
    CONSTRAINT ck_resource_uses_reserved CHECK (reserved >= 1),
    CONSTRAINT ck_resource_uses_balance CHECK (used >= 0 and returned >= 0 and used + returned <= reserved),
    CONSTRAINT fk_resource_uses_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id),
    CONSTRAINT fk_resource_uses_supply_id FOREIGN KEY(supply_id) REFERENCES supplies (id)
);

CREATE INDEX ix_resource_uses_incident_id ON resource_uses (incident_id);

CREATE INDEX ix_resource_uses_supply_id ON resource_uses (supply_id);

CREATE TABLE response_plans (
    incident_id UUID NOT NULL,
    version INTEGER NOT NULL,
    text TEXT NOT NULL,
    experts TEXT,
    state TEXT NOT NULL,
    drafted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    drafted_by TEXT NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    confirmed_by TEXT,
    id UUID NOT NULL,
    CONSTRAINT pk_response_plans PRIMARY KEY (id),
    CONSTRAINT uq_response_plans_incident_id_version UNIQUE (incident_id, version),
    CONSTRAINT ck_response_plans_state CHECK (state in ('drafted','confirmed','superseded')),
    CONSTRAINT fk_response_plans_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE UNIQUE INDEX uq_response_plans_confirmed ON response_plans (incident_id) WHERE state = 'confirmed';

CREATE TABLE responses (
    incident_id UUID NOT NULL,
    state TEXT NOT NULL,
    level TEXT NOT NULL,
    departments TEXT[] NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    started_by TEXT,
    adjusted_at TIMESTAMP WITH TIME ZONE,
    end_asked_by TEXT[] NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_responses PRIMARY KEY (incident_id),
    CONSTRAINT ck_responses_state CHECK (state in ('adjusted','ended','proposed','started')),
    CONSTRAINT ck_responses_started CHECK ((state = 'proposed') = (started_at is null)),
    CONSTRAINT ck_responses_ended CHECK ((state = 'ended') = (ended_at is not null)),
    CONSTRAINT fk_responses_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE TABLE route_steps (
    incident_id UUID NOT NULL,
    step TEXT NOT NULL,
    channel TEXT NOT NULL,
    received_by TEXT,
    done_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_route_steps PRIMARY KEY (incident_id, step),
    CONSTRAINT fk_route_steps_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE TABLE timeline (
    incident_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    client_unit TEXT,
    clause TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_timeline PRIMARY KEY (incident_id, seq),
    CONSTRAINT fk_timeline_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE INDEX ix_timeline_occurred ON timeline (incident_id, occurred_at, seq);

CREATE TABLE withdrawals (
    incident_id UUID NOT NULL,
    reason TEXT NOT NULL,
    ordered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ordered_by TEXT NOT NULL,
    lifted_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    CONSTRAINT pk_withdrawals PRIMARY KEY (id),
    CONSTRAINT fk_withdrawals_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id)
);

CREATE UNIQUE INDEX uq_withdrawals_in_force ON withdrawals (incident_id) WHERE lifted_at IS NULL;

CREATE TABLE company_warnings (
    company_id UUID NOT NULL,
    department TEXT NOT NULL,
    street TEXT NOT NULL,
    exercise BOOLEAN NOT NULL,
    colour TEXT,
    signs TEXT NOT NULL,
    measures TEXT,
    found_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE,
    received_by TEXT,
    finding TEXT,
    id UUID NOT NULL,
    CONSTRAINT pk_company_warnings PRIMARY KEY (id),
    CONSTRAINT ck_company_warnings_state CHECK (state in ('sent','received')),
    CONSTRAINT ck_company_warnings_received CHECK ((state = 'received') = (received_at is not null)),
    CONSTRAINT ck_company_warnings_colour CHECK (colour in ('blue','yellow','orange','red')),
    CONSTRAINT fk_company_warnings_company_id FOREIGN KEY(company_id) REFERENCES companies (id)
);

CREATE INDEX ix_company_warnings_company_id ON company_warnings (company_id);

CREATE INDEX ix_company_warnings_department ON company_warnings (department);

CREATE INDEX ix_company_warnings_street ON company_warnings (street);

CREATE INDEX ix_company_warnings_unread ON company_warnings (department) WHERE state = 'sent';

CREATE TABLE field_groups (
    incident_id UUID NOT NULL,
    "group" TEXT NOT NULL,
    set_up_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_field_groups PRIMARY KEY (incident_id, "group"),
    CONSTRAINT fk_field_groups_incident_id FOREIGN KEY(incident_id) REFERENCES field_headquarters (incident_id)
);

CREATE TABLE hazard_sources (
    company_id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    grade INTEGER,
    street TEXT NOT NULL,
    place TEXT NOT NULL,
    monitored_online BOOLEAN NOT NULL,
    filed_with TEXT,
    filed_on DATE,
    filing_number TEXT,
    assessed_on DATE,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_hazard_sources PRIMARY KEY (id),
    CONSTRAINT ck_hazard_sources_grade CHECK (grade between 1 and 4),
    CONSTRAINT ck_hazard_sources_filed CHECK ((filed_on is null) = (filed_with is null)),
    CONSTRAINT uq_hazard_sources_company_id_name UNIQUE (company_id, name),
    CONSTRAINT fk_hazard_sources_company_id FOREIGN KEY(company_id) REFERENCES companies (id)
);

CREATE INDEX ix_hazard_sources_filed_with ON hazard_sources (filed_with);

CREATE INDEX ix_hazard_sources_grade ON hazard_sources (grade);

CREATE INDEX ix_hazard_sources_street ON hazard_sources (street);

CREATE TABLE plans (
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    owner TEXT,
    company_id UUID,
    parent_id UUID,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_plans PRIMARY KEY (id),
    CONSTRAINT uq_plans_owner_name UNIQUE (owner, name),
    CONSTRAINT uq_plans_company_id_name UNIQUE (company_id, name),
    CONSTRAINT ck_plans_level CHECK (level in ('district','special','department','street','company')),
    CONSTRAINT ck_plans_company CHECK ((level = 'company') = (company_id is not null)),
    CONSTRAINT ck_plans_owner CHECK ((owner is null) <> (company_id is null)),
    CONSTRAINT ck_plans_parent CHECK (parent_id <> id),
    CONSTRAINT fk_plans_company_id FOREIGN KEY(company_id) REFERENCES companies (id),
    CONSTRAINT fk_plans_parent_id FOREIGN KEY(parent_id) REFERENCES plans (id)
);

CREATE INDEX ix_plans_level ON plans (level);

CREATE INDEX ix_plans_parent_id ON plans (parent_id);

CREATE UNIQUE INDEX uq_plans_district ON plans (level) WHERE level = 'district';

CREATE TABLE risk_analyses (
    company_id UUID NOT NULL,
    month DATE NOT NULL,
    analysed_on DATE NOT NULL,
    risk TEXT NOT NULL,
    findings TEXT NOT NULL,
    measures TEXT,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_risk_analyses PRIMARY KEY (id),
    CONSTRAINT uq_risk_analyses_company_id_month UNIQUE (company_id, month),
    CONSTRAINT ck_risk_analyses_month CHECK (extract(day from month) = 1),
    CONSTRAINT ck_risk_analyses_risk CHECK (risk in ('low','ordinary','larger','major')),
    CONSTRAINT fk_risk_analyses_company_id FOREIGN KEY(company_id) REFERENCES companies (id)
);

CREATE INDEX ix_risk_analyses_month ON risk_analyses (month);

CREATE INDEX ix_risk_analyses_risk ON risk_analyses (risk);

CREATE TABLE withdrawal_notices (
    withdrawal_id UUID NOT NULL,
    force_id UUID NOT NULL,
    acknowledged_at TIMESTAMP WITH TIME ZONE,
    acknowledged_by TEXT,
    CONSTRAINT pk_withdrawal_notices PRIMARY KEY (withdrawal_id, force_id),
    CONSTRAINT fk_withdrawal_notices_withdrawal_id FOREIGN KEY(withdrawal_id) REFERENCES withdrawals (id),
    CONSTRAINT fk_withdrawal_notices_force_id FOREIGN KEY(force_id) REFERENCES forces (id)
);

CREATE TABLE drills (
    name TEXT NOT NULL,
    plan_id UUID NOT NULL,
    organisers TEXT[] NOT NULL,
    held_on DATE NOT NULL,
    kind TEXT NOT NULL,
    place TEXT,
    participants INTEGER NOT NULL,
    incident TEXT,
    summary TEXT,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_drills PRIMARY KEY (id),
    CONSTRAINT ck_drills_organisers CHECK (cardinality(organisers) > 0),
    CONSTRAINT ck_drills_kind CHECK (kind in ('tabletop','practical','functional')),
    CONSTRAINT ck_drills_participants CHECK (participants >= 1),
    CONSTRAINT fk_drills_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id)
);

CREATE INDEX ix_drills_held_on ON drills (held_on);

CREATE INDEX ix_drills_kind ON drills (kind);

CREATE INDEX ix_drills_plan_id ON drills (plan_id);

CREATE TABLE plan_versions (
    plan_id UUID NOT NULL,
    label TEXT NOT NULL,
    document TEXT,
    issued_on DATE NOT NULL,
    effective_on DATE NOT NULL,
    filed_with TEXT,
    filed_on DATE,
    id UUID NOT NULL,
    CONSTRAINT pk_plan_versions PRIMARY KEY (id),
    CONSTRAINT uq_plan_versions_plan_id_label UNIQUE (plan_id, label),
    CONSTRAINT ck_plan_versions_filed CHECK ((filed_on is null) = (filed_with is null)),
    CONSTRAINT ck_plan_versions_filed_after_issue CHECK (filed_on >= issued_on),
    CONSTRAINT ck_plan_versions_effective CHECK (effective_on >= issued_on),
    CONSTRAINT fk_plan_versions_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE CASCADE
);

CREATE TABLE warnings (
    number TEXT NOT NULL,
    state TEXT NOT NULL,
    exercise BOOLEAN NOT NULL,
    issuer TEXT,
    issued_at TIMESTAMP WITH TIME ZONE,
    accident_type TEXT,
    expected_grade TEXT,
    colour TEXT,
    starts_at TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE,
    areas JSONB NOT NULL,
    measures TEXT,
    description TEXT,
    urgency TEXT NOT NULL,
    certainty TEXT NOT NULL,
    categories TEXT[] NOT NULL,
    response_types TEXT[] NOT NULL,
    event_code TEXT,
    channels TEXT[] NOT NULL,
    departments TEXT[] NOT NULL,
    incident TEXT,
    company_warning_id UUID,
    lifted_at TIMESTAMP WITH TIME ZONE,
    lift_reason TEXT,
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_warnings PRIMARY KEY (id),
    CONSTRAINT ck_warnings_state CHECK (state in ('draft','issued','adjusted','lifted')),
    CONSTRAINT ck_warnings_colour CHECK (colour in ('blue','yellow','orange','red')),
    CONSTRAINT ck_warnings_content CHECK (state = 'draft' or (issuer is not null and issued_at is not null and accident_type is not null and colour is not null and starts_at is not null and measures is not null and jsonb_array_length(areas) > 0)),
    CONSTRAINT ck_warnings_lifted CHECK ((state = 'lifted') = (lifted_at is not null)),
    CONSTRAINT uq_warnings_number UNIQUE (number),
    CONSTRAINT fk_warnings_company_warning_id FOREIGN KEY(company_warning_id) REFERENCES company_warnings (id)
);

CREATE INDEX ix_warnings_colour ON warnings (colour);

CREATE INDEX ix_warnings_company_warning_id ON warnings (company_warning_id);

CREATE INDEX ix_warnings_issuer ON warnings (issuer);

CREATE INDEX ix_warnings_state ON warnings (state);

CREATE TABLE assignments (
    kind TEXT NOT NULL,
    incident_id UUID,
    warning_id UUID,
    number TEXT NOT NULL,
    exercise BOOLEAN NOT NULL,
    entry TEXT NOT NULL,
    position INTEGER NOT NULL,
    part TEXT,
    owner TEXT NOT NULL,
    unit TEXT,
    owner_name TEXT NOT NULL,
    does TEXT NOT NULL,
    if_needed BOOLEAN NOT NULL,
    clause TEXT NOT NULL,
    state TEXT NOT NULL,
    due TIMESTAMP WITH TIME ZONE,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    acknowledged_at TIMESTAMP WITH TIME ZONE,
    done_at TIMESTAMP WITH TIME ZONE,
    result TEXT,
    reminders INTEGER NOT NULL,
    remind_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    CONSTRAINT pk_assignments PRIMARY KEY (id),
    CONSTRAINT uq_assignments_incident_id_kind_entry_owner UNIQUE (incident_id, kind, entry, owner),
    CONSTRAINT uq_assignments_warning_id_entry_owner UNIQUE (warning_id, entry, owner),
    CONSTRAINT ck_assignments_kind CHECK (kind in ('response','warning','aftermath')),
    CONSTRAINT ck_assignments_asked_by CHECK (num_nonnulls(incident_id, warning_id) = 1),
    CONSTRAINT ck_assignments_of_warning CHECK ((kind = 'warning') = (warning_id is not null)),
    CONSTRAINT ck_assignments_state CHECK (state in ('open','acknowledged','done','waived','stopped')),
    CONSTRAINT ck_assignments_done CHECK ((state in ('done','waived')) = (done_at is not null)),
    CONSTRAINT fk_assignments_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id),
    CONSTRAINT fk_assignments_warning_id FOREIGN KEY(warning_id) REFERENCES warnings (id)
);

CREATE INDEX ix_assignments_number ON assignments (number);

CREATE INDEX ix_assignments_open ON assignments (unit) WHERE state in ('open','acknowledged');

CREATE INDEX ix_assignments_remind_at ON assignments (remind_at) WHERE state = 'open';

CREATE TABLE revision_triggers (
    plan_id UUID NOT NULL,
    trigger TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    closed_by UUID,
    id UUID NOT NULL,
    CONSTRAINT pk_revision_triggers PRIMARY KEY (id),
    CONSTRAINT ck_revision_triggers_closed CHECK ((closed_at is null) = (closed_by is null)),
    CONSTRAINT fk_revision_triggers_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id),
    CONSTRAINT fk_revision_triggers_closed_by FOREIGN KEY(closed_by) REFERENCES plan_versions (id)
);

CREATE INDEX ix_revision_triggers_open ON revision_triggers (plan_id) WHERE closed_at is null;

CREATE INDEX ix_revision_triggers_plan_id ON revision_triggers (plan_id);

CREATE TABLE warning_messages (
    warning_id UUID NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    identifier TEXT NOT NULL,
    sender TEXT NOT NULL,
    sent TEXT NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    exercise BOOLEAN NOT NULL,
    colour TEXT NOT NULL,
    headline TEXT NOT NULL,
    instruction TEXT NOT NULL,
    xml BYTEA NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT pk_warning_messages PRIMARY KEY (id),
    CONSTRAINT uq_warning_messages_warning_id_number UNIQUE (warning_id, number),
    CONSTRAINT ck_warning_messages_kind CHECK (kind in ('Alert','Update','Cancel')),
    CONSTRAINT ck_warning_messages_first CHECK ((number = 1) = (kind = 'Alert')),
    CONSTRAINT fk_warning_messages_warning_id FOREIGN KEY(warning_id) REFERENCES warnings (id),
    CONSTRAINT uq_warning_messages_identifier UNIQUE (identifier)
);

CREATE INDEX ix_warning_messages_sent_at ON warning_messages (sent_at);

CREATE TABLE assignment_steps (
    assignment_id UUID NOT NULL,
    action TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    client TEXT NOT NULL,
    client_unit TEXT,
    note TEXT,
    id UUID NOT NULL,
    CONSTRAINT pk_assignment_steps PRIMARY KEY (id),
    CONSTRAINT fk_assignment_steps_assignment_id FOREIGN KEY(assignment_id) REFERENCES assignments (id)
);

CREATE INDEX ix_assignment_steps_assignment_id ON assignment_steps (assignment_id);

CREATE TABLE drill_problems (
    drill_id UUID NOT NULL,
    found TEXT NOT NULL,
    advice TEXT,
    trigger_id UUID,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT pk_drill_problems PRIMARY KEY (id),
    CONSTRAINT fk_drill_problems_drill_id FOREIGN KEY(drill_id) REFERENCES drills (id),
    CONSTRAINT fk_drill_problems_trigger_id FOREIGN KEY(trigger_id) REFERENCES revision_triggers (id)
);

CREATE INDEX ix_drill_problems_drill_id ON drill_problems (drill_id);

CREATE TABLE warning_deliveries (
    message_id UUID NOT NULL,
    step INTEGER NOT NULL,
    "to" TEXT NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    done_by TEXT,
    id UUID NOT NULL,
    CONSTRAINT pk_warning_deliveries PRIMARY KEY (id),
    CONSTRAINT uq_warning_deliveries_message_id_to UNIQUE (message_id, "to"),
    CONSTRAINT ck_warning_deliveries_step CHECK (step between 0 and 2),
    CONSTRAINT ck_warning_deliveries_done CHECK ((done_at is null) = (done_by is null)),
    CONSTRAINT fk_warning_deliveries_message_id FOREIGN KEY(message_id) REFERENCES warning_messages (id)
);

